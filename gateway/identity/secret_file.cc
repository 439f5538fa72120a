#include "gateway/identity/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "ledger/base/descriptor.h"
#include "ledger/base/durable_file.h"

namespace billing::identity {
namespace {

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
  return refuse(Code::kStorageFailure, std::string(what) + " " + path + ": " + std::strerror(errno) + ".");
}

}  // namespace

Result<void> write_secret(const std::string& path, std::string_view content) {
  ::unlink((path + ".new").c_str());  // left by a crash
  return replace_file(path, content, 0600);
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
