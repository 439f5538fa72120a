// A second, independent note of where the log ends. Internal to this folder. Layout: docs/storage-format.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/store/log.h"

namespace billing::store {

// What the witness file holds.
struct Testimony {
  Head head;
  bool damaged_slot = false;  // one of the two places is not readable: a torn write, or damage
};

// Reads `<directory>/witness`; nothing when the file is not there.
// Errors: kCorruptRecord when neither place can be read, kStorageFailure.
Result<std::optional<Testimony>> read_witness(const std::string& directory);

// The file's writer: two places that are written in turn, so that a write cut short leaves the other one.
// One thread at a time.
class Witness {
 public:
  // Creates the file when it is missing, and notes `head` in both places. Error: kStorageFailure.
  static Result<Witness> create(const std::string& directory, const Head& head);
  ~Witness();
  Witness(Witness&& other) noexcept;
  Witness& operator=(Witness&&) = delete;

  // Notes the head and syncs. Error: kStorageFailure.
  Result<void> write(const Head& head);

 private:
  explicit Witness(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
  std::uint64_t writes_ = 0;
};

}  // namespace billing::store
