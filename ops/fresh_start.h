// What a first start makes, so that one that fails leaves nothing behind.
#pragma once

#include <string>
#include <vector>

#include "ops/config.h"

namespace billing::ops {

// Notes before a start which of the service's files and directories are not there yet. One thread.
class FreshStart {
 public:
  explicit FreshStart(const Config& config);
  // After a start that failed and has closed everything: removes what was not there before, and directories above it that
  // were not there either, while they are empty. Does nothing when there was a ledger before, or another process has
  // one there now.
  void undo() const;

 private:
  std::string ledger_;
  bool had_ledger_ = false;
  std::vector<std::string> made_;   // files and directories, to be removed with all in them
  std::vector<std::string> above_;  // directories, the deepest first, to be removed when they are empty
};

}  // namespace billing::ops
