// What ends an issued invoice other than money: a void, a write-off; and the recovery of what was written off.
#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/pairing.h"

namespace billing::invoice {
namespace {

StreamId stream_of(InvoiceId id) { return {StreamKind::kInvoice, id.uuid}; }

// An issued invoice none of whose accounts is frozen. A closed one does not matter: what is open there is owed all the same.
Result<const State*> find_movable(const billing::State& state, InvoiceId id) {
  BILLING_TRY(invoice, find_issued_invoice(state, id, "/id"));
  const auto frozen = [&](AccountId account) { return state.accounts.at(account).frozen; };
  for (const AccountId account : {invoice->account, invoice->payer}) {
    if (frozen(account)) return refuse(Code::kAccountFrozen, state.accounts.at(account).number, "/id");
  }
  for (const ShareState& share : invoice->shares) {
    if (frozen(share.account)) return refuse(Code::kAccountFrozen, state.accounts.at(share.account).number, "/id");
  }
  return invoice;
}

std::int64_t written_off(const State& invoice) {
  std::int64_t sum = 0;
  for (const ShareState& share : invoice.shares) sum += share.written_off;
  return sum;
}

// The same part of the tax relief as of what is written off; recovered in full, all of it.
std::int64_t relief_given_back(const State& invoice, std::int64_t amount) {
  if (invoice.tax_relief == 0) return 0;
  const int128 part = divide_half_up(int128{invoice.tax_relief} * amount, written_off(invoice));
  return std::min(static_cast<std::int64_t>(part), amount);  // recoveries of edition 2 gave none back
}

// The tax that neither credit notes nor earlier write-offs took.
std::int64_t tax_left(const State& invoice) {
  std::int64_t sum = -invoice.tax_relief;
  for (const LineState& line : invoice.lines) sum += line.tax - line.credited_tax;
  return sum;
}

// Only what credit notes took is not open any more.
Result<void> check_voidable(const State& invoice) {
  if (invoice.paid > 0) return refuse(Code::kInvoicePaid, "payments were used on " + invoice.number, "/id");
  if (invoice.credit > 0) return refuse(Code::kInvoicePaid, "credit was used on " + invoice.number, "/id");
  if (invoice.reserved > 0) return refuse(Code::kMoneyReserved, invoice.number, "/id");
  if (written_off(invoice) > 0) {
    return refuse(Code::kInvoicePaid, "a write-off stands: recover it first", "/id");
  }
  for (const ShareState& share : invoice.shares) {
    if (share.open == share.billed - share.credited) continue;
    return refuse(Code::kInvoicePaid, "not all that is gone from it was credited by its notes", "/id");
  }
  return {};
}

// All that is left of each line: net, and given taxes by name; the note computes the others.
std::vector<Line> lines_left(const State& invoice) {
  std::vector<Line> lines;
  for (std::uint32_t n = 0; n < invoice.lines.size(); ++n) {
    const LineState& left = invoice.lines[n];
    if (left.net == left.credited_net && left.tax == left.credited_tax) continue;
    Line& line = lines.emplace_back();
    line.credited_line = n;
    line.net = left.net - left.credited_net;
    for (std::size_t i = left.first_tax; i < std::size_t{left.first_tax} + left.tax_count; ++i) {
      const LineTax& tax = invoice.line_taxes[i];
      const TaxGroup& group = invoice.taxes[tax.group];
      if (group.computed || tax.amount == tax.credited) continue;
      line.taxes.push_back({group.authority, group.code, group.rate, line.net, tax.amount - tax.credited,
                            group.exempt_reason, false});
    }
  }
  return lines;
}

void close_dispute(const billing::State& state, const State& invoice, Date on, std::vector<StreamEvent>& events) {
  if (!invoice.dispute) return;
  on = std::max(on, state.disputes.at(*invoice.dispute).opened_on);
  events.push_back(fact({StreamKind::kDispute, invoice.dispute->uuid}, invoice.customer,
                        dispute::Closed{*invoice.dispute, invoice.id, invoice.account, dispute::Outcome::kCredited, on}));
}

Result<document::Dates> dates_after(const billing::State& state, const State& invoice, std::optional<Date> given,
                                    const Context& context) {
  BILLING_TRY(dates, document::check_document_date(state, state.accounts.at(invoice.account), given, context, "/on"));
  if (dates.document < invoice.document_date) {
    return refuse(Code::kInvalidDate, "the invoice is of " + invoice.document_date.text(), "/on");
  }
  return dates;
}

ShareState& share_of(State& invoice, AccountId account) {
  const auto share = std::ranges::find(invoice.shares, account, &ShareState::account);
  BILLING_ASSERT(share != invoice.shares.end());
  return *share;
}

}  // namespace

Decision decide(const billing::State& state, const Void& command, const Context& context) {
  BILLING_TRY(invoice, find_movable(state, command.id));
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  BILLING_CHECK(check_voidable(*invoice));
  std::vector<Line> lines = lines_left(*invoice);
  if (lines.size() > kLinesMax) {
    return refuse(Code::kTooManyLines, "credit all but 1,000 of its lines by notes first", "/id");
  }

  CreditNoteId note;
  std::vector<StreamEvent> events;
  if (!lines.empty()) {
    note = context.fresh_id<CreditNoteId>();
    credit_note::Issue issue;
    issue.id = note;
    issue.account = invoice->account;
    issue.invoice = invoice->id;
    issue.lines = std::move(lines);
    issue.reason = command.reason;
    BILLING_TRY(credited, credit_note::decide(state, issue, context));
    events = std::move(credited);
  }
  events.push_back(fact(stream_of(invoice->id), invoice->customer,
                        Voided{invoice->id, invoice->account, note, command.reason, context.today}));
  return events;
}

Decision decide(const billing::State& state, const WriteOff& command, const Context& context) {
  BILLING_TRY(invoice, find_movable(state, command.id));
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  BILLING_TRY(currency, document::check_currency(state, invoice->customer, command.currency, "/amount/currency"));
  BILLING_TRY(dates, dates_after(state, *invoice, command.on, context));
  const std::int64_t amount = command.amount.value_or(invoice->open);
  if (command.amount && amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  if (amount == 0 || amount > invoice->open) {
    return refuse(Code::kWriteOffExceedsOpen,
                  invoice->number + " has " + amount_text(invoice->open, currency) + " open", "/amount");
  }
  if (amount > invoice->open - invoice->reserved) return refuse(Code::kMoneyReserved, invoice->number, "/amount");
  if (command.tax_relief < 0) return refuse(Code::kInvalidAmount, "it is not negative", "/tax_relief");
  if (command.tax_relief > amount) {
    return refuse(Code::kSumMismatch, "it is a part of what is written off", "/tax_relief");
  }
  if (command.tax_relief > 0 && command.tax_relief > tax_left(*invoice)) {
    return refuse(Code::kSumMismatch, "it is more than the tax of " + invoice->number, "/tax_relief");
  }
  BILLING_CHECK(check_turnover(state, currency, amount));

  auto allocations = receivables::split_over_shares(state, invoice->id, amount);
  Timeline loss(dates.posting, amount);
  Date posting = dates.posting;
  for (const Pairing& one : receivables::PairingDays(state).match(loss, allocations, dates.posting)) {
    posting = std::max(posting, one.posting_date);  // opened again later than that
  }
  std::vector events{money_fact(stream_of(invoice->id), invoice->customer,
                                WrittenOff{invoice->id, invoice->account, command.reason, dates.document, posting, currency,
                                           amount, command.tax_relief, std::move(allocations)},
                                dates.document, posting, currency)};
  if (amount == invoice->open) close_dispute(state, *invoice, posting, events);
  return events;
}

Decision decide(const billing::State& state, const Recover& command, const Context& context) {
  BILLING_TRY(invoice, find_movable(state, command.id));
  BILLING_TRY(currency, document::check_currency(state, invoice->customer, command.currency, "/amount/currency"));
  BILLING_TRY(dates, dates_after(state, *invoice, command.on, context));
  if (dates.posting < invoice->written_off_on) {
    return refuse(Code::kInvalidDate, "it was written off on " + invoice->written_off_on.text(), "/on");
  }
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  if (command.amount > written_off(*invoice)) {
    return refuse(Code::kRecoveryExceedsWriteOff,
                  amount_text(written_off(*invoice), currency) + " of " + invoice->number + " is written off", "/amount");
  }
  BILLING_CHECK(check_turnover(state, currency, command.amount));

  std::vector<std::int64_t> weights;
  for (const ShareState& share : invoice->shares) weights.push_back(share.written_off);
  const auto parts = allocate(command.amount, weights);
  Recovered recovered{invoice->id, invoice->account, dates.document, dates.posting, currency, command.amount, {},
                      relief_given_back(*invoice, command.amount)};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != 0) recovered.allocations.push_back({invoice->id, invoice->shares[i].account, parts[i]});
  }
  return std::vector{money_fact(stream_of(invoice->id), invoice->customer, std::move(recovered), dates.document,
                                dates.posting, currency)};
}

void evolve(billing::State& state, const Voided& event) { state.invoices.at(event.id).phase = Phase::kVoid; }

void evolve(billing::State& state, const WrittenOff& event) {
  State& invoice = state.invoices.at(event.id);
  for (const Allocation& allocation : event.allocations) {
    share_of(invoice, allocation.account).written_off += allocation.amount;
  }
  invoice.tax_relief += event.tax_relief;
  state.turnover[event.currency] += event.amount;
  invoice.written_off_on = std::max(invoice.written_off_on, event.posting_date);
  receivables::reduce_items(state, event.allocations, event.posting_date);
}

void evolve(billing::State& state, const Recovered& event) {
  State& invoice = state.invoices.at(event.id);
  for (const Allocation& allocation : event.allocations) {
    share_of(invoice, allocation.account).written_off -= allocation.amount;
  }
  invoice.tax_relief -= event.tax_relief;
  state.turnover[event.currency] += event.amount;
  receivables::reopen_items(state, event.allocations, event.posting_date);
}

}  // namespace billing::invoice
