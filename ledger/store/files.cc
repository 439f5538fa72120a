#include "ledger/store/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace billing::store {
namespace {

std::unexpected<Error> failed(std::string_view doing, const std::string& path) {
  return refuse(Code::kStorageFailure, fmt::format("cannot {} {}: {}", doing, path, std::strerror(errno)));
}

class File {
 public:
  File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }
  bool ok() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

Result<void> sync(const std::string& path, int flags) {
  const File file(path, flags);
  if (!file.ok()) return failed("open", path);
  if (::fsync(file.descriptor()) != 0) return failed("sync", path);
  return {};
}

}  // namespace

Result<void> sync_directory(const std::string& directory) { return sync(directory, O_RDONLY | O_DIRECTORY); }

Result<void> sync_file(const std::string& path) { return sync(path, O_RDONLY); }

Result<void> replace_file(const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".dbtmp";  // a name that RocksDB and verify_files know as left over
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok()) return failed("create", fresh);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.descriptor(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return failed("write", fresh);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.descriptor()) != 0) return failed("sync", fresh);
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return failed("rename to", path);
  const std::string parent = std::filesystem::path(path).parent_path();
  return sync_directory(parent.empty() ? "." : parent);
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return failed("open", path);
  std::string bytes;
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(file.descriptor(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(got) > bytes_max) {
      return refuse(Code::kStorageFailure, fmt::format("{} is larger than it can be", path));
    }
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
}

Result<std::uint64_t> free_bytes(const std::string& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) return failed("ask for the free space of", path);
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

Result<void> probe_writing(const std::string& directory) {
  const std::string path = directory + "/probe";
  auto written = replace_file(path, std::string(4'096, 'p'));
  std::error_code problem;
  std::filesystem::remove(path, problem);
  return written;
}

}  // namespace billing::store
