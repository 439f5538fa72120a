// `billing serve`: runs until SIGTERM or SIGINT.
#pragma once

#include "ops/config.h"

namespace billing::ops {

// Returns the exit code: 0 stopped as asked, 1 could not start.
int serve(const Config& config);

}  // namespace billing::ops
