// `billing restore`: a data directory from a backup, whole or up to a point in time; or the proof that it could be.
#pragma once

#include <cstdint>
#include <string>

#include "ops/config.h"

namespace billing::ops {

struct RestoreOrder {
  std::string from;       // directory of backups
  std::string keys_from;  // directory with the copy of the person keys; empty: none are restored
  std::string backup;     // name of one; empty: the newest
  std::string at;         // instant in UTC; empty: none
  std::uint64_t position = 0;  // 0: none
  bool verify = false;    // check the backup, restore nothing
  bool write = false;     // else it only says what it would do
  bool accept_broken_chain = false;  // go on although manifests are damaged, missing or exchanged
};

// Restores into `config.data`, which must be empty or absent, and gives it a new witness. What is restored is proved before
// the directory gets its name. Returns the exit code: 0 done, possible or sound; 1 refused, failed or not sound, with the
// reason; 2 an option is not valid.
int restore(const Config& config, const RestoreOrder& order);

}  // namespace billing::ops
