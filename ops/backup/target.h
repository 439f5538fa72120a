// A directory that holds many backups, which share their files. Layout: docs/storage-format.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/backup/files.h"
#include "ops/backup/manifest.h"

namespace billing::ops {

// What is kept in memory of each backup.
struct KnownBackup {
  std::string name;
  std::uint64_t number = 0;
  Instant made;
  std::string previous;
  std::string digest;   // of its manifest
  bool pruned = false;  // its files may be gone; the manifest stays, for the later ones stand on it
  friend bool operator==(const KnownBackup&, const KnownBackup&) = default;
};

// Files of the target that no backup needs.
struct Unlisted {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

// One thread.
class Target {
 public:
  // For a new backup: makes the directory when it is missing, locks it, removes what an unfinished backup left.
  // Errors: kStorageFailure (another backup has it, not a directory of backups), kStorageFull.
  static Result<std::unique_ptr<Target>> open_for_writing(const std::string& directory);
  // For reading: changes nothing but its own lock, which keeps the files from being pruned.
  // Errors: kStorageFailure (there are no backups here; they are being pruned).
  static Result<std::unique_ptr<Target>> open(const std::string& directory);
  // For pruning: nobody else writes or reads meanwhile. Errors: kStorageFailure (there are no backups here; somebody does).
  static Result<std::unique_ptr<Target>> open_for_pruning(const std::string& directory);

  // The backups whose manifest can be read, by number.
  const std::vector<KnownBackup>& backups() const { return backups_; }
  // The newest one that is not pruned, with its files; none when there is none.
  const std::optional<Manifest>& newest() const { return newest_; }
  // The manifest of one of backups(). Errors: kStorageFailure, kCorruptRecord (it was exchanged meanwhile).
  Result<Manifest> read(const KnownBackup& backup) const;
  // What is wrong with manifests and their chain: damaged, missing or exchanged ones. Files are not looked at. The newest
  // manifests can be missing without a trace: the chain shows only what later ones stand on.
  const std::vector<std::string>& problems() const { return problems_; }

  // Where a file's bytes are.
  std::string path_of(const std::string& sha256) const { return directory_ + "/files/" + sha256; }
  // Whether the file is there with its size; its bytes are not read.
  bool has(const BackupFile& file) const;
  // Copies a file into the target, in the place of the same bytes if they are there: true when they are new. Fills size and
  // digest of `file`. Errors: kStorageFull, kStorageFailure.
  Result<bool> add(const std::string& path, BackupFile& file, const OnBytes& on_bytes);
  // Makes the backup exist, once all its files are durable. Fills number and previous of `manifest`.
  // Errors: kStorageFull, kStorageFailure, kCorruptRecord (the manifest could not be read again).
  Result<void> publish(Manifest& manifest);

  // Notes of these backups that they are pruned, durably. The newest one is never among them. Errors: kStorageFull,
  // kStorageFailure.
  Result<void> mark_pruned(const std::vector<std::string>& names);
  // The files that are listed only by backups that are pruned or named here, or by none. Errors: kStorageFailure,
  // kCorruptRecord.
  Result<Unlisted> unlisted(const std::vector<std::string>& names) const;
  // Removes the files that no backup lists but pruned ones. Errors: as unlisted.
  Result<Unlisted> remove_unlisted();

 private:
  explicit Target(std::string directory) : directory_(std::move(directory)) {}
  std::string place_of(const std::string& name) const { return directory_ + "/backups/" + name; }
  Result<void> read_manifests();
  void check_chain();
  Result<Unlisted> sweep(const std::vector<std::string>& names, bool remove) const;
  std::string directory_;
  DirectoryLock writing_;
  DirectoryLock reading_;
  std::vector<KnownBackup> backups_;
  std::optional<Manifest> newest_;
  std::vector<std::string> problems_;
};

}  // namespace billing::ops
