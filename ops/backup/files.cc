#include "ops/backup/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "ledger/base/descriptor.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 1U << 20;
// A copy is synced so often, so that no sync of it holds up the ledger's syncs on the same disk for long.
constexpr std::uint64_t kSyncEveryBytes = 4U << 20;
constexpr const char* kWriting = "/lock";     // locked by whoever writes into a directory
constexpr const char* kReading = "/reading";  // locked by whoever reads what may be removed, and by whoever removes
constexpr std::size_t kFilesMax = 100'000;

std::unexpected<Error> failed(std::string_view doing, const std::string& path) {
  const Code code = errno == ENOSPC || errno == EDQUOT ? Code::kStorageFull : Code::kStorageFailure;
  return refuse(code, fmt::format("cannot {} {}: {}", doing, path, std::strerror(errno)));
}

Descriptor open_file(const std::string& path, int flags) {
  return Descriptor(::open(path.c_str(), flags | O_CLOEXEC, 0600));
}

// Reads a file piece by piece; `take` may refuse to go on. With `uncached` what was read leaves the system's cache.
Result<FileDigest> read_through(const std::string& path, const std::function<Result<void>(std::string_view)>& take,
                                const OnBytes& on_bytes, bool uncached = false) {
  const Descriptor file = open_file(path, O_RDONLY);
  if (!file.valid()) return failed("open", path);
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  std::string piece(kPieceBytes, '\0');
  crypto::Sha256 hash;
  FileDigest seen;
  while (true) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
    hash.update(bytes);
    seen.bytes += bytes.size();
    BILLING_CHECK(take(bytes));
    if (uncached) ::posix_fadvise(file.get(), static_cast<off_t>(seen.bytes) - got, got, POSIX_FADV_DONTNEED);
    if (on_bytes) on_bytes(bytes.size());
  }
  seen.sha256 = crypto::hex(hash.finish());
  return seen;
}

Result<FileDigest> copy_into(const std::string& from, const std::string& to, const OnBytes& on_bytes) {
  const Descriptor file = open_file(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.valid()) return failed("create", to);
  std::uint64_t unsynced = 0;
  const auto take = [&](std::string_view bytes) -> Result<void> {
    if (!write_all(file.get(), bytes)) return failed("write", to);
    unsynced += bytes.size();
    if (unsynced < kSyncEveryBytes) return {};
    unsynced = 0;
    if (::fdatasync(file.get()) != 0) return failed("sync", to);
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    return {};
  };
  BILLING_TRY(seen, read_through(from, take, on_bytes, true));
  if (::fsync(file.get()) != 0) return failed("sync", to);
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  return seen;
}

}  // namespace

Result<FileDigest> copy_file(const std::string& from, const std::string& to, const OnBytes& on_bytes) {
  auto seen = copy_into(from, to, on_bytes);
  if (!seen) ::unlink(to.c_str());
  return seen;
}

Result<FileDigest> digest_file(const std::string& path, const OnBytes& on_bytes) {
  return read_through(path, [](std::string_view) -> Result<void> { return {}; }, on_bytes);
}

Result<std::string> read_small(const std::string& path, std::size_t bytes_max) {
  std::string all;
  const auto take = [&](std::string_view bytes) -> Result<void> {
    all.append(bytes);
    if (all.size() > bytes_max) return refuse(Code::kStorageFailure, path + " is larger than it can be");
    return {};
  };
  BILLING_CHECK(read_through(path, take, {}));
  return all;
}

Result<void> overwrite_file(const std::string& path, std::uint64_t bytes) {
  const Descriptor file = open_file(path, O_WRONLY);
  if (!file.valid()) return failed("open", path);
  const std::string zeros(std::min<std::uint64_t>(bytes, kPieceBytes), '\0');
  for (std::uint64_t left = bytes; left > 0;) {
    const std::uint64_t piece = std::min<std::uint64_t>(left, zeros.size());
    if (!write_all(file.get(), std::string_view(zeros).substr(0, piece))) return failed("overwrite", path);
    left -= piece;
  }
  if (::fsync(file.get()) != 0) return failed("sync", path);
  return {};
}

Result<void> make_private_directories(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  std::error_code problem;
  if (!parent.empty() && !fs::is_directory(parent, problem)) BILLING_CHECK(make_private_directories(parent.string()));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", path);
  if (!fs::is_directory(path, problem)) return refuse(Code::kStorageFailure, path + " is not a directory");
  return {};
}

Result<void> remove_tree(const std::string& path) {
  std::error_code problem;
  fs::remove_all(path, problem);
  if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot remove {}: {}", path, problem.message()));
  return {};
}

Result<DirectoryLock> DirectoryLock::to_write(const std::string& directory) {
  const std::string path = directory + kWriting;
  Descriptor file = open_file(path, O_RDWR | O_CREAT);
  if (!file.valid()) return failed("open", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return refuse(Code::kStorageFailure, directory + ": another backup is being made or pruned here");
  }
  return DirectoryLock(std::move(file));
}

Result<DirectoryLock> DirectoryLock::to_read(const std::string& directory) {
  const std::string path = directory + kReading;
  Descriptor file = open_file(path, O_RDONLY | O_CREAT);
  if (!file.valid()) file = open_file(path, O_RDONLY);  // on a read-only medium it may be there
  if (!file.valid() && (errno == ENOENT || errno == EROFS)) return DirectoryLock();
  if (!file.valid()) return failed("open", path);
  if (::flock(file.get(), LOCK_SH | LOCK_NB) == 0) return DirectoryLock(std::move(file));
  if (errno != EWOULDBLOCK) return DirectoryLock();
  return refuse(Code::kStorageFailure, directory + ": backups are being pruned here: try again when that is done");
}

Result<DirectoryLock> DirectoryLock::to_remove(const std::string& directory) {
  const std::string path = directory + kReading;
  Descriptor file = open_file(path, O_RDWR | O_CREAT);
  if (!file.valid()) return failed("open", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return DirectoryLock(std::move(file));
  if (errno != EWOULDBLOCK) return failed("lock", path);
  return refuse(Code::kStorageFailure, directory + ": a backup is being restored or verified from here: try again when that is done");
}

Result<std::vector<ListedFile>> list_files(const std::string& directory) {
  std::vector<ListedFile> files;
  std::error_code problem;
  if (!fs::exists(directory, problem) && !problem) return files;
  for (fs::directory_iterator entry(directory, problem), end; !problem && entry != end; entry.increment(problem)) {
    struct stat status {};
    if (::lstat(entry->path().c_str(), &status) != 0) {
      if (errno == ENOENT) continue;
      return failed("look at", entry->path().string());
    }
    if (!S_ISREG(status.st_mode)) continue;
    if (files.size() == kFilesMax) return refuse(Code::kStorageFailure, directory + " has more files than can be listed");
    files.push_back({entry->path().filename().string(), static_cast<std::uint64_t>(status.st_size),
                     status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino});
  }
  if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot list {}: {}", directory, problem.message()));
  std::ranges::sort(files, {}, &ListedFile::name);
  return files;
}

}  // namespace billing::ops
