// The rows that were not booked, each with the reason, in a file of their own.
#pragma once

#include <cstdint>
#include <string>

#include "ops/import/command_file.h"

namespace billing::import {

// CSV (line,command_id,code,reason) for converted rows, NDJSON with the refused line itself for NDJSON. Not thread-safe.
class RefusedFile {
 public:
  // Keeps the first `bytes` of what is there. The file is made when the first row comes. Errors: kStorageFailure.
  static Result<RefusedFile> open(std::string path, FileForm form, std::uint64_t bytes);
  // Errors: kStorageFailure.
  Result<void> add(const Item& item, const RowRefusal& refusal);
  // Puts what was added on the disk. Errors: kStorageFailure.
  Result<void> sync();
  std::uint64_t bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

 private:
  RefusedFile(std::string path, FileForm form, std::uint64_t bytes)
      : path_(std::move(path)), form_(form), bytes_(bytes) {}
  std::string path_;
  FileForm form_;
  std::uint64_t bytes_ = 0;
  std::string unsent_;
  std::optional<File> file_;
};

}  // namespace billing::import
