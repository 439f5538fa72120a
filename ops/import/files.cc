#include "ops/import/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace billing::import {

std::unexpected<Error> File::failed(std::string_view what) const {
  return refuse(Code::kStorageFailure, path_ + " cannot be " + std::string(what) + ": " + std::strerror(errno));
}

Result<File> File::open(const std::string& path, Mode mode) {
  int flags = O_CLOEXEC;
  if (mode == Mode::kRead) flags |= O_RDONLY;
  if (mode == Mode::kAppend) flags |= O_RDWR | O_CREAT | O_APPEND;
  if (mode == Mode::kReplace) flags |= O_RDWR | O_CREAT | O_TRUNC;
  File file(::open(path.c_str(), flags, 0600), path);
  if (file.fd_ < 0) return file.failed(mode == Mode::kRead ? "read" : "written");
  return file;
}

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}
File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> File::read(char* into, std::size_t bytes_max) {
  for (;;) {
    const ssize_t n = ::read(fd_, into, bytes_max);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) return failed("read");
  }
}

Result<void> File::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed("written");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> File::sync() {
  if (::fdatasync(fd_) != 0) return failed("synced");
  return {};
}

Result<void> File::seek(std::uint64_t offset) {
  if (::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0) return failed("read");
  return {};
}

Result<void> File::cut(std::uint64_t bytes) {
  if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return failed("cut");
  return seek(bytes);
}

Result<std::uint64_t> File::size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return failed("read");
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  BILLING_TRY(file, File::open(path, File::Mode::kRead));
  std::string text(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    BILLING_TRY(n, file.read(text.data() + size, text.size() - size));
    if (n == 0) break;
    size += n;
  }
  if (size > bytes_max) return refuse(Code::kBodyTooLarge, path + " is too large to be what it should be");
  text.resize(size);
  return text;
}

Result<void> replace_text(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  BILLING_TRY(file, File::open(fresh, File::Mode::kReplace));
  BILLING_CHECK(file.write(text));
  BILLING_CHECK(file.sync());
  if (std::rename(fresh.c_str(), path.c_str()) != 0)
    return refuse(Code::kStorageFailure, path + " cannot be replaced: " + std::strerror(errno));
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);  // a state that is lost means lines sent again, which changes nothing
    ::close(folder);
  }
  return {};
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }
void remove_file(const std::string& path) { ::unlink(path.c_str()); }

}  // namespace billing::import
