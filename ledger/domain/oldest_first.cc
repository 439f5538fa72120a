#include "ledger/domain/oldest_first.h"

#include <algorithm>

namespace billing::receivables {

void OldestFirst::reserve(const Allocation& allocation) {
  used_[{allocation.invoice, allocation.account}] += allocation.amount;
}

void OldestFirst::change(const invoice::State& invoice, std::int64_t disputed, std::int64_t reserved) {
  changes_[invoice.id] = {disputed, reserved};
  const ItemKey key{false, invoice.due_date, invoice.number, invoice.id};
  for (const invoice::ShareState& share : invoice.shares) added_[share.account].own.insert(key);
  added_[invoice.payer].payer.insert(key);
}

OldestFirst::Places& OldestFirst::places_of(AccountId account) {
  const auto [entry, fresh] = places_.try_emplace(account);
  if (!fresh) return entry->second;
  static const Items kNone;
  const auto queues = state_.queues.find(account);
  const auto added = added_.find(account);
  const auto place = [&](Items AccountQueues::*there, Items Added::*more) {
    Place one;
    one.items = queues == state_.queues.end() ? &kNone : &(queues->second.*there);
    one.added = added == added_.end() ? &kNone : &(added->second.*more);
    one.item = one.items->begin();
    one.addition = one.added->begin();
    return one;
  };
  entry->second = {place(&AccountQueues::own, &Added::own), place(&AccountQueues::payer, &Added::payer)};
  return entry->second;
}

Application OldestFirst::apply(AccountId account, std::int64_t amount, Priority priority) {
  Application application{{}, amount};
  Places& places = places_of(account);
  const bool own_first = priority == Priority::kOwnShares;
  for (const bool own : {own_first, !own_first}) {
    if (own) {
      walk(places.own, account, application);
    } else {
      walk(places.payer, std::nullopt, application);
    }
  }
  return application;
}

// What is disputed as a whole stands last.
bool OldestFirst::done(const Place& place) const {
  return (place.item == place.items->end() || place.item->disputed) && place.addition == place.added->end();
}

bool OldestFirst::next_is_added(const Place& place) const {
  if (place.addition == place.added->end()) return false;
  return place.item == place.items->end() || place.item->disputed || *place.addition < *place.item;
}

// Goes on from `place` and leaves it where something may be left.
void OldestFirst::walk(Place& place, std::optional<AccountId> only, Application& application) {
  while (application.rest > 0 && !full() && !done(place)) {
    auto& next = next_is_added(place) ? place.addition : place.item;
    take(state_.invoices.at(next->invoice), only, application);
    if (application.rest > 0) ++next;
  }
}

bool OldestFirst::finds_any(AccountId account) {
  const auto any = [&](Place place, std::optional<AccountId> only) {
    std::vector<std::int64_t> weights;
    while (!done(place)) {
      auto& next = next_is_added(place) ? place.addition : place.item;
      if (payable(state_.invoices.at(next->invoice), only, weights) > 0) return true;
      ++next;
    }
    return false;
  };
  const Places& places = places_of(account);
  return any(places.own, account) || any(places.payer, std::nullopt);
}

// What may be paid on one invoice, on the share of `only` or on all of them; `weights` are what each share has open.
std::int64_t OldestFirst::payable(const invoice::State& invoice, std::optional<AccountId> only,
                                  std::vector<std::int64_t>& weights) const {
  weights.clear();
  std::int64_t open = 0;
  std::int64_t used = 0;
  for (const invoice::ShareState& share : invoice.shares) {
    const auto before = used_.find({invoice.id, share.account});
    const std::int64_t gone = before == used_.end() ? 0 : before->second;
    used += gone;
    weights.push_back(!only || share.account == *only ? share.open - gone : 0);
    open += weights.back();
  }
  const auto changed = changes_.find(invoice.id);
  std::int64_t kept = changed == changes_.end() ? invoice.disputed : changed->second.disputed;
  if (reserved_ == Reserved::kIsLeftAlone) kept += changed == changes_.end() ? invoice.reserved : changed->second.reserved;
  return std::min(open, invoice.open - kept - used);
}

// Uses what it can of application.rest on one invoice: on the share of `only`, or on all of them pro rata.
void OldestFirst::take(const invoice::State& invoice, std::optional<AccountId> only, Application& application) {
  std::vector<std::int64_t> weights;
  const std::int64_t amount = std::min(payable(invoice, only, weights), application.rest);
  if (amount <= 0) return;
  for (const Allocation& allocation : split(invoice, weights, amount)) {
    reserve(allocation);
    application.allocations.push_back(allocation);
    ++applied_;
  }
  application.rest -= amount;
}

}  // namespace billing::receivables
