// A log up to a position, written anew.
#pragma once

#include <functional>

#include "ledger/store/log.h"

namespace billing::ops {

// Copies the records 1 to `last` of a log into an empty one, with the index entries of their commands, in batches of whole
// commands. `progress(done, last)` is called after each. Errors: kInvalidParameter (`last` is not the last event of its
// command, 0 or past the head: the detail says which positions are possible), kCorruptRecord (an event whose command is not
// in the index, too), and those of Log::commit.
Result<void> copy_log(const store::Log& from, Position last, store::Log& to,
                      const std::function<void(Position, Position)>& progress = {});

// The same check of `last` alone, and that it exists. Errors: kInvalidParameter, kCorruptRecord, kStorageFailure.
Result<void> check_cut(const store::Log& log, Position last);

}  // namespace billing::ops
