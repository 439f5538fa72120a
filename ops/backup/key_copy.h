// Copies of the person keys, apart from the ledger's backups. Only the newest is kept: an erasure has to reach it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ledger/codec/person_keys.h"
#include "ops/backup/manifest.h"

namespace billing::ops {

// Further proof of a copy, before those before it are overwritten.
using KeyProof = std::function<Result<void>(const codec::PersonKeys& keys)>;

// Copies the keys' directory of a service, which may be running, into `target`, opens the copy to prove it, and then
// overwrites and removes the copies before it. `manifest` has the ledger's head, the instant and the product. The target is
// made when it is missing. Answers the names of files in `keys` that are no files of keys: they are left out. Errors, after which
// the copies before are as they were: kStorageFailure (no keys, they kept changing for five seconds, another backup has the
// target, the target has other things in it), kStorageFull, kCorruptRecord (the keys cannot be opened; the copy before has keys,
// or notes of erasures, that they do not have; `prove` refuses them).
Result<std::vector<std::string>> copy_keys(const std::string& keys, const std::string& target, Manifest manifest,
                                           const KeyProof& prove = {});

struct KeyCopy {
  std::string directory;
  Manifest manifest;
};
// The newest copy, every file of it checked. Errors: kStorageFailure (there is none), kCorruptRecord (names the file).
Result<KeyCopy> newest_key_copy(const std::string& target);

}  // namespace billing::ops
