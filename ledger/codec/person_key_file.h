// The bytes of `person.keys` and `epoch.key`: what they look like, and how they reach the disk. No locking in here.
//
// person.keys, blocks of 128 bytes (a block lies within one sector, so a torn write leaves a part of a block at the
// end of the file, or a block of zeros):
//   first block   "BLPKEYS" and version 1 (8 bytes), epoch id (16), sealed digest secret (60), zeros (44)
//   other blocks  person id (16), sealed key (60), zeros (52)
// epoch.key, 64 bytes:
//   "BLEPOCH" and version 1 (8 bytes), epoch id (16), key (32), first 8 bytes of the SHA-256 of all that
// Sealed: nonce (12), cipher text (32), tag (16) of AES-256-GCM under the epoch key. Associated data of the secret: the
// first 24 bytes of the file; of a person's key: epoch id, index of the block (8 bytes, big-endian), person id.
#pragma once

#include <string>
#include <unordered_map>

#include "ledger/codec/person_keys.h"

namespace billing::codec {

struct Epoch {
  Uuid id;
  PersonKey key{};
};

// All that the two files say.
struct KeyFile {
  Epoch epoch;
  PersonKey digest_secret{};
  std::unordered_map<PersonId, PersonKey> keys;
};

// Reads both files of `directory`; finishes a rotation that was cut off. Makes them (mode 0600, synced) when there are
// none. `blocks` becomes the number of sound blocks of person.keys; a torn last one is cut off the file.
// Errors: kStorageFailure; kCorruptRecord with the file's name.
Result<KeyFile> load_key_file(const std::string& directory, std::uint64_t& blocks);

// Writes both files anew under `file.epoch`, which is fresh, in place of the old ones: when this returns, the old epoch
// key is gone. A crash at any moment leaves the old pair or the new one. Error: kStorageFailure.
Result<void> replace_key_file(const std::string& directory, const KeyFile& file);

// Appends one block, number `index` from 0, and syncs it. Error: kStorageFailure.
Result<void> append_person_key(const std::string& directory, const Epoch& epoch, std::uint64_t index, PersonId person,
                               const PersonKey& key);

// A fresh epoch from random bytes.
Epoch fresh_epoch();

}  // namespace billing::codec
