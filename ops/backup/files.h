// Steps with files that a backup is made of, each of which says what failed. A full disk is kStorageFull. Internal to
// this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/base/error.h"

namespace billing::ops {

// What a pass over a file saw.
struct FileDigest {
  std::string sha256;  // 64 digits
  std::uint64_t bytes = 0;
};

// Called with the number of bytes of each piece.
using OnBytes = std::function<void(std::uint64_t)>;

// Copies a file to a new one of mode 0600, synced, and digests what is copied. What is there is replaced; a copy that
// failed is removed. Errors: kStorageFull, kStorageFailure.
Result<FileDigest> copy_file(const std::string& from, const std::string& to, const OnBytes& on_bytes = {});

// Digests a file. Error: kStorageFailure.
Result<FileDigest> digest_file(const std::string& path, const OnBytes& on_bytes = {});

// The bytes of a file of at most `bytes_max`. Error: kStorageFailure.
Result<std::string> read_small(const std::string& path, std::size_t bytes_max);

// Writes a new file of mode 0600, synced. Errors: kStorageFull, kStorageFailure.
Result<void> write_small(const std::string& path, std::string_view bytes);

// Overwrites the first `bytes` of a file with zeros, and syncs them. Errors: kStorageFull, kStorageFailure.
Result<void> overwrite_file(const std::string& path, std::uint64_t bytes);

// Makes a directory of mode 0700 with those above it. Error: kStorageFailure.
Result<void> make_private_directories(const std::string& path);

// Syncs a directory, so that the names in it last. Error: kStorageFailure.
Result<void> sync_names(const std::string& directory);

// Renames and syncs the directory of the new name. Error: kStorageFailure.
Result<void> rename_durably(const std::string& from, const std::string& to);

// Removes a file or directory with all in it; what is not there is removed already. Error: kStorageFailure.
Result<void> remove_tree(const std::string& path);

// The right to write into a directory of backups, until it is let go or the process ends.
class DirectoryLock {
 public:
  // Error: kStorageFailure (another process has it).
  static Result<DirectoryLock> take(const std::string& directory);
  DirectoryLock() = default;
  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// One file of a directory.
struct ListedFile {
  std::string name;  // without the directory
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // since 1970
  std::uint64_t inode = 0;
  friend bool operator==(const ListedFile&, const ListedFile&) = default;
};

// The regular files of a directory by name; none when it is not there. Error: kStorageFailure (more than 100,000, too).
Result<std::vector<ListedFile>> list_files(const std::string& directory);

}  // namespace billing::ops
