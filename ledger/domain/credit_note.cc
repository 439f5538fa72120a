#include "ledger/domain/credit_note.h"

#include <algorithm>
#include <map>

#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/external_id.h"
#include "ledger/domain/oldest_first.h"
#include "ledger/domain/pairing.h"
#include "ledger/domain/tax.h"

namespace billing::credit_note {
namespace {

constexpr std::string_view kSeries = "CN";

// From zero to what is left, whatever the sign of that.
bool within(std::int64_t amount, std::int64_t left) {
  return left < 0 ? amount >= left && amount <= 0 : amount >= 0 && amount <= left;
}

Error exceeds(const invoice::State& invoice, const Line& line, std::size_t n, std::string_view field) {
  return {Code::kCreditExceedsLine, "line " + std::to_string(*line.credited_line) + " of " + invoice.number,
          "/lines/" + std::to_string(n) + std::string(field)};
}

// Lines against an invoice take service account and revenue code from the invoice's line; together they may not give
// back more net than is left of it.
Result<void> adopt_invoice_lines(const invoice::State& invoice, std::vector<Line>& lines) {
  std::map<std::uint32_t, std::int64_t> used;  // line -> net of this note
  for (std::size_t n = 0; n < lines.size(); ++n) {
    Line& line = lines[n];
    const std::string pointer = "/lines/" + std::to_string(n);
    if (!line.credited_line || *line.credited_line >= invoice.lines.size()) {
      return refuse(Code::kUnknownLine, "invoice " + invoice.number, pointer + "/credited_line");
    }
    const invoice::LineState& left = invoice.lines[*line.credited_line];
    line.service_account = left.service_account;
    line.revenue_code = left.revenue_code;
    std::int64_t& net = used[*line.credited_line];
    const std::int64_t net_left = left.net - left.credited_net - net;
    if (line.net < 0 && net_left >= 0) return refuse(Code::kAmountNotPositive, {}, pointer + "/net");
    if (!within(line.net, net_left)) return std::unexpected(exceeds(invoice, line, n, "/net"));
    net += line.net;
  }
  return {};
}

// Nor more tax than is left of the line. Computed tax is right by itself; what is left of given taxes bounds the rest.
Result<void> check_taxes_left(const invoice::State& invoice, const std::vector<Line>& lines) {
  std::map<std::uint32_t, std::int64_t> given_left;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const Line& line = lines[n];
    const invoice::LineState& of = invoice.lines[*line.credited_line];
    const auto [left, added] = given_left.try_emplace(*line.credited_line, 0);
    for (std::size_t i = of.first_tax; added && i < std::size_t{of.first_tax} + of.tax_count; ++i) {
      const invoice::LineTax& tax = invoice.line_taxes[i];
      if (!invoice.taxes[tax.group].computed) left->second += tax.amount - tax.credited;
    }
    std::int64_t given = 0;
    for (const Tax& tax : line.taxes) given += tax.computed ? 0 : tax.amount;
    if (!within(given, left->second)) return std::unexpected(exceeds(invoice, line, n, "/taxes"));
    left->second -= given;
  }
  return {};
}

// Nor more than is left of a service account's share: what was written off of it is not the customer's to get back.
Result<void> check_shares_left(const invoice::State& invoice, const std::vector<Share>& shares) {
  for (const Share& share : shares) {
    const auto of = std::ranges::find(invoice.shares, share.account, &invoice::ShareState::account);
    const std::int64_t left = of == invoice.shares.end() ? 0 : of->billed - of->credited - of->written_off;
    if (share.amount <= left) continue;
    const bool written_off = of != invoice.shares.end() && of->written_off > 0;
    return refuse(Code::kCreditExceedsLine,
                  written_off ? "a part of " + invoice.number + " is written off: recover it first"
                              : "more than " + invoice.number + " asks of one service account",
                  "/lines");
  }
  return {};
}

// What a note of `day` gives back of deferred lines of the noted invoice.
std::vector<invoice::DeferredCredit> deferred_credits(const invoice::State& invoice, const std::vector<Line>& lines, Date day) {
  std::vector<invoice::DeferredCredit> credits;
  for (const Line& line : lines) {
    const std::uint32_t number = *line.credited_line;
    if (!invoice.lines[number].deferred) continue;
    credits.push_back({number, day, line.net, books::deferred_part(invoice, number, line.net, day, credits)});
  }
  return credits;
}

// The rest of each line comes from its revenue.
std::vector<RevenueShare> revenue_of(const std::vector<Line>& lines, const std::vector<invoice::DeferredCredit>& credits) {
  std::map<Ledger, std::int64_t> revenue;
  for (const Line& line : lines) revenue[static_cast<Ledger>(line.revenue_code)] += line.net;
  auto credit = credits.begin();
  for (const Line& line : lines) {
    if (credit == credits.end()) break;
    if (line.credited_line != credit->line) continue;
    revenue[Ledger::kDeferredRevenue] += credit->deferred;
    revenue[static_cast<Ledger>(line.revenue_code)] -= credit->deferred;
    ++credit;
  }
  std::vector<RevenueShare> shares;
  for (const auto& [ledger, amount] : revenue) {
    if (amount != 0) shares.push_back({ledger, amount});
  }
  return shares;
}

// The credit of one service account and what it pays.
struct Use {
  AccountId holder;
  std::int64_t amount = 0;
  std::vector<Allocation> allocations{};
  std::int64_t rest = 0;
  std::vector<Pairing> pairings{};
};

// What its share of the noted invoice takes.
void use_on_noted(const invoice::State& invoice, Use& use) {
  const auto open = std::ranges::find(invoice.shares, use.holder, &invoice::ShareState::account);
  const std::int64_t amount = open == invoice.shares.end() ? 0 : std::min(open->open, use.rest);
  if (amount <= 0) return;
  use.allocations.push_back({invoice.id, use.holder, amount});
  use.rest -= amount;
}

// Uses the credit of each service account: on the noted invoice first, then oldest due first; the rest is unapplied. All
// shares of the noted invoice come before the rest of any: an account may pay that invoice too, and its rest would take
// what another's credit is for. Sets `stopped` when it stopped at its limit.
std::vector<Use> use(const billing::State& state, const invoice::State* invoice, const std::vector<Share>& shares, Date on,
                     bool& stopped) {
  std::vector<Use> uses;
  for (const Share& share : shares) uses.push_back({.holder = share.account, .amount = share.amount, .rest = share.amount});
  receivables::OldestFirst oldest_first(state);
  for (Use& one : uses) {
    if (invoice != nullptr) use_on_noted(*invoice, one);
    for (const Allocation& allocation : one.allocations) oldest_first.reserve(allocation);
  }
  receivables::PairingDays days(state);
  for (Use& one : uses) {
    const auto application = oldest_first.apply(one.holder, one.rest, receivables::Priority::kOwnShares);
    one.allocations.insert(one.allocations.end(), application.allocations.begin(), application.allocations.end());
    one.rest = application.rest;
    Timeline money(on, one.amount);
    one.pairings = days.match(money, one.allocations, on);
  }
  stopped = oldest_first.full();
  return uses;
}

Result<const invoice::State*> find_noted_invoice(const billing::State& state, const account::State& account,
                                                 InvoiceId id, Date document_date) {
  BILLING_TRY(invoice, find_issued_invoice(state, id));
  if (invoice->customer != account.customer) return refuse(Code::kInvoiceOfOtherPayer, invoice->number, "/invoice");
  if (document_date < invoice->document_date) {
    return refuse(Code::kInvalidDate, "the invoice is of " + invoice->document_date.text(), "/document_date");
  }
  return invoice;
}

// The note's lines, checked, with the taxes that we compute.
Result<std::vector<Line>> lines_of(const billing::State& state, const invoice::State* invoice,
                                   const account::State& account, std::vector<Line> lines, Currency currency, Date date) {
  if (lines.size() > kLinesMax) return refuse(Code::kTooManyLines, "at most 1,000 lines a command", "/lines");
  if (invoice != nullptr) BILLING_CHECK(adopt_invoice_lines(*invoice, lines));
  lines = document::blank_computed_taxes(std::move(lines));
  BILLING_CHECK(document::check_lines(state, account.customer, currency, lines, date));
  BILLING_CHECK(document::check_service_accounts(state, lines, date, {}));
  if (invoice != nullptr) {
    BILLING_CHECK(tax::credit(*invoice, lines));
    BILLING_CHECK(check_taxes_left(*invoice, lines));
    return lines;
  }
  BILLING_TRY(amounts, tax::compute(lines));
  tax::fill_in(lines, amounts);
  return lines;
}

void take_back(invoice::State& invoice, const Line& line) {
  invoice::LineState& of = invoice.lines[*line.credited_line];
  const std::int64_t tax = tax_of(line);
  of.credited_net += line.net;
  of.credited_tax += tax;
  tax::take_back(invoice, line);
  const auto share = std::ranges::find(invoice.shares, of.service_account, &invoice::ShareState::account);
  share->credited += line.net + tax;
}

// Of a note that was stored when all of what was unreleased was taken first, whatever its day.
std::vector<invoice::DeferredCredit> as_stored(const invoice::State& invoice, const Issued& event) {
  std::map<std::uint32_t, std::int64_t> left;
  std::vector<invoice::DeferredCredit> credits;
  for (const Line& line : event.lines) {
    const std::uint32_t number = *line.credited_line;
    if (!invoice.lines[number].deferred) continue;
    std::int64_t& unreleased = left.try_emplace(number, invoice.lines[number].unreleased).first->second;
    const bool same_sign = (line.net < 0) == (unreleased < 0);
    const std::int64_t part = !same_sign ? 0 : line.net < 0 ? std::max(line.net, unreleased) : std::min(line.net, unreleased);
    credits.push_back({number, event.posting_date, line.net, part});
    unreleased -= part;
  }
  return credits;
}

// What the note took out of 2300 is what it posted there.
void take_deferred(billing::State& state, invoice::State& invoice, const Issued& event) {
  std::int64_t posted = 0;
  for (const RevenueShare& share : event.revenue) posted += share.ledger == Ledger::kDeferredRevenue ? share.amount : 0;
  auto credits = deferred_credits(invoice, event.lines, event.posting_date);
  std::int64_t sum = 0;
  for (const invoice::DeferredCredit& one : credits) sum += one.deferred;
  if (sum != posted) credits = as_stored(invoice, event);
  for (const invoice::DeferredCredit& one : credits) {
    invoice::LineState& line = invoice.lines[one.line];
    if (one.deferred != 0 && one.deferred == line.unreleased) books::unschedule(state, {invoice.id, one.line});
    line.unreleased -= one.deferred;
    invoice.deferred_credits.push_back(one);
  }
}

}  // namespace

