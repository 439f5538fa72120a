#include "ops/backup/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "ledger/base/assert.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBackupsMax = 100'000;
constexpr std::size_t kDigestDigits = 64;
constexpr const char* kUnfinished = "unfinished";  // the one file that is being copied
constexpr const char* kHalf = ".half";             // behind the name of a backup whose manifest is being written
constexpr const char* kPruned = "pruned";          // an empty file beside the manifest of a backup whose files may be gone

KnownBackup known_of(const Manifest& manifest, bool pruned) {
  return {.name = backup_name(manifest),
          .number = manifest.number,
          .made = manifest.made,
          .previous = manifest.previous,
          .digest = manifest_digest(manifest),
          .pruned = pruned};
}

Result<void> check_there(const std::string& directory) {
  std::error_code problem;
  if (fs::is_directory(directory + "/backups", problem)) return {};
  return refuse(Code::kStorageFailure, directory + ": there are no backups here");
}

}  // namespace

Result<std::unique_ptr<Target>> Target::open_for_writing(const std::string& directory) {
  std::unique_ptr<Target> target(new Target(directory));
  std::error_code problem;
  const bool ours = fs::is_directory(directory + "/backups", problem);
  if (!ours && fs::exists(directory, problem) && !fs::is_empty(directory, problem)) {
    return refuse(Code::kStorageFailure, directory + " has other things in it than backups: name a new or empty directory");
  }
  BILLING_CHECK(make_private_directories(directory + "/backups"));
  BILLING_CHECK(make_private_directories(directory + "/files"));
  BILLING_CHECK(sync_directory(directory));
  BILLING_TRY(lock, DirectoryLock::to_write(directory));
  target->writing_ = std::move(lock);
  BILLING_CHECK(remove_tree(target->path_of(kUnfinished)));
  for (fs::directory_iterator entry(directory + "/backups", problem), end; !problem && entry != end; entry.increment(problem)) {
    if (entry->path().extension() == kHalf) BILLING_CHECK(remove_tree(entry->path().string()));
  }
  BILLING_CHECK(target->read_manifests());
  return target;
}

Result<std::unique_ptr<Target>> Target::open(const std::string& directory) {
  BILLING_CHECK(check_there(directory));
  std::unique_ptr<Target> target(new Target(directory));
  BILLING_TRY(lock, DirectoryLock::to_read(directory));
  target->reading_ = std::move(lock);
  BILLING_CHECK(target->read_manifests());
  return target;
}

Result<std::unique_ptr<Target>> Target::open_for_pruning(const std::string& directory) {
  BILLING_CHECK(check_there(directory));
  std::unique_ptr<Target> target(new Target(directory));
  BILLING_TRY(writing, DirectoryLock::to_write(directory));
  target->writing_ = std::move(writing);
  BILLING_TRY(reading, DirectoryLock::to_remove(directory));
  target->reading_ = std::move(reading);
  BILLING_CHECK(target->read_manifests());
  return target;
}

Result<void> Target::read_manifests() {
  std::error_code problem;
  for (fs::directory_iterator entry(directory_ + "/backups", problem), end; !problem && entry != end; entry.increment(problem)) {
    if (entry->path().extension() == kHalf) continue;
    if (backups_.size() + problems_.size() == kBackupsMax) {
      return refuse(Code::kStorageFailure, directory_ + " has more backups than can be read");
    }
    const std::string path = (entry->path() / kManifestName).string();
    const auto text = read_small(path, kManifestBytesMax);
    auto manifest = text ? parse_manifest(*text) : std::unexpected(text.error());
    if (!manifest) {
      problems_.push_back(fmt::format("{}: {}", path, manifest.error().detail));
    } else if (backup_name(*manifest) != entry->path().filename()) {
      problems_.push_back(fmt::format("{}: it is the manifest of another backup, {}", path, backup_name(*manifest)));
    } else {
      std::error_code absent;
      const bool pruned = fs::exists(entry->path() / kPruned, absent);
      backups_.push_back(known_of(*manifest, pruned));
      if (!pruned && (!newest_ || newest_->number < manifest->number)) newest_ = std::move(*manifest);
    }
  }
  if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot list {}/backups: {}", directory_, problem.message()));
  std::ranges::sort(backups_, {}, &KnownBackup::number);
  check_chain();
  return {};
}

