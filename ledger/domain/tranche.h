// Where the money of a payment or the credit of a note is, and since when. A movement that is dated before what happened to
// the money since is possible as long as its way is known: takeback.h undoes what came after, on the days on which it came.
#pragma once

#include "ledger/base/timeline.h"
#include "ledger/domain/types.h"

namespace billing::tranche {

// On the share that `account` has of an invoice, or, with no invoice, unapplied credit that `account` holds.
struct Place {
  AccountId account;
  InvoiceId invoice{};
  bool is_credit() const { return invoice.nil(); }
  friend bool operator==(const Place&, const Place&) = default;
};
struct Stay {
  Place place;
  Date since;
  friend bool operator==(const Stay&, const Stay&) = default;
};
// A part that has moved as one. What comes off an invoice counts as new from that day on, so that only credit stands in
// `before`.
struct Tranche {
  std::int64_t amount = 0;
  Stay now;
  std::vector<Stay> before;  // where it was, earliest first
  // From when on its way is known: it cannot be moved on an earlier day.
  Date known_since() const { return before.empty() ? now.since : before.front().since; }
  // Where it was on a day from then on.
  const Place& place_on(Date day) const;
};
// All of a payment or note that was not taken back; what is on invoices stands in the order in which it came there.
using Tranches = std::vector<Tranche>;

// New money, from this day on.
void put(Tranches& tranches, Place place, Date on, std::int64_t amount);
// Moves what is at `from`: first what came from `to` on this very day, of which no trace is left; then what came last, but
// not after this day. What was stored when the dates were not kept apart may move before it came.
void move(Tranches& tranches, Place from, Place to, Date on, std::int64_t amount);
// Takes away what is at `from`, in the same order.
void take(Tranches& tranches, Place from, Date on, std::int64_t amount);
// What is at `place` now, by the day on which it came.
Timeline timeline(const Tranches& tranches, Place place);
// What ever was at `place`, as far as the way of what is left is known.
Timeline history(const Tranches& tranches, Place place);

}  // namespace billing::tranche
