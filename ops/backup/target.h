// A directory that holds many backups, which share their files. Layout: docs/storage-format.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/backup/files.h"
#include "ops/backup/manifest.h"

namespace billing::ops {

// One thread.
class Target {
 public:
  // For a new backup: makes the directory when it is missing, locks it, removes what an unfinished backup left.
  // Errors: kStorageFailure (another backup has it, not a directory of backups), kStorageFull.
  static Result<std::unique_ptr<Target>> open_for_writing(const std::string& directory);
  // Changes nothing. Error: kStorageFailure (there are no backups here).
  static Result<std::unique_ptr<Target>> open(const std::string& directory);

  // The backups whose manifest can be read, by number.
  const std::vector<Manifest>& backups() const { return backups_; }
  // What is wrong with manifests and their chain: damaged, missing or exchanged ones. Files are not looked at. The newest
  // manifests can be missing without a trace: the chain shows only what later ones stand on.
  const std::vector<std::string>& problems() const { return problems_; }

  // Where a file's bytes are.
  std::string path_of(const std::string& sha256) const { return directory_ + "/files/" + sha256; }
  // Whether the file is there with its size; its bytes are not read.
  bool has(const BackupFile& file) const;
  // Copies a file into the target, unless its bytes are there: true when they are new. Fills size and digest of `file`.
  // Errors: kStorageFull, kStorageFailure.
  Result<bool> add(const std::string& path, BackupFile& file, const OnBytes& on_bytes);
  // Makes the backup exist, once all its files are durable. Fills number and previous of `manifest`.
  // Errors: kStorageFull, kStorageFailure.
  Result<void> publish(Manifest& manifest);

 private:
  explicit Target(std::string directory) : directory_(std::move(directory)) {}
  Result<void> read_manifests();
  void check_chain();
  std::string directory_;
  DirectoryLock lock_;
  std::vector<Manifest> backups_;
  std::vector<std::string> problems_;
};

}  // namespace billing::ops
