#include "projections/naive_questions.h"

#include <algorithm>
#include <sstream>

namespace billing::views::naive {

Questions::Questions(BusyHistory& history, std::uint64_t seed) : history_(history), random_(seed) {
  for (const codec::Envelope& event : history.history().events()) {
    if (const auto* e = std::get_if<customer::Created>(&event.event)) customers_.push_back(e->id);
    if (const auto* e = std::get_if<account::Opened>(&event.event)) accounts_.push_back(e->id);
    if (const auto* e = std::get_if<grouping::Created>(&event.event)) groupings_.push_back(e->id);
    if (const auto* e = std::get_if<grouping::GroupAdded>(&event.event)) groups_.emplace_back(e->id, e->group);
    if (const auto* e = std::get_if<invoice::Issued>(&event.event)) numbers_.push_back(e->number);
    if (event.version != 1) continue;
    switch (event.stream.kind) {
      case StreamKind::kInvoice: invoices_.push_back({event.stream.id}); break;
      case StreamKind::kCreditNote: notes_.push_back({event.stream.id}); break;
      case StreamKind::kPayment: payments_.push_back({event.stream.id}); break;
      case StreamKind::kDispute: disputes_.push_back({event.stream.id}); break;
      case StreamKind::kUser: users_.push_back({event.stream.id}); break;
      case StreamKind::kDeposit: deposits_.push_back({event.stream.id}); break;
      case StreamKind::kPlan: plans_.push_back({event.stream.id}); break;
      case StreamKind::kMethod: methods_.push_back({event.stream.id}); break;
      case StreamKind::kUnbooked: unbooked_.push_back({event.stream.id}); break;
      default: break;
    }
  }
}

std::string Questions::ask(const Reader& reader, std::size_t count) {
  reader_ = &reader;
  const auto& events = history_.history().events();
  model_.emplace(std::span(events).first(reader.position()));
  for (std::size_t n = 0; n < (count == 0 ? kAll.size() : count) && difference_.empty(); ++n) {
    (this->*kAll[count == 0 ? n : below(kAll.size())])();
  }
  return difference_;
}

Date Questions::finite_day() {
  const auto& events = history_.history().events();
  switch (below(6)) {
    case 0: return history_.today();
    case 1: return Date::clamped(1990, 1, 1);
    case 2: return history_.today().plus_days(static_cast<std::int32_t>(below(100)));
    case 3: return history_.today().plus_days(-static_cast<std::int32_t>(below(200)));
    case 4: {
      const Date date = history_.today().plus_days(-static_cast<std::int32_t>(below(200)));
      return Date::clamped(date.year(), date.month(), 31);
    }
    default: return day_of(events[below(events.size())]).plus_days(static_cast<std::int32_t>(below(3)) - 1);
  }
}

Date Questions::day() { return one_in(6) ? kNow : finite_day(); }

Scope Questions::scope() {
  switch (below(6)) {
    case 0: return Scope::whole(any(customers_));
    case 1: return Scope::only(any(accounts_));
    case 2: return Scope::of_grouping(any(groupings_));
    case 3:
      if (groups_.empty()) return Scope::subtree(any(accounts_));
      {
        const auto& [grouping, group] = groups_[below(groups_.size())];
        return Scope::of_group(grouping, group);
      }
    default: return Scope::subtree(any(accounts_));
  }
}

PageRequest Questions::page() {
  return {.limit = one_in(3) ? kPageMax : 1 + static_cast<std::size_t>(below(8)), .cursor = {}};
}

ListQuery Questions::list_query(std::initializer_list<std::string_view> statuses, bool due, bool methods) {
  ListQuery query{.scope = scope(), .today = day()};
  if (one_in(2)) query.as_of = finite_day();
  query.sort = one_in(2) ? SortBy::kDate : static_cast<SortBy>(below(6));
  query.ascending = one_in(2);
  const auto range = [&](DateRange& dates) {
    if (one_in(2)) dates.from = finite_day();
    if (one_in(2)) dates.to = finite_day();
  };
  if (one_in(4)) range(query.date);
  if (one_in(6)) range(query.posting);
  if (due && one_in(6)) range(query.due);
  while (statuses.size() != 0 && one_in(2) && query.statuses.size() < 3) {
    query.statuses.emplace_back(statuses.begin()[below(statuses.size())]);
  }
  if (methods && one_in(4)) query.methods.emplace_back(one_in(2) ? "card" : "wire");
  if (one_in(5)) {
    const std::string& number = numbers_[below(numbers_.size())];
    query.text = one_in(3) ? "a" : number.substr(0, 1 + below(number.size()));
  }
  return query;
}

void Questions::compare(const std::string& found, const std::string& wanted) {
  if (found == wanted || !difference_.empty()) return;
  std::istringstream views(found), model(wanted);
  std::string one, other;
  do {
    one.clear();
    other.clear();
    std::getline(views, one);
    std::getline(model, other);
  } while (one == other);
  difference_ = "at position " + std::to_string(reader_->position()) + " of " +
                std::to_string(history_.history().head()) + ": " + question_ + "\n the views say  " + one +
                "\n the model says " + other + "\n";
}

const std::array<Questions::Ask, 35> Questions::kAll{
    &Questions::ask_customer,    &Questions::ask_customers,    &Questions::ask_account,
    &Questions::ask_accounts,    &Questions::ask_standing,     &Questions::ask_accounts_of,
    &Questions::ask_sums,        &Questions::ask_summary,      &Questions::ask_ageing,
    &Questions::ask_open_items,  &Questions::ask_owed,         &Questions::ask_methods,
    &Questions::ask_credits,     &Questions::ask_credit_balances, &Questions::ask_deposits,
    &Questions::ask_plans,       &Questions::ask_groupings,    &Questions::ask_users,
    &Questions::ask_invoices,    &Questions::ask_invoice,      &Questions::ask_invoices_by_number,
    &Questions::ask_disputes,    &Questions::ask_credit_notes, &Questions::ask_credit_note,
    &Questions::ask_payments,    &Questions::ask_payment,      &Questions::ask_activity,
    &Questions::ask_months,      &Questions::ask_statement,    &Questions::ask_tax_summary,
    &Questions::ask_revenue,     &Questions::ask_trial_balance, &Questions::ask_control,
    &Questions::ask_unbooked,    &Questions::ask_periods};

}  // namespace billing::views::naive
