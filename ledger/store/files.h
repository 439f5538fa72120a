// Small steps with the files of a store, each of which says what failed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/base/durable_file.h"
#include "ledger/base/error.h"

namespace billing::store {

// The suffix of a file that is about to be renamed: RocksDB and verify_files know one that a crash left.
inline constexpr const char* kLeftOverSuffix = ".dbtmp";
inline constexpr ::mode_t kFileMode = 0640;

// Whether something can be written and synced where `directory` is: makes a small file in it, and takes it away again.
// Error: kStorageFailure.
Result<void> probe_writing(const std::string& directory);

// The bytes of a file of at most `bytes_max`. Error: kStorageFailure (not there, too large, unreadable).
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// Free space of the file system that holds `path`, for callers without privileges. Error: kStorageFailure.
Result<std::uint64_t> free_bytes(const std::string& path);

// Refuses a directory that has data files but no CURRENT, which RocksDB would take for an empty new database.
// Error: kCorruptRecord.
Result<void> check_not_beheaded(const std::string& directory);

}  // namespace billing::store
