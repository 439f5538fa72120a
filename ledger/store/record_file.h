// Checks a file in RocksDB's record format (write-ahead logs and MANIFEST files) byte by byte. Internal to this folder.
#pragma once

#include <optional>
#include <string>

#include "ledger/base/error.h"

namespace billing::store {

// The first thing that is wrong. `torn`: the file ends within a record, or in zeros, as after a crash.
struct RecordFileProblem {
  bool torn = false;
  std::string detail;
};

// Stricter than RocksDB's own reader, which takes a damaged length near the end for a write that was cut short, and
// never looks at the padding of blocks. Nothing when every byte is right. Error: kStorageFailure.
Result<std::optional<RecordFileProblem>> check_record_file(const std::string& path);

// CRC-32C of a whole file, as RocksDB notes it for its data files. Error: kStorageFailure.
Result<std::string> file_crc32c(const std::string& path);

}  // namespace billing::store
