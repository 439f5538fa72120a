// `billing recover`: what a stopped service needs made anew before it starts again, after a proof that nothing is lost by it.
#pragma once

#include "ops/config.h"

namespace billing::ops {

struct RecoverOrder {
  bool write = false;  // else it only says what it would do
};

// Makes the witness anew, which was lost or is damaged: every file and record of the log must be whole, and neither the views
// nor the topic (where one is configured) may have seen more than the log has. Returns the exit code: 0 done, or possible; 1
// refused, with the reason on standard output; 2 it could not be checked.
int recover_witness(const Config& config, const RecoverOrder& order);

}  // namespace billing::ops
