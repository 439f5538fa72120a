// Small steps with files, each of which says what failed. Internal to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::store {

// Syncs a directory, so that names made or changed in it last. Error: kStorageFailure.
Result<void> sync_directory(const std::string& directory);

// Syncs a file's bytes. Error: kStorageFailure.
Result<void> sync_file(const std::string& path);

// Writes `path` in one step that either happened or did not: beside it, synced, renamed, directory synced.
// Error: kStorageFailure.
Result<void> replace_file(const std::string& path, std::string_view bytes);

// Whether something can be written and synced where `directory` is: makes a small file in it, and takes it away again.
// Error: kStorageFailure.
Result<void> probe_writing(const std::string& directory);

// The bytes of a file of at most `bytes_max`. Error: kStorageFailure (not there, too large, unreadable).
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// Free space of the file system that holds `path`, for callers without privileges. Error: kStorageFailure.
Result<std::uint64_t> free_bytes(const std::string& path);

}  // namespace billing::store
