// Instants as options name them.
#pragma once

#include <string_view>

#include "ledger/base/date.h"

namespace billing::ops {

// RFC 3339 in UTC: YYYY-MM-DDTHH:MM:SS, a fraction of one to six digits or none, and Z. Error: kInvalidDate.
Result<Instant> parse_instant(std::string_view text);

}  // namespace billing::ops
