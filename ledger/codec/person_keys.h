// One key per natural person, wrapped by an epoch key, in a small file of its own beside the store: never in the truth
// database or its backups. Forgetting a key erases the person's data everywhere.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/base/error.h"
#include "ledger/base/ids.h"

namespace billing::codec {

using PersonKey = std::array<std::uint8_t, 32>;

// What a record says of the key that its personal data is encrypted under: the first bytes of HMAC-SHA-256(key, "billing
// person key").
inline constexpr std::size_t kFingerprintBytes = 8;
std::string fingerprint(const PersonKey& key);

class PersonKeys {
 public:
  // Opens the key files, or begins new ones, which keep() or the first key makes (mode 0600). An empty directory name keeps the
  // keys in memory (tests). Errors: kStorageFailure, kCorruptRecord (with the file's name).
  static Result<std::unique_ptr<PersonKeys>> open(const std::string& directory);
  // The same for reading only: changes no file. Keys that it makes are in memory alone.
  static Result<std::unique_ptr<PersonKeys>> open_copy(const std::string& directory);
  ~PersonKeys();

  // Makes the files when there are none yet: once it is known that none are lost. Error: kStorageFailure.
  Result<void> keep();
  // The person's key, made and synced when there is none. After a failed write the files are read again first, so that it
  // goes on once the disk does. Writer thread only. Errors: kStorageFailure, kCorruptRecord.
  Result<PersonKey> find_or_create(PersonId person);
  // nullopt: never known, or erased. Any thread.
  std::optional<PersonKey> find(PersonId person) const;
  // Forgets the key, keeps a note that it was erased, and rotates the epoch key, so that no old copy of the file opens it.
  // Errors: kStorageFailure, kCorruptRecord.
  Result<void> erase(PersonId person);
  // Notes of persons whose keys are lost that they were erased: what was sealed with those can never be read again. A key that
  // such a person has now stays. Error: kStorageFailure.
  Result<void> give_up(std::span<const PersonId> lost);
  // Whether the key that a record names is there, or was erased. Any thread. Error: kCorruptRecord, which names the person.
  Result<void> check(PersonId person, std::string_view fingerprint) const;
  // How many persons have a key, and how many were erased. Any thread.
  struct Count {
    std::size_t keys = 0;
    std::size_t erased = 0;
  };
  Count count() const;
  // Keyed hash (HMAC-SHA-256, hex) of text that must be unique without being readable, e.g. an e-mail address.
  std::string digest(std::string_view text) const;

 private:
  class Impl;
  explicit PersonKeys(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::codec
