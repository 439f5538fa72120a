#include "ledger/domain/overdue.h"

#include <algorithm>

#include "ledger/domain/movements.h"

namespace billing::overdue {
namespace {

// Moves as much of `left` to `part` as there is `room`.
void use(std::int64_t& left, std::int64_t room, std::int64_t& part) {
  const std::int64_t amount = std::clamp<std::int64_t>(room, 0, left);
  left -= amount;
  part += amount;
}

std::int64_t open_on(const invoice::State& invoice, Date day) {
  std::int64_t open = 0;
  for (const invoice::ShareState& share : invoice.shares) open += share.open_by_day.at(day);
  return open;
}

// What was disputed of it on this day, whatever became of it since.
std::int64_t disputed_on(const billing::State& state, InvoiceId invoice, Date day) {
  const auto disputes = state.disputes_of.find(invoice);
  if (disputes == state.disputes_of.end()) return 0;
  std::int64_t disputed = 0;
  for (const DisputeId id : disputes->second) {
    const dispute::State& one = state.disputes.at(id);
    if (one.opened_on <= day && (!one.closed || day < one.closed_on)) disputed += one.amount;
  }
  return disputed;
}

// In the order in which they were agreed.
std::vector<Suspension> suspensions_on(const billing::State& state, AccountId payer, Date day) {
  std::vector<Suspension> all;
  const auto plans = state.plans_of.find(payer);
  if (plans == state.plans_of.end()) return all;
  for (const PlanId id : plans->second) {
    const plan::State& one = state.plans.at(id);
    const std::int64_t left = plan::suspends(one.terms, one.paid.at(day), one.cancelled_on, day);
    if (left == 0) continue;
    all.emplace_back(left, one.terms.invoices, one.issued_before);
  }
  return all;
}

// Counts `amount` on the plans of its payer that are for the invoice.
void count_paid(billing::State& state, InvoiceId id, Date on, std::int64_t amount) {
  const invoice::State& invoice = state.invoices.at(id);
  const auto plans = state.plans_of.find(invoice.payer);
  if (plans == state.plans_of.end()) return;
  for (const PlanId of_payer : plans->second) {
    plan::State& plan = state.plans.at(of_payer);
    const std::vector<InvoiceId>& named = plan.terms.invoices;
    const bool for_it = named.empty() ? invoice.place < plan.issued_before : std::ranges::binary_search(named, id);
    if (for_it) plan.paid.add(on, amount);
  }
}

}  // namespace

bool Suspension::covers(const Item& item) const {
  return invoices.empty() ? item.issued < before : std::ranges::binary_search(invoices, item.invoice);
}

void relieve(std::vector<Item>& items, std::int64_t free_credit, std::vector<Suspension> plans) {
  std::ranges::sort(items, {}, [](const Item& one) {
    return receivables::ItemKey{false, one.due, one.number, one.invoice};
  });
  for (Item& item : items) use(free_credit, item.pressing(), item.covered);
  for (Suspension& plan : plans) {
    for (Item& item : items) {
      if (plan.covers(item)) use(plan.left, item.pressing(), item.suspended);
    }
  }
  for (Item& item : items) use(free_credit, item.disputed, item.covered_disputed);
}

std::vector<Item> items_on(const billing::State& state, AccountId payer, Date day) {
  std::vector<Item> items;
  const auto queues = state.queues.find(payer);
  if (queues == state.queues.end()) return items;
  const std::vector<InvoiceId>& issued = queues->second.issued;
  for (std::size_t n = 0; n < issued.size(); ++n) {
    const invoice::State& invoice = state.invoices.at(issued[n]);
    if (invoice.due_date >= day) continue;
    const std::int64_t open = open_on(invoice, day);
    if (open <= 0) continue;
    items.push_back({.invoice = invoice.id,
                     .due = invoice.due_date,
                     .number = invoice.number,
                     .issued = n,
                     .open = open,
                     .disputed = std::min(open, disputed_on(state, invoice.id, day))});
  }
  relieve(items, free_credit_on(state, payer, day), suspensions_on(state, payer, day));
  return items;
}

std::int64_t free_credit_on(const billing::State& state, AccountId account, Date day) {
  const auto queues = state.queues.find(account);
  if (queues == state.queues.end()) return 0;
  std::int64_t free = queues->second.credit_by_day.at(day);
  const receivables::Credits& credits = receivables::credits_of(state, account);
  for (auto held = credits.rbegin(); held != credits.rend() && held->first.held; ++held) {
    free -= tranche::timeline(receivables::tranches_of(state, held->first.kind, held->first.source), {account}).at(day);
  }
  return std::max<std::int64_t>(free, 0);
}

void note_paid(billing::State& state, const Event& event, const std::vector<Movement>& movements) {
  if (state.plans.empty()) return;
  for (const Movement& one : movements) {
    if (one.source != CreditSource::kPayment) continue;
    if (one.from && !one.from->is_credit()) count_paid(state, one.from->invoice, one.on, -one.amount);
    if (one.to && !one.to->is_credit()) count_paid(state, one.to->invoice, one.on, one.amount);
  }
  if (const auto* used = std::get_if<deposit::Used>(&event)) {
    for (const Allocation& one : used->allocations) count_paid(state, one.invoice, used->posting_date, one.amount);
  }
}

}  // namespace billing::overdue
