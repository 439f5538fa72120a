// Late fees: one invoice with a line for every invoice that is overdue.
#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/invoice_issue.h"
#include "ledger/domain/overdue.h"
#include "ledger/domain/tax.h"

namespace billing::invoice {
namespace {

constexpr std::uint16_t kLateFees = 4200;
constexpr int kGraceDaysMax = 365;

Result<void> check_terms(const ChargeLateFees& command) {
  BILLING_CHECK(check_text(command.cycle, kNumberMax, "/cycle"));
  if (command.flat < 0) return refuse(Code::kInvalidAmount, "a fee is not negative", "/flat");
  if (command.rate < Decimal{}) return refuse(Code::kInvalidAmount, "a rate is not negative", "/rate");
  BILLING_CHECK(tax::check_rate(command.rate, "/rate"));
  if (command.minimum < 0) return refuse(Code::kInvalidAmount, "a fee is not negative", "/minimum");
  if (command.grace_days < 0 || command.grace_days > kGraceDaysMax) {
    return refuse(Code::kInvalidParameter, "days of grace are 0 to 365", "/grace_days");
  }
  if (command.flat == 0 && command.minimum == 0 && command.rate == Decimal{}) {
    return refuse(Code::kAmountNotPositive, "give a flat fee, a rate or a minimum", "/flat");
  }
  return {};
}

// Whether a fee may be charged for it: no late fee itself, not charged for the cycle before.
bool chargeable(const State& invoice, const std::string& cycle) {
  return invoice.kind != Kind::kLateFee &&
         std::ranges::find(invoice.late_fee_cycles, cycle) == invoice.late_fee_cycles.end();
}

Result<std::int64_t> fee_of(const ChargeLateFees& command, std::int64_t pressing) {
  BILLING_TRY(percent, tax::amount_of(pressing, command.rate));
  BILLING_TRY(fee, checked_add(command.flat, percent));
  return std::max(fee, command.minimum);
}

Result<std::vector<Line>> fee_lines(const billing::State& state, const ChargeLateFees& command, Date as_of) {
  std::vector<Line> lines;
  const Date due_before = as_of.plus_days(-command.grace_days);
  for (const overdue::Item& item : overdue::items_on(state, command.account, as_of)) {
    if (lines.size() == kLinesMax) break;
    const State& invoice = state.invoices.at(item.invoice);
    if (item.due >= due_before || item.pressing() == 0 || !chargeable(invoice, command.cycle)) continue;
    BILLING_TRY(fee, fee_of(command, item.pressing()));
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
