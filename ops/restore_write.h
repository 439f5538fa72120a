// Writing a restored data directory.
#pragma once

#include <optional>

#include "ledger/store/rocks_log.h"
#include "ops/backup/key_copy.h"
#include "ops/backup/target.h"
#include "ops/config.h"

namespace billing::ops {

struct RebuildOrder {
  const Target& target;
  const Manifest& manifest;
  const store::Log& log;  // the backup's
  Position last = 0;      // of it that is wanted; a command ends there
  const std::optional<KeyCopy>& keys;
};

// Writes ledger, witness, identity and keys beside `config.data` (`….half`), proves the ledger (files, chain, fold, head),
// and renames the directory. After an error nothing of it is left. Answers the restored head. Errors: kStorageFailure,
// kStorageFull, kCorruptRecord.
Result<store::Head> rebuild(const Config& config, const RebuildOrder& order);

}  // namespace billing::ops
