// The monthly report: what was invoiced, credited and paid by month, of every account, of all below it, and of every
// customer.
#pragma once

#include <map>

#include "projections/figures_view.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

// What the events of a batch change in the months of accounts; what is above them gets the sums of a batch at once.
struct MonthPlace {
  CustomerId customer{};
  AccountId account{};
  std::int32_t month = 0;
  friend auto operator<=>(const MonthPlace&, const MonthPlace&) = default;
};
using MonthChanges = std::map<MonthPlace, Month>;  // the values' own `month` is not used

namespace months {
// Adds what the event changes to `changes`. A move settles them first and takes all months of the subtree along: a month
// is told of the hierarchy as it is now. Applied before the hierarchy's own rows are.
void apply(const codec::Envelope& event, Rows& rows, MonthChanges& changes);
// Adds the changes to the accounts, their ancestors of now and the customers, and forgets them.
void settle(MonthChanges& changes, Rows& rows);
}  // namespace months

// Subtrees as they are now, groups with their members of `today`. Error: kInvalidParameter for a range that is empty or longer than 240 months.
Result<std::vector<Month>> read_months(const Source& source, const Scope& scope, std::int32_t first, std::int32_t last,
                                       Date today);

}  // namespace billing::views
