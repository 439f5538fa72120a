// Figures of every account, of all below it, and of every customer: as they are now, and by how much each posting day
// changed them. As of a date they are those of now without the days after it.
#pragma once

#include <functional>
#include <span>
#include <unordered_map>

#include "projections/figures.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

// Figures are kept apart for an account itself, for all that is below it, and for a whole customer.
enum class Part : std::uint8_t { kOwn = 0, kBelow = 1, kWhole = 2 };
struct Node {
  Uuid id{};  // of an AccountId, or of a CustomerId for kWhole
  Part part = Part::kOwn;
};
inline Node own(AccountId id) { return {id.uuid, Part::kOwn}; }
inline Node below(AccountId id) { return {id.uuid, Part::kBelow}; }
inline Node whole(CustomerId id) { return {id.uuid, Part::kWhole}; }

// What the events of a batch change in accounts, by posting day. Ancestors and customers get the sums of a batch at once,
// so that a row which many events touch is changed once.
struct ChangePlace {
  CustomerId customer{};
  AccountId account{};  // nil: the customer alone
  Date day{};
  friend bool operator==(const ChangePlace&, const ChangePlace&) = default;
};
struct ChangePlaceHash {
  std::size_t operator()(const ChangePlace& place) const {
    return std::hash<AccountId>()(place.account) + std::hash<CustomerId>()(place.customer) * 31 +
           static_cast<std::size_t>(place.day.days) * 0x9E3779B97F4A7C15ULL;
  }
};
using FigureChanges = std::unordered_map<ChangePlace, Figures, ChangePlaceHash>;

namespace figures {
// Adds what the event's postings and documents change to `changes`. A move settles them first: it takes what the subtree
// has from the ancestors that it leaves to those that it comes below, and is applied before the hierarchy's own rows are.
void apply(const codec::Envelope& event, Rows& rows, FigureChanges& changes);
// Adds the changes to the accounts, their ancestors of each day and the customers, and forgets them.
void settle(FigureChanges& changes, Rows& rows);
// Adds to one node: its row of now and its row of the day.
void add(Rows& rows, const Node& node, Date day, const Figures& change, int sign = 1);
}  // namespace figures

// The figures of `scopes` that are no groups and ascend by id, at the end of `date`; `latest`: nothing is recorded for a
// later day (is_latest). `visit` gets one after the other.
Result<void> figures_at(const Source& source, std::span<const Scope> scopes, Date date, bool latest, Detail detail,
                        const std::function<void(const Scope&, const Figures&)>& visit);
// Of one.
Result<Figures> figures_at(const Source& source, const Scope& scope, Date date, bool latest, Detail detail);

}  // namespace billing::views
