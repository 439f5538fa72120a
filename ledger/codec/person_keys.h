// One key per natural person, wrapped by an epoch key, in a small file of its own beside the store: never in the truth
// database or its backups. Forgetting a key erases the person's data everywhere.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/error.h"
#include "ledger/base/ids.h"

namespace billing::codec {

using PersonKey = std::array<std::uint8_t, 32>;

class PersonKeys {
 public:
  // Opens or creates the key file (mode 0600). An empty directory name keeps the keys in memory (tests).
  // Errors: kStorageFailure, kCorruptRecord (with the file's name).
  static Result<std::unique_ptr<PersonKeys>> open(const std::string& directory);
  ~PersonKeys();

  // The person's key, made and synced when there is none. Writer thread only. Error: kStorageFailure.
  Result<PersonKey> find_or_create(PersonId person);
  // nullopt: never known, or erased. Any thread.
  std::optional<PersonKey> find(PersonId person) const;
  // Forgets the key and rotates the epoch key, so that no old copy of the file opens it. Error: kStorageFailure.
  Result<void> erase(PersonId person);
  // Keyed hash (HMAC-SHA-256, hex) of text that must be unique without being readable, e.g. an e-mail address.
  std::string digest(std::string_view text) const;

 private:
  class Impl;
  explicit PersonKeys(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::codec
