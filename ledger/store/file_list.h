// `files.sha256`: digests of the files of a store that carry no checksum of their own. Internal to this folder.
#pragma once

#include <map>
#include <string>

#include "ledger/base/error.h"

namespace billing::store {

inline constexpr const char* kFileListName = "files.sha256";

// Writes the digests of IDENTITY and of every OPTIONS file in `directory`, which RocksDB writes once and never checks.
// Error: kStorageFailure.
Result<void> write_file_list(const std::string& directory);

// File name -> digest as hexadecimal text. Errors: kCorruptRecord (the list itself is damaged), kStorageFailure.
Result<std::map<std::string, std::string>> read_file_list(const std::string& directory);

// The digest of a file, as the list has it. Error: kStorageFailure.
Result<std::string> file_digest(const std::string& path);

}  // namespace billing::store
