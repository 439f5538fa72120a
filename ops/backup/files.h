// Steps with files that a backup is made of, each of which says what failed. A full disk is kStorageFull. Internal to
// this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/base/descriptor.h"
#include "ledger/base/durable_file.h"
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
// failed is removed. Neither file stays in the system's cache, which belongs to the service. Errors: kStorageFull, kStorageFailure.
Result<FileDigest> copy_file(const std::string& from, const std::string& to, const OnBytes& on_bytes = {});

// Digests a file. Error: kStorageFailure.
Result<FileDigest> digest_file(const std::string& path, const OnBytes& on_bytes = {});

// The bytes of a file of at most `bytes_max`. Error: kStorageFailure.
Result<std::string> read_small(const std::string& path, std::size_t bytes_max);

// Overwrites the first `bytes` of a file with zeros, and syncs them. Errors: kStorageFull, kStorageFailure.
Result<void> overwrite_file(const std::string& path, std::uint64_t bytes);

// Makes a directory of mode 0700 with those above it. Error: kStorageFailure.
Result<void> make_private_directories(const std::string& path);

// Removes a file or directory with all in it; what is not there is removed already. Error: kStorageFailure.
Result<void> remove_tree(const std::string& path);

// A right to a directory of backups or of key copies, until it is let go or the process ends.
class DirectoryLock {
 public:
  // To write into it: of one process at a time. Error: kStorageFailure (another process has it).
  static Result<DirectoryLock> to_write(const std::string& directory);
  // To read what may be removed: of many processes. Where the medium is read-only or knows no locks there is none, for nothing
  // is removed there. Error: kStorageFailure (another process removes).
  static Result<DirectoryLock> to_read(const std::string& directory);
  // To remove what others may read: of one process, and of no reader. Error: kStorageFailure (another process reads).
  static Result<DirectoryLock> to_remove(const std::string& directory);
  DirectoryLock() = default;

 private:
  explicit DirectoryLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
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
