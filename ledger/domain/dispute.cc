#include "ledger/domain/dispute.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/state.h"

namespace billing::dispute {
namespace {

constexpr std::array<std::string_view, 4> kOutcomes{"credited", "rejected", "withdrawn", "paid"};

StreamEvent fact(CustomerId customer, DisputeId id, Event event) {
  return billing::fact({StreamKind::kDispute, id.uuid}, customer, std::move(event));
}

// What the disputed lines still ask for, as far as the invoice is open: all of it where no line is named.
Result<std::int64_t> disputed_amount(const invoice::State& invoice, const std::vector<std::uint32_t>& lines) {
  if (lines.empty()) return invoice.open;
  std::int64_t sum = 0;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const std::string pointer = "/lines/" + std::to_string(n);
    if (lines[n] >= invoice.lines.size()) return refuse(Code::kUnknownLine, "invoice " + invoice.number, pointer);
    if (std::ranges::count(lines, lines[n]) > 1) return refuse(Code::kDuplicateAllocation, "a line twice", pointer);
    const invoice::LineState& line = invoice.lines[lines[n]];
    sum += line.net + line.tax - line.credited_net - line.credited_tax;
  }
  return std::min(sum, invoice.open);
}

}  // namespace

std::string_view outcome_text(Outcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome) - 1]; }

Result<Outcome> parse_outcome(std::string_view text) {
  const auto found = std::ranges::find(kOutcomes, text);
  if (found == kOutcomes.end()) {
    return refuse(Code::kInvalidParameter, "an outcome is credited, rejected, withdrawn or paid", "/outcome");
  }
  return static_cast<Outcome>(found - kOutcomes.begin() + 1);
}

Decision decide(const billing::State& state, const Open& command, const Context& context) {
  const DisputeId id = command.id.nil() ? context.fresh_id<DisputeId>() : command.id;
  if (state.disputes.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_TRY(invoice, find_issued_invoice(state, command.invoice));
  if (invoice->dispute) return refuse(Code::kAlreadyDisputed, invoice->number, "/invoice");
  BILLING_TRY(currency, document::check_currency(state, invoice->customer, command.currency, "/amount/currency"));
  BILLING_CHECK(check_text(command.reason, kReasonMax, "/reason"));
  const Date opened_on = command.opened_on.value_or(context.today);
  if (opened_on > context.today) return refuse(Code::kPostingInFuture, opened_on.text(), "/opened_on");
  if (opened_on < invoice->document_date) {
    return refuse(Code::kInvalidDate, "the invoice is of " + invoice->document_date.text(), "/opened_on");
  }
  if (opened_on > invoice->document_date.plus_days(kDisputeDaysMax)) {
    return refuse(Code::kDisputeTooLate, invoice->document_date.text(), "/opened_on");
  }
  if (command.lines.size() > kItemsMax) return refuse(Code::kTooManyItems, {}, "/lines");
  BILLING_TRY(at_most, disputed_amount(*invoice, command.lines));
  const std::int64_t amount = command.amount.value_or(at_most);
  if (amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  if (amount > at_most) return refuse(Code::kDisputeExceedsOpen, amount_text(at_most, currency), "/amount");

  return std::vector{fact(invoice->customer, id,
                          Opened{id, invoice->id, invoice->account, amount, currency, command.reason, opened_on,
                                 command.lines})};
}

Decision decide(const billing::State& state, const Close& command, const Context& context) {
  const auto dispute = state.disputes.find(command.id);
  if (dispute == state.disputes.end()) return refuse(Code::kUnknownDispute, command.id.text(), "/id");
  if (dispute->second.closed) return refuse(Code::kDisputeClosed, command.id.text(), "/id");
  const Date closed_on = command.closed_on.value_or(context.today);
  if (closed_on > context.today) return refuse(Code::kPostingInFuture, closed_on.text(), "/closed_on");
  if (closed_on < dispute->second.opened_on) {
    return refuse(Code::kInvalidDate, "the dispute is of " + dispute->second.opened_on.text(), "/closed_on");
  }
  const invoice::State& invoice = state.invoices.at(dispute->second.invoice);

  return std::vector{fact(invoice.customer, command.id,
                          Closed{command.id, invoice.id, invoice.account, command.outcome, closed_on})};
}

void evolve(billing::State& state, const Opened& event) {
  state.disputes[event.id] = {event.id, event.invoice, event.amount, event.opened_on, false};
  state.disputes_of[event.invoice].push_back(event.id);
  invoice::State& invoice = state.invoices.at(event.invoice);
  invoice.dispute = event.id;
  receivables::set_disputed(state, invoice, event.amount);
}
void evolve(billing::State& state, const Closed& event) {
  State& dispute = state.disputes.at(event.id);
  dispute.closed = true;
  dispute.closed_on = event.closed_on;
  invoice::State& invoice = state.invoices.at(event.invoice);
  invoice.dispute.reset();
  receivables::set_disputed(state, invoice, 0);
}

}  // namespace billing::dispute