void Target::check_chain() {
  std::uint64_t number = 0;
  std::string digest(kDigestDigits, '0');
  for (const KnownBackup& one : backups_) {
    if (one.number != number + 1) {
      problems_.push_back(one.number <= number
                              ? fmt::format("backup {} has number {}, as another one has", one.name, one.number)
                              : fmt::format("before backup {}, number {}, the one with number {} is missing", one.name,
                                            one.number, number + 1));
    } else if (one.previous != digest) {
      problems_.push_back(fmt::format("backup {}, number {}, was made after another backup than the one with number {}", one.name,
                                      one.number, number));
    }
    number = one.number;
    digest = one.digest;
  }
}

Result<Manifest> Target::read(const KnownBackup& backup) const {
  const std::string path = place_of(backup.name) + "/" + kManifestName;
  BILLING_TRY(text, read_small(path, kManifestBytesMax));
  auto manifest = parse_manifest(text);
  if (manifest && manifest_digest(*manifest) == backup.digest) return manifest;
  return refuse(Code::kCorruptRecord, path + ": it is not what it was a moment ago");
}

bool Target::has(const BackupFile& file) const {
  std::error_code problem;
  const auto bytes = fs::file_size(path_of(file.sha256), problem);
  return !problem && bytes == file.bytes;
}

Result<bool> Target::add(const std::string& path, BackupFile& file, const OnBytes& on_bytes) {
  const std::string unfinished = path_of(kUnfinished);
  BILLING_TRY(seen, copy_file(path, unfinished, on_bytes));
  file.bytes = seen.bytes;
  file.sha256 = seen.sha256;
  const bool known = has(file);
  // Known or not: if the bytes that are there were damaged since, they are whole again.
  BILLING_CHECK(rename_durably(unfinished, path_of(file.sha256)));
  return !known;
}

Result<void> Target::publish(Manifest& manifest) {
  manifest.number = backups_.empty() ? 1 : backups_.back().number + 1;
  manifest.previous = backups_.empty() ? std::string(kDigestDigits, '0') : backups_.back().digest;
  BILLING_TRY(text, readable_manifest_text(manifest));
  const std::string place = place_of(backup_name(manifest));
  BILLING_CHECK(sync_directory(directory_ + "/files"));
  BILLING_CHECK(make_private_directories(place + kHalf));
  auto written = write_file(place + kHalf + "/" + kManifestName, text, 0600);
  if (written) written = sync_directory(place + kHalf);
  if (written) written = rename_durably(place + kHalf, place);
  if (!written) {
    static_cast<void>(remove_tree(place + kHalf));
    return written;
  }
  backups_.push_back(known_of(manifest, false));
  newest_ = manifest;
  return {};
}

Result<void> Target::mark_pruned(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto found = std::ranges::find(backups_, name, &KnownBackup::name);
    BILLING_ASSERT(found != backups_.end() && newest_ && found->number != newest_->number);
    BILLING_CHECK(write_file(place_of(name) + "/" + kPruned, {}, 0600));
    BILLING_CHECK(sync_directory(place_of(name)));
    found->pruned = true;
  }
  return {};
}

Result<Unlisted> Target::unlisted(const std::vector<std::string>& names) const { return sweep(names, false); }
Result<Unlisted> Target::remove_unlisted() { return sweep({}, true); }

// The manifests are read one at a time: only the names of the files that stay are in memory together.
Result<Unlisted> Target::sweep(const std::vector<std::string>& names, bool remove) const {
  const std::unordered_set<std::string> going(names.begin(), names.end());
  std::unordered_set<std::string> listed;
  for (const KnownBackup& backup : backups_) {
    if (backup.pruned || going.contains(backup.name)) continue;
    BILLING_TRY(manifest, read(backup));
    for (BackupFile& file : manifest.files) listed.insert(std::move(file.sha256));
  }
  Unlisted found;
  std::error_code problem;
  for (fs::directory_iterator entry(directory_ + "/files", problem), end; !problem && entry != end; entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    const bool of_a_backup = name.size() == kDigestDigits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!of_a_backup || listed.contains(name)) continue;
    const std::uint64_t bytes = entry->file_size(problem);
    if (!problem && remove) fs::remove(entry->path(), problem);
    if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot remove {}: {}", entry->path().string(), problem.message()));
    ++found.files;
    found.bytes += bytes;
  }
  if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot list {}/files: {}", directory_, problem.message()));
  if (remove) BILLING_CHECK(sync_directory(directory_ + "/files"));
  return found;
}

}  // namespace billing::ops
