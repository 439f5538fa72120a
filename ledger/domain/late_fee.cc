// Late fees: one invoice with a line for every invoice that is overdue.
#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/invoice_issue.h"
#include "ledger/domain/tax.h"

namespace billing::invoice {
namespace {

constexpr std::uint16_t kLateFees = 4200;
constexpr int kGraceDaysMax = 365;

Result<void> check_terms(const ChargeLateFees& command) {
  BILLING_CHECK(check_text(command.cycle, kNumberMax, "/cycle"));
  if (command.flat < 0) return refuse(Code::kInvalidAmount, "a fee is not negative", "/flat");
  if (command.rate < Decimal{}) return refuse(Code::kInvalidAmount, "a rate is not negative", "/rate");
  if (command.minimum < 0) return refuse(Code::kInvalidAmount, "a fee is not negative", "/minimum");
  if (command.grace_days < 0 || command.grace_days > kGraceDaysMax) {
    return refuse(Code::kInvalidParameter, "days of grace are 0 to 365", "/grace_days");
  }
  if (command.flat == 0 && command.minimum == 0 && command.rate == Decimal{}) {
    return refuse(Code::kAmountNotPositive, "give a flat fee, a rate or a minimum", "/flat");
  }
  return {};
}

// What was disputed of it on this day, whatever became of it since.
std::int64_t disputed_on(const billing::State& state, InvoiceId invoice, Date day) {
  const auto disputes = state.disputes_of.find(invoice);
  if (disputes == state.disputes_of.end()) return 0;
  for (const DisputeId id : disputes->second) {
    const dispute::State& dispute = state.disputes.at(id);
    if (dispute.opened_on <= day && (!dispute.closed || day < dispute.closed_on)) return dispute.amount;
  }
  return 0;
}

// What a fee may be charged for: open on this day and undisputed, no late fee itself, not charged for the cycle before.
std::int64_t chargeable(const billing::State& state, const State& invoice, const std::string& cycle, Date day) {
  if (invoice.kind == Kind::kLateFee) return 0;
  if (std::ranges::find(invoice.late_fee_cycles, cycle) != invoice.late_fee_cycles.end()) return 0;
  std::int64_t open = 0;
  for (const ShareState& share : invoice.shares) open += share.open_by_day.at(day);
  return std::max(open - disputed_on(state, invoice.id, day), std::int64_t{0});
}

// Of all that the account pays and that was due before, earliest due first: open now or closed since.
std::vector<const State*> due_before(const billing::State& state, const AccountQueues& queues, Date day) {
  std::vector<const State*> due;
  for (const InvoiceId id : queues.issued) {
    const State& invoice = state.invoices.at(id);
    if (invoice.due_date < day) due.push_back(&invoice);
  }
  std::ranges::sort(due, {}, [](const State* one) { return std::tie(one->due_date, one->number, one->id); });
  return due;
}

// Credit of the account that was there on this day, is free and would pay.
std::int64_t free_credit_on(const billing::State& state, AccountId account, Date day) {
  std::int64_t sum = 0;
  for (const auto& [key, left] : receivables::credits_of(state, account)) {
    if (key.held) break;
    sum += tranche::timeline(receivables::tranches_of(state, key.kind, key.source), {account}).at(day);
  }
  return sum;
}

Result<std::int64_t> fee_of(const ChargeLateFees& command, std::int64_t overdue) {
  BILLING_TRY(percent, tax::amount_of(overdue, command.rate));
  BILLING_TRY(fee, checked_add(command.flat, percent));
  return std::max(fee, command.minimum);
}

Result<std::vector<Line>> fee_lines(const billing::State& state, const ChargeLateFees& command, Date as_of) {
  std::vector<Line> lines;
  const auto queues = state.queues.find(command.account);
  if (queues == state.queues.end()) return lines;
  std::int64_t covered = free_credit_on(state, command.account, as_of);
  for (const State* const one : due_before(state, queues->second, as_of.plus_days(-command.grace_days))) {
    if (lines.size() == kLinesMax) break;
    const State& invoice = *one;
    const std::int64_t open = chargeable(state, invoice, command.cycle, as_of);
    const std::int64_t overdue = open - std::min(open, covered);
    covered -= std::min(open, covered);
    if (overdue <= 0) continue;
    BILLING_TRY(fee, fee_of(command, overdue));
    if (fee == 0) continue;
    Line& line = lines.emplace_back();
    line.service_account = command.account;
    line.description = "Late fee for " + invoice.number;
    line.revenue_code = kLateFees;
    line.net = fee;
    line.late_fee_for = invoice.id;
  }
  return lines;
}

}  // namespace

Decision decide(const billing::State& state, const ChargeLateFees& command, const Context& context) {
  Header header;
  header.id = command.id.nil() ? context.fresh_id<InvoiceId>() : command.id;
  header.account = command.account;
  header.kind = Kind::kLateFee;
  if (state.invoices.contains(header.id)) return refuse(Code::kAlreadyExists, header.id.text(), "/id");
  BILLING_TRY(account, find_money_account(state, command.account));
  BILLING_CHECK(check_terms(command));
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency));
  BILLING_TRY(dates, document::check_document_date(state, *account, command.as_of, context, "/as_of"));
  BILLING_CHECK(check_owner(state, *account, dates.document));
  BILLING_TRY(lines, fee_lines(state, command, dates.document));
  if (lines.empty()) return refuse(Code::kNothingOverdue, account->number, "/account");
  const Date due_date = dates.document.plus_days(account->payment_terms_days);

  return issue(state, {header, account, dates, due_date, currency, {}, command.cycle, false, context.today},
               lines);
}

}  // namespace billing::invoice
