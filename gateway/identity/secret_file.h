// Small files with secrets or their digests: written whole and durably, readable by their owner only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::identity {

// Writes `content` beside `path` with mode 0600, syncs it and renames it into place. Error: kStorageFailure.
Result<void> write_secret(const std::string& path, std::string_view content);
// The file's content, at most 4 KiB; nothing when there is no such file. Errors: kStorageFailure; kConfiguration when
// others than the owner and the group may read it or others than the owner may write it.
Result<std::optional<std::string>> read_secret(const std::string& path);
// Makes the directory with mode 0700 if it is not there (its parent must be). Error: kStorageFailure.
Result<void> make_private_directory(const std::string& path);

}  // namespace billing::identity
