#include "ops/backup/unpacked.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace billing::ops {

namespace fs = std::filesystem;

Result<std::unique_ptr<Unpacked>> Unpacked::make(const Target& target, const Manifest& manifest) {
  std::error_code problem;
  std::string pattern = (fs::temp_directory_path(problem) / "billing-backup-XXXXXX").string();
  if (problem || ::mkdtemp(pattern.data()) == nullptr) {
    return refuse(Code::kStorageFailure, fmt::format("cannot make a directory {}: {}", pattern, std::strerror(errno)));
  }
  std::unique_ptr<Unpacked> unpacked(new Unpacked(pattern));
  BILLING_CHECK(make_private_directories(unpacked->ledger()));
  for (const BackupFile& file : manifest.files) {
    if (!file.name.starts_with("ledger/")) continue;
    const fs::path bytes = fs::absolute(target.path_of(file.sha256), problem);
    if (!problem) fs::create_symlink(bytes, fs::path(unpacked->directory_) / file.name, problem);
    if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot make links in {}: {}", pattern, problem.message()));
  }
  return unpacked;
}

Unpacked::~Unpacked() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

}  // namespace billing::ops
