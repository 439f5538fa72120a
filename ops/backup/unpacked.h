// A backup's ledger under the names that a store has, to be read where it lies.
#pragma once

#include <memory>
#include <string>

#include "ops/backup/manifest.h"
#include "ops/backup/target.h"

namespace billing::ops {

// A directory of symbolic links below TMPDIR, which goes away with this object. One thread.
class Unpacked {
 public:
  // Error: kStorageFailure.
  static Result<std::unique_ptr<Unpacked>> make(const Target& target, const Manifest& manifest);
  ~Unpacked();
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;
  std::string ledger() const { return directory_ + "/ledger"; }

 private:
  explicit Unpacked(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace billing::ops
