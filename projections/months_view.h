// The monthly report: what was invoiced, credited and paid, per account and month.
#pragma once

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

namespace months {
void apply(const codec::Envelope& event, Rows& rows);
}

// Error: kInvalidParameter for a range that is empty or longer than 240 months.
Result<std::vector<Month>> read_months(const Source& source, const Scope& scope, std::int32_t first, std::int32_t last,
                                       Date today);

}  // namespace billing::views
