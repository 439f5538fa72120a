#include "ledger/domain/oldest_first.h"

#include <algorithm>

namespace billing::receivables {

void OldestFirst::reserve(const Allocation& allocation) {
  used_[{allocation.invoice, allocation.account}] += allocation.amount;
}

Application OldestFirst::apply(AccountId account, std::int64_t amount, Priority priority) {
  Application application{{}, amount};
  const auto found = state_.queues.find(account);
  if (found == state_.queues.end()) return application;
  const AccountQueues& queues = found->second;
  Places& places = places_.try_emplace(account, queues.own.begin(), queues.payer.begin()).first->second;
  const bool own_first = priority == Priority::kOwnShares;
  for (const bool own : {own_first, !own_first}) {
    if (own) {
      walk(queues.own, places.own, account, application);
    } else {
      walk(queues.payer, places.payer, std::nullopt, application);
    }
  }
  return application;
}

// Goes on from `place` and leaves it where something may be left.
void OldestFirst::walk(const Items& items, Items::const_iterator& place, std::optional<AccountId> only,
                       Application& application) {
  while (application.rest > 0 && !full() && place != items.end() && !place->disputed) {
    take(state_.invoices.at(place->invoice), only, application);
    if (application.rest > 0) ++place;
  }
}

// Uses what it can of application.rest on one invoice: on the share of `only`, or on all of them pro rata.
void OldestFirst::take(const invoice::State& invoice, std::optional<AccountId> only, Application& application) {
  std::vector<std::int64_t> weights;
  std::int64_t open = 0;
  std::int64_t used = 0;
  for (const invoice::ShareState& share : invoice.shares) {
    const auto before = used_.find({invoice.id, share.account});
    const std::int64_t gone = before == used_.end() ? 0 : before->second;
    used += gone;
    weights.push_back(!only || share.account == *only ? share.open - gone : 0);
    open += weights.back();
  }
  const std::int64_t amount = std::min({open, application.rest, invoice.open - invoice.disputed - used});
  if (amount <= 0) return;
  for (const Allocation& allocation : split(invoice, weights, amount)) {
    reserve(allocation);
    application.allocations.push_back(allocation);
    ++applied_;
  }
  application.rest -= amount;
}

}  // namespace billing::receivables
