#include "ledger/store/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "ledger/base/descriptor.h"

namespace billing::store {
namespace {

std::unexpected<Error> failed(std::string_view doing, const std::string& path) {
  return refuse(Code::kStorageFailure, fmt::format("cannot {} {}: {}", doing, path, std::strerror(errno)));
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failed("open", path);
  std::string bytes;
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
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
  const std::string path = directory + "/probe" + kLeftOverSuffix;
  auto written = replace_file(path, std::string(4'096, 'p'), kFileMode, kLeftOverSuffix);
  std::error_code problem;
  std::filesystem::remove(path, problem);
  return written;
}

Result<void> check_not_beheaded(const std::string& directory) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::path(directory) / "CURRENT", ignored)) return {};
  for (std::filesystem::directory_iterator entry(directory, ignored), end; entry != end; entry.increment(ignored)) {
    const std::string extension = entry->path().extension();
    if (extension == ".sst" || extension == ".log") {
      return refuse(Code::kCorruptRecord,
                    fmt::format("{} has data files but no file CURRENT: restore the file or use a backup", directory));
    }
  }
  return {};
}

}  // namespace billing::store
