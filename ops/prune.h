// `billing backup prune`: removes old backups, and the files that only they need.
#pragma once

#include <cstdint>
#include <string>

namespace billing::ops {

struct PruneOrder {
  std::string to;               // directory of backups
  std::uint64_t keep = 0;       // so many of the newest stay; 0: not given
  std::uint64_t keep_days = 0;  // those that were made within so many days stay, and the newest; 0: not given
  bool write = false;           // else it only says what it would do
};

// Says which backups would go and what space that gives; with `write` removes them, once the newest one is verified. One that was
// cut off is finished by the next. Returns the exit code: 0 done or possible; 1 refused or failed, with the reason; 2 an
// option is not valid.
int prune(const PruneOrder& order);

}  // namespace billing::ops
