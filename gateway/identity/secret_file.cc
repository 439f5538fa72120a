#include "gateway/identity/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "ledger/base/descriptor.h"

namespace billing::identity {
namespace {

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
  return refuse(Code::kStorageFailure, std::string(what) + " " + path + ": " + std::strerror(errno) + ".");
}

Result<void> sync_directory(const std::string& path) {
  std::string parent = std::filesystem::path(path).parent_path().string();
  if (parent.empty()) parent = ".";
  const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0) return failed("Cannot sync", parent);
  return {};
}

}  // namespace

Result<void> write_secret(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.valid()) return failed("Cannot create", temporary);
    if (!write_all(file.get(), content) || ::fsync(file.get()) != 0) return failed("Cannot write", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("Cannot rename to", path);
  return sync_directory(path);
}

Result<std::optional<std::string>> read_secret(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return std::nullopt;
  if (!file.valid()) return failed("Cannot read", path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failed("Cannot read", path);
  if ((status.st_mode & (S_IWGRP | S_IROTH | S_IWOTH)) != 0)
    return refuse(Code::kConfiguration, path + " holds a secret and is open to other users: chmod 600 it.");
  std::array<char, 4096> buffer;
  std::string content;
  while (content.size() < buffer.size()) {
    const ssize_t n = ::read(file.get(), buffer.data(), buffer.size() - content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("Cannot read", path);
    if (n == 0) break;
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return content;
}

Result<void> make_private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("Cannot create", path);
  return {};
}

}  // namespace billing::identity
