#include "ledger/domain/tranche.h"

#include <algorithm>

#include "ledger/base/assert.h"

namespace billing::tranche {
namespace {

bool came_from(const Tranche& tranche, const Place& place, Date on) {
  return tranche.now.since == on && !tranche.before.empty() && tranche.before.back().place == place;
}

// The next of those at `from` that is to leave on this day. There is one.
Tranches::iterator next_at(Tranches& tranches, const Place& from, const std::optional<Place>& to, Date on) {
  auto best = tranches.end();
  // Undone on its own day, then not after the day, then the last that came.
  const auto rank = [&](const Tranche& one) {
    const bool there = one.now.since <= on;
    return std::tuple(to && came_from(one, *to, on), there, there ? one.now.since.days : -one.now.since.days);
  };
  for (auto one = tranches.begin(); one != tranches.end(); ++one) {
    if (one->now.place == from && (best == tranches.end() || rank(*one) >= rank(*best))) best = one;
  }
  BILLING_ASSERT(best != tranches.end());
  return best;
}

// Takes at most `amount` of it out.
Tranche split(Tranches& tranches, Tranches::iterator from, std::int64_t amount) {
  if (from->amount <= amount) {
    Tranche all = std::move(*from);
    tranches.erase(from);
    return all;
  }
  Tranche part = *from;
  part.amount = amount;
  from->amount -= amount;
  return part;
}

void arrive(Tranches& tranches, Tranche tranche) {
  if (tranche.now.place.is_credit()) {
    for (Tranche& one : tranches) {
      if (one.now != tranche.now || one.before != tranche.before) continue;
      one.amount += tranche.amount;
      return;
    }
  }
  tranches.push_back(std::move(tranche));
}

}  // namespace

const Place& Tranche::place_on(Date day) const {
  if (now.since <= day) return now.place;
  const auto later = std::ranges::find_if(before, [&](const Stay& stay) { return stay.since > day; });
  BILLING_ASSERT(later != before.begin());
  return std::prev(later)->place;
}

void put(Tranches& tranches, Place place, Date on, std::int64_t amount) {
  if (amount > 0) arrive(tranches, {amount, {place, on}, {}});
}

void move(Tranches& tranches, Place from, Place to, Date on, std::int64_t amount) {
  while (amount > 0) {
    Tranche tranche = split(tranches, next_at(tranches, from, to, on), amount);
    amount -= tranche.amount;
    if (came_from(tranche, to, on)) {
      tranche.now = tranche.before.back();
      tranche.before.pop_back();
    } else {
      const Date since = std::max(on, tranche.now.since);
      if (from.is_credit()) {
        tranche.before.push_back(tranche.now);
      } else {
        tranche.before.clear();
      }
      tranche.now = {to, since};
    }
    arrive(tranches, std::move(tranche));
  }
}

void take(Tranches& tranches, Place from, Date on, std::int64_t amount) {
  while (amount > 0) amount -= split(tranches, next_at(tranches, from, {}, on), amount).amount;
}

Timeline timeline(const Tranches& tranches, Place place) {
  Timeline sum;
  for (const Tranche& tranche : tranches) {
    if (tranche.now.place == place) sum.add(tranche.now.since, tranche.amount);
  }
  return sum;
}

Timeline history(const Tranches& tranches, Place place) {
  Timeline sum;
  for (const Tranche& tranche : tranches) {
    for (std::size_t n = 0; n < tranche.before.size(); ++n) {
      if (tranche.before[n].place != place) continue;
      sum.add(tranche.before[n].since, tranche.amount);
      sum.add(n + 1 < tranche.before.size() ? tranche.before[n + 1].since : tranche.now.since, -tranche.amount);
    }
    if (tranche.now.place == place) sum.add(tranche.now.since, tranche.amount);
  }
  return sum;
}

}  // namespace billing::tranche
