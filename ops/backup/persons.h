// Which persons a log speaks of, and whose data can be read.
#pragma once

#include <functional>

#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"

namespace billing::ops {

struct PersonCount {
  std::size_t named = 0;
  std::size_t readable = 0;  // those of whom at least one text opens
  std::size_t lost = 0;      // those of whom a key is missing, or another one than the log names, and who were not erased
};

// Reads the log up to `last` and opens every private part. `keys` may be null: then nothing is readable, and nobody lost.
// Errors: kCorruptRecord (a private part that its key does not open, too), kStorageFailure.
Result<PersonCount> count_persons(const store::Log& log, Position last, const codec::PersonKeys* keys,
                                  const std::function<void(Position, Position)>& progress = {});

}  // namespace billing::ops
