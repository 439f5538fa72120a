// `billing verify`: every byte, every record, every view of a stopped service; and the topic, when asked.
#pragma once

#include <optional>
#include <string>

#include "ops/config.h"

namespace billing::ops {

struct VerifyOrder {
  bool digest = false;       // print the digest of the views too
  bool drop_damaged_views = false;  // delete views that are damaged or differ; the next start rebuilds them
};

// Prints what it finds; changes nothing, unless it is ordered to. Returns the exit code: 0 all is well, 1 something is not (named on standard output), 2 it could
// not be checked.
int verify(const Config& config, const VerifyOrder& order);

}  // namespace billing::ops
