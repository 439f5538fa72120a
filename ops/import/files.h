// Plain files with their errors as values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::import {

// An open file descriptor. Errors of every call: kStorageFailure, naming the file. Not thread-safe.
class File {
 public:
  enum class Mode { kRead, kAppend, kReplace };
  static Result<File> open(const std::string& path, Mode mode);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  Result<std::size_t> read(char* into, std::size_t bytes_max);
  Result<void> write(std::string_view bytes);
  Result<void> sync();
  Result<void> seek(std::uint64_t offset);
  // Cuts the file to `bytes` and goes to its end.
  Result<void> cut(std::uint64_t bytes);
  Result<std::uint64_t> size() const;

 private:
  File(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  std::unexpected<Error> failed(std::string_view what) const;
  int fd_ = -1;
  std::string path_;
};

// The whole text of a small file. Errors: kStorageFailure; kBodyTooLarge above `bytes_max`.
Result<std::string> read_text(const std::string& path, std::size_t bytes_max);
// Replaces a file so that after a crash it is the old or the new one, whole. Errors: kStorageFailure.
Result<void> replace_text(const std::string& path, std::string_view text);
bool file_exists(const std::string& path);
void remove_file(const std::string& path);

}  // namespace billing::import
