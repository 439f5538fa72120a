// The data files of an open database, and whether one is as it was written: what a scrub reads again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/base/error.h"

namespace billing::store {

struct LiveFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::string checksum;  // CRC-32C of the whole file, as the database notes it; empty: it notes none
};

// Reads the whole file and compares. A file that is gone meanwhile, as after a compaction, is right. Any thread. Errors:
// kCorruptRecord (another checksum; the detail names the file), kStorageFailure (it cannot be read).
Result<void> check_live_file(const LiveFile& file);

}  // namespace billing::store
