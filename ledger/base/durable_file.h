// Files that are whole after a power cut: their bytes are synced, and so are the directories that name them.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing {

// All errors: kStorageFull for a full disk, else kStorageFailure, with the path and the system's reason. Any thread.

// Writes what the kernel still holds of a file, or of a directory's names, to the disk.
Result<void> sync_file(const std::string& path);
Result<void> sync_directory(const std::string& path);

// Makes the file anew with these bytes and this mode, whatever there was, and syncs it. Its name is not synced yet.
Result<void> write_file(const std::string& path, std::string_view bytes, ::mode_t mode);

// Renames, replacing what is at `to`, and syncs the directory of `to`.
Result<void> rename_durably(const std::string& from, const std::string& to);

// Replaces a file, whole or not at all: the bytes are written to `path` + `suffix` and renamed.
Result<void> replace_file(const std::string& path, std::string_view bytes, ::mode_t mode, std::string_view suffix = ".new");

}  // namespace billing
