// `billing recover`: what a stopped service needs made anew before it starts again, after a proof that nothing is lost by it.
#pragma once

#include "ops/config.h"

namespace billing::ops {

struct RecoverOrder {
  bool write = false;       // else it only says what it would do
  Position lost_after = 0;  // of recover_witness: the position at which the log ends, behind which what the witness saw is given up
};

// Makes the witness anew, which was lost or is damaged: every file and record of the log must be whole, and neither the views,
// nor the topic (where one is configured), nor what can be read of the witness may have seen more than the log has. Returns
// the exit code: 0 done, or possible; 1 refused, with the reason on standard output; 2 it could not be checked.
int recover_witness(const Config& config, const RecoverOrder& order);

// Notes of persons whose keys are lost, and in no backup, that they were erased, so that the service starts again: their names
// and contacts can never be read again. The log must be whole. Exit codes as above.
int recover_keys(const Config& config, const RecoverOrder& order);

// Brings back from the topic the events that the store lost, or that came after the backup that it was restored from: from the
// store's head on, whatever its witness says, which the next start asks again: whole commands only, up to the first event with personal data, which is in no topic. A repeat of one of
// these commands is refused with idempotency-key-reused, for the topic does not have its body. Exit codes as above; 1 as well
// where the topic goes further than what can be brought back.
int recover_tail(const Config& config, const RecoverOrder& order);

}  // namespace billing::ops