Decision decide(const billing::State& state, const Issue& command, const Context& context) {
  const CreditNoteId id = command.id.nil() ? context.fresh_id<CreditNoteId>() : command.id;
  if (state.credit_notes.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_TRY(account, find_money_account(state, command.account));
  if (command.lines.empty()) return refuse(Code::kNoLines, {}, "/lines");
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  BILLING_CHECK(check_optional_text(command.external_id, kReferenceMax, "/external_id"));
  BILLING_CHECK(check_external_id(state, StreamKind::kCreditNote, account->customer, command.external_id, id.uuid));
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency));
  BILLING_TRY(dates, document::check_document_date(state, *account, command.document_date, context, "/document_date"));
  const invoice::State* invoice = nullptr;
  if (command.invoice) {
    BILLING_TRY(found, find_noted_invoice(state, *account, *command.invoice, dates.document));
    invoice = found;
  }
  BILLING_TRY(lines, lines_of(state, invoice, *account, command.lines, currency, dates.document));
  BILLING_TRY(totals, document::sum_lines(lines, {}));
  if (invoice != nullptr) BILLING_CHECK(check_shares_left(*invoice, totals.shares));
  BILLING_CHECK(document::check_totals(state, totals, currency));
  BILLING_TRY(number, document::number_for(state, account->customer, kSeries, dates.document, command.imported_number));

  const auto deferred = invoice == nullptr ? std::vector<invoice::DeferredCredit>{}
                                           : deferred_credits(*invoice, lines, dates.posting);
  auto revenue = revenue_of(lines, deferred);
  Issued issued{id,
                command.account,
                command.invoice,
                number.series,
                number.number,
                command.reason,
                command.external_id,
                dates.document,
                dates.posting,
                currency,
                totals.net,
                totals.tax,
                totals.total,
                std::move(lines),
                std::move(revenue),
                {},
                {}};
  bool stopped = false;
  const std::vector<Use> uses = use(state, invoice, totals.shares, dates.posting, stopped);
  std::vector<Pairing> pairings;
  for (const Use& one : uses) {
    const auto at_once = receivables::on_day(one.pairings, dates.posting);
    issued.allocations.insert(issued.allocations.end(), at_once.begin(), at_once.end());
    const std::int64_t unapplied = one.amount - receivables::sum_of(at_once);
    if (unapplied > 0) issued.unapplied.push_back({one.holder, unapplied});
    pairings.insert(pairings.end(), one.pairings.begin(), one.pairings.end());
  }
  std::vector events{money_fact({StreamKind::kCreditNote, id.uuid}, account->customer, std::move(issued), dates.document,
                                dates.posting, currency)};
  for (const Use& one : uses) {
    receivables::apply_by_day(events, account->customer, {one.holder, CreditSource::kCreditNote, id.uuid, currency, {}, {}},
                 one.pairings, dates.posting);
  }
  if (invoice != nullptr) {
    for (auto& [day, releases] : books::corrections(*invoice, deferred)) {
      events.push_back(money_fact({StreamKind::kBooks, account->customer.uuid}, account->customer,
                                  books::RevenueReleased{account->customer, day.month_index() - 1, day, currency,
                                                         std::move(releases)},
                                  day, day, currency));
    }
  }
  receivables::close_paid_disputes(state, pairings, events);
  for (StreamEvent& event : events) {
    if (auto* closed = std::get_if<dispute::Closed>(&event.event)) closed->outcome = dispute::Outcome::kCredited;
  }
  if (!stopped) return events;
  for (const Use& one : uses) {
    if (one.rest > 0) events.push_back(receivables::follow_up(state, one.holder, context.today, dates.posting));
  }
  return events;
}

void evolve(billing::State& state, const Issued& event) {
  const CustomerId customer = state.accounts.at(event.account).customer;
  state.credit_notes[event.id] = {event.id, customer, event.account, event.number,
                                  event.total, event.invoice, event.document_date, {}};
  document::claim_number(state, customer, kSeries, event.series, event.number);
  claim_external_id(state, StreamKind::kCreditNote, customer, event.external_id, event.id.uuid);
  state.turnover[event.currency] += document::moved_by(event.total, event.revenue, event.tax);
  if (event.invoice) {
    invoice::State& invoice = state.invoices.at(*event.invoice);
    for (const Line& line : event.lines) take_back(invoice, line);
    take_deferred(state, invoice, event);
  }
  receivables::reduce_items(state, event.allocations, event.posting_date);
  for (const Allocation& allocation : event.allocations) {
    if (allocation.invoice != event.invoice) state.invoices.at(allocation.invoice).credit += allocation.amount;
  }
  for (const Share& share : event.unapplied) {
    receivables::change_credit(state, share.account, CreditSource::kCreditNote, event.id.uuid, share.amount);
  }
}

}  // namespace billing::credit_note
