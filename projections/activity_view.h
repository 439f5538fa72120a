// What happened, newest first. The rows are keys only: what they show is read from the events.
#pragma once

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

// By position alone: the dates of the places are all the same.
inline constexpr DatedList kActivityList{Table::kActivityOfAccount, Table::kActivityOfCustomer};

namespace activity {
void apply(const codec::Envelope& event, Rows& rows);
}

// What an event says, in a few plain fields.
Activity describe(const codec::Envelope& event);
// `head`: the position that the rows have reached.
Result<Page<Activity>> list_activity(const Source& source, Position head, const Scope& scope, Date today,
                                     const RecordedWithin& recorded, const PageRequest& page);

}  // namespace billing::views
