// The files of an open database, and whether one is as it was written: what a scrub reads again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/base/error.h"

namespace billing::store {

struct LiveFile {
  enum class Kind : std::uint8_t {
    kData,     // with the CRC-32C that the database notes of the whole file; without one where it notes none
    kRecords,  // a write-ahead log or a MANIFEST, each record of which has a checksum; it may grow meanwhile
    kListed,   // with its digest in `files.sha256`
    kWitness,  // of the log's head; it is written meanwhile
  };
  std::string path;
  std::uint64_t bytes = 0;
  Kind kind = Kind::kData;
  std::string checksum{};
};

// Reads the whole file and compares. One that the database has dropped meanwhile is not there, which is no fault: ask it
// again for its files. Any thread. Errors: kCorruptRecord (other bytes than were written; the detail names the file),
// kStorageFailure (it is not there or cannot be read).
Result<void> check_live_file(const LiveFile& file);

}  // namespace billing::store
