// Questions about documents and payments, and the reports.
#include <algorithm>

#include "projections/naive_questions.h"

namespace billing::views::naive {

void Questions::ask_invoices() {
  const ListQuery query = list_query({"draft", "open", "partly_paid", "overdue", "paid", "credited", "discarded", "void",
                                      "written_off", "disputed"}, true, false);
  ask_list<Invoice>("invoices", query, [&](const ListQuery& part) { return reader_->invoices(part); },
                    [&](const ListQuery& whole) { return reader_->invoice_sums(whole); }, model_->invoices(query),
                    [](const Invoice& one) { return std::pair(one.total, one.open); });
}

void Questions::ask_invoice() {
  const InvoiceId id = any(invoices_);
  const Date today = day();
  question("invoice", id, today);
  same(reader_->invoice(id, today), model_->invoice(id, today));
  question("invoice_head", id, today);
  same(reader_->invoice_head(id, today), model_->invoice_head(id, today));
}

void Questions::ask_invoices_by_number() {
  const CustomerId customer = any(customers_);
  const std::string& number = numbers_[below(numbers_.size())];
  const Date today = day();
  std::optional<Date> as_of;
  if (one_in(2)) as_of = finite_day();
  question("invoices_by_number", customer, number, today, as_of);
  same(reader_->invoices_by_number(customer, number, today, as_of),
       model_->invoices_by_number(customer, number, today, as_of));
}

void Questions::ask_disputes() {
  const CustomerId customer = any(customers_);
  std::optional<Date> as_of;
  if (one_in(2)) as_of = finite_day();
  question("disputes", customer, as_of);
  same(all<Dispute>([&](const PageRequest& request) { return reader_->disputes(customer, request, as_of); }),
       model_->disputes(customer, as_of));
  const DisputeId id = any(disputes_);
  question("dispute", id);
  same(reader_->dispute(id), model_->dispute(id));
}

void Questions::ask_credit_notes() {
  const ListQuery query = list_query({}, false, false);
  ask_list<CreditNote>("credit_notes", query, [&](const ListQuery& part) { return reader_->credit_notes(part); },
                       [&](const ListQuery& whole) { return reader_->credit_note_sums(whole); },
                       model_->credit_notes(query),
                       [](const CreditNote& one) { return std::pair(one.total, one.unapplied); });
}

void Questions::ask_credit_note() {
  const CreditNoteId id = any(notes_);
  question("credit_note", id);
  same(reader_->credit_note(id), model_->credit_note(id));
}

void Questions::ask_payments() {
  const ListQuery query = list_query({"requested", "pending", "succeeded", "failed", "reversed"}, false, true);
  ask_list<Payment>("payments", query, [&](const ListQuery& part) { return reader_->payments(part); },
                    [&](const ListQuery& whole) { return reader_->payment_sums(whole); }, model_->payments(query),
                    [](const Payment& one) { return std::pair(one.amount, one.unapplied); });
}

void Questions::ask_payment() {
  const PaymentId id = any(payments_);
  question("payment", id);
  same(reader_->payment(id), model_->payment(id));
}

namespace {

// Without what is not compared: see naive_questions.h.
void strip(Activity& activity) {
  activity.date.reset();
  activity.amount.reset();
  activity.currency = {};
  activity.number = activity.old_text = activity.new_text = activity.note = {};
}

void strip(RevenueReport& report) {
  std::erase_if(report.revenue, [](const RevenueSum& sum) {
    return sum.invoiced == 0 && sum.released == 0 && sum.credited == 0;
  });
}
void strip(TaxSummary& summary) {
  std::erase_if(summary.taxes, [](const TaxSum& sum) {
    return sum.invoiced_base == 0 && sum.invoiced_tax == 0 && sum.credited_base == 0 && sum.credited_tax == 0;
  });
}

template <class Answer>
Result<Answer> stripped(Result<Answer> answer) {
  if (answer) strip(*answer);
  return answer;
}

}  // namespace

void Questions::ask_activity() {
  const Scope of = scope();
  const Date today = day();
  RecordedWithin recorded;
  const auto instant = [&] { return Instant{std::int64_t{finite_day().days} * 86'400 * 1'000'000}; };
  if (one_in(3)) recorded.from = instant();
  if (one_in(3)) recorded.until = instant();
  question("activity", of, today, recorded.from, recorded.until);
  auto found = all<Activity>([&](const PageRequest& request) { return reader_->activity(of, today, request, recorded); });
  if (found) std::ranges::for_each(*found, [](Activity& one) { strip(one); });
  auto wanted = model_->activity(of, today);
  if (wanted) std::erase_if(*wanted, [&](const Activity& one) { return !recorded.has(one.recorded); });
  same(found, wanted);
}

void Questions::ask_months() {
  const Scope of = scope();
  const std::int32_t last = finite_day().month_index();
  const std::int32_t first = last - static_cast<std::int32_t>(below(14));
  const Date today = one_in(3) ? kNow : history_.today();
  question("months", of, first, last, today);
  same(reader_->months(of, first, last, today), model_->months(of, first, last, today));
}

void Questions::ask_statement() {
  const Scope of = scope();
  const Date from = finite_day(), to = day();
  question("statement", of, from, to);
  const auto found = reader_->statement(of, from, to);
  same(found, model_->statement(of, from, to));
  if (!found) return;
  question("statement_lines", of, from, to);
  std::vector<StatementLine> wanted;
  const auto activity = model_->activity(Scope::whole(*model_->customer_of(of)), kNow);
  for (const StatementEntry& entry : found->entries) {
    wanted.push_back({entry, *std::ranges::find(*activity, entry.position, &Activity::position)});
  }
  auto lines = reader_->statement_lines(found->entries);
  if (lines) std::ranges::for_each(*lines, [](StatementLine& line) { strip(line.event); });
  same(lines, wanted);
}

void Questions::ask_tax_summary() {
  const Scope of = scope();
  const Date from = finite_day(), to = day();
  question("tax_summary", of, from, to);
  same(stripped(reader_->tax_summary(of, from, to)), stripped(model_->tax_summary(of, from, to)));
}

void Questions::ask_revenue() {
  const Scope of = scope();
  const std::int32_t from = finite_day().month_index();
  const std::int32_t to = one_in(2) ? from : finite_day().month_index();
  question("revenue", of, from, to);
  same(stripped(reader_->revenue(of, from, to)), stripped(model_->revenue(of, from, to)));
}

void Questions::ask_trial_balance() {
  const Date date = day();
  question("trial_balance", date);
  same(reader_->trial_balance(date), model_->trial_balance(date));
  question("trial_balance_by_month");
  same(reader_->trial_balance_by_month(), model_->trial_balance_by_month());
}

void Questions::ask_control() {
  question("check_control");
  same(reader_->check_control(), model_->control());
}

void Questions::ask_unbooked() {
  const bool every = one_in(2);
  std::optional<CustomerId> customer;
  if (one_in(3)) customer = any(customers_);
  question("unbooked", every, customer);
  same(all<Unbooked>([&](const PageRequest& request) { return reader_->unbooked(every, request, customer); }),
       model_->unbooked(every, customer));
  const UnbookedId id = any(unbooked_);
  question("unbooked", id);
  same(reader_->unbooked(id), model_->unbooked(id));
  question("unbooked_backlog");
  same(reader_->unbooked_backlog(), model_->unbooked_backlog());
}

void Questions::ask_periods() {
  question("periods");
  same(reader_->periods(), model_->periods());
}

}  // namespace billing::views::naive
