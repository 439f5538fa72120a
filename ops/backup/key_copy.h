// Copies of the person keys, apart from the ledger's backups. Only the newest is kept: an erasure has to reach it.
#pragma once

#include <string>

#include "ops/backup/manifest.h"

namespace billing::ops {

// Copies the keys' directory of a service, which may be running, into `target`, opens the copy to prove it, and then
// overwrites and removes the copies before it. `manifest` has the ledger's head, the instant and the product. The target is
// made when it is missing. Errors: kStorageFailure (no keys, they kept changing for five seconds, another backup has the
// target), kStorageFull, kCorruptRecord (the keys cannot be opened).
Result<void> copy_keys(const std::string& keys, const std::string& target, Manifest manifest);

struct KeyCopy {
  std::string directory;
  Manifest manifest;
};
// The newest copy, every file of it checked. Errors: kStorageFailure (there is none), kCorruptRecord (names the file).
Result<KeyCopy> newest_key_copy(const std::string& target);

}  // namespace billing::ops
