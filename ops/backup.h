// `billing backup`: a backup of a running or stopped service into a directory that holds many of them.
#pragma once

#include <string>

#include "ops/config.h"

namespace billing::ops {

struct BackupOrder {
  std::string to;       // directory of backups; made when missing
  std::string keys_to;  // directory for the copy of the person keys, elsewhere; empty: they are not copied
};

// Makes one backup and says what it holds. Returns the exit code: 0 made; 1 not made, the reason on standard error, and the
// target's earlier backups are as they were; 2 an option is not valid.
int backup(const Config& config, const BackupOrder& order);

}  // namespace billing::ops
