// The bytes of `person.keys` and `epoch.key`: what they look like, and how they reach the disk. No locking in here.
//
// person.keys, blocks of 128 bytes (a block lies within one sector, so a torn write leaves a part of a block at the
// end of the file, or a block of zeros):
//   first block   "BLPKEYS" and version 1 (8 bytes), epoch id (16), sealed digest secret (60), zeros (44)
//   other blocks  person id (16), sealed key (60), zeros (52); a key of zeros notes that the person's key was erased. A
//                 later block of the same person is a key that was made anew
// epoch.key, 64 bytes:
//   "BLEPOCH" and version 1 (8 bytes), epoch id (16), key (32), first 8 bytes of the SHA-256 of all that
// Sealed: nonce (12), cipher text (32), tag (16) of AES-256-GCM under the epoch key. Associated data of the secret: the
// first 24 bytes of the file; of a person's key: epoch id, index of the block (8 bytes, big-endian), person id.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "ledger/codec/person_keys.h"

namespace billing::codec {

struct Epoch {
  Uuid id;
  PersonKey key{};
};

struct Person {
  std::optional<PersonKey> key;
  bool erased = false;  // a key of before was
};

// All that the two files say.
struct KeyFile {
  Epoch epoch;
  PersonKey digest_secret{};
  std::unordered_map<PersonId, Person> persons;
  std::uint64_t blocks = 0;  // sound ones of person.keys: a next one goes behind them, over a torn one if there is one
};

// What the key files of `directory` say; nullopt when there are none. With `mend` a rotation that was cut off is finished and
// the mode is set; without it no file is changed. Errors: kStorageFailure; kCorruptRecord with the file's name.
Result<std::optional<KeyFile>> load_key_file(const std::string& directory, bool mend);

// Writes both files anew under `file.epoch`, which is fresh, in place of the old ones: when this returns, the old epoch
// key is gone. Makes the directory, whose parent is there. A crash at any moment leaves the old pair or the new one. `file.blocks` becomes how many
// were written. Error: kStorageFailure.
Result<void> replace_key_file(const std::string& directory, KeyFile& file);

// Appends one block, number `index` from 0, and syncs it. Error: kStorageFailure.
Result<void> append_person_key(const std::string& directory, const Epoch& epoch, std::uint64_t index, PersonId person,
                               const PersonKey& key);

// A fresh epoch from random bytes.
Epoch fresh_epoch();

}  // namespace billing::codec
