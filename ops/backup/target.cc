#include "ops/backup/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBackupsMax = 100'000;
constexpr const char* kUnfinished = "unfinished";  // the one file that is being copied
constexpr const char* kHalf = ".half";             // behind the name of a backup whose manifest is being written

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
  BILLING_CHECK(sync_names(directory));
  BILLING_TRY(lock, DirectoryLock::take(directory));
  target->lock_ = std::move(lock);
  BILLING_CHECK(remove_tree(target->path_of(kUnfinished)));
  for (fs::directory_iterator entry(directory + "/backups", problem), end; !problem && entry != end; entry.increment(problem)) {
    if (entry->path().extension() == kHalf) BILLING_CHECK(remove_tree(entry->path().string()));
  }
  BILLING_CHECK(target->read_manifests());
  return target;
}

Result<std::unique_ptr<Target>> Target::open(const std::string& directory) {
  std::error_code problem;
  if (!fs::is_directory(directory + "/backups", problem)) {
    return refuse(Code::kStorageFailure, directory + ": there are no backups here");
  }
  std::unique_ptr<Target> target(new Target(directory));
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
      backups_.push_back(std::move(*manifest));
    }
  }
  if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot list {}/backups: {}", directory_, problem.message()));
  std::ranges::sort(backups_, {}, &Manifest::number);
  check_chain();
  return {};
}

void Target::check_chain() {
  std::uint64_t number = 0;
  std::string digest(64, '0');
  for (const Manifest& one : backups_) {
    const std::string name = backup_name(one);
    if (one.number != number + 1) {
      problems_.push_back(one.number <= number
                              ? fmt::format("backup {} has number {}, as another one has", name, one.number)
                              : fmt::format("before backup {}, number {}, the one with number {} is missing", name, one.number,
                                            number + 1));
    } else if (one.previous != digest) {
      problems_.push_back(fmt::format("backup {}, number {}, was made after another backup than the one with number {}", name,
                                      one.number, number));
    }
    number = one.number;
    digest = manifest_digest(one);
  }
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
  manifest.previous = backups_.empty() ? std::string(64, '0') : manifest_digest(backups_.back());
  const std::string place = directory_ + "/backups/" + backup_name(manifest);
  BILLING_CHECK(sync_names(directory_ + "/files"));
  BILLING_CHECK(make_private_directories(place + kHalf));
  auto written = write_small(place + kHalf + "/" + kManifestName, manifest_text(manifest));
  if (written) written = sync_names(place + kHalf);
  if (written) written = rename_durably(place + kHalf, place);
  if (!written) {
    static_cast<void>(remove_tree(place + kHalf));
    return written;
  }
  backups_.push_back(manifest);
  return {};
}

}  // namespace billing::ops
