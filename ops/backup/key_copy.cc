#include "ops/backup/key_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "ledger/codec/person_keys.h"
#include "ops/backup/files.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCopyPrefix = "keys-";
constexpr const char* kHalf = ".half";
constexpr int kTries = 50;
constexpr std::chrono::milliseconds kBetweenTries{100};
constexpr std::size_t kCopiesMax = 1'000;

// Keys are secrets: their bytes go before their names do.
Result<void> wipe(const std::string& directory) {
  BILLING_TRY(files, list_files(directory));
  for (const ListedFile& file : files) {
    const std::string path = directory + "/" + file.name;
    if (file.name != kManifestName) BILLING_CHECK(overwrite_file(path, file.bytes));
  }
  return remove_tree(directory);
}

// The same files, none replaced or rewritten meanwhile. One may have grown: keys are appended.
bool unchanged(const std::vector<ListedFile>& before, const std::vector<ListedFile>& after) {
  return std::ranges::equal(before, after, [](const ListedFile& one, const ListedFile& other) {
    return one == other || (one.name == other.name && one.inode == other.inode && other.bytes > one.bytes);
  });
}

// A copy of all files as they were at one moment.
Result<void> copy_at_rest(const std::string& keys, const std::string& directory) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(kBetweenTries);
    BILLING_CHECK(wipe(directory));
    BILLING_CHECK(make_private_directories(directory));
    BILLING_TRY(before, list_files(keys));
    if (before.empty()) return refuse(Code::kStorageFailure, keys + ": there are no person keys here");
    Result<FileDigest> copied;
    for (const ListedFile& file : before) {
      if (copied) copied = copy_file(keys + "/" + file.name, directory + "/" + file.name);
    }
    BILLING_TRY(after, list_files(keys));
    if (copied && unchanged(before, after)) return {};
    if (!copied && copied.error().code == Code::kStorageFull) return std::unexpected(copied.error());
  }
  return refuse(Code::kStorageFailure, keys + ": the person keys keep changing: try again");
}

std::optional<std::uint64_t> number_of(const std::string& name) {
  std::uint64_t number = 0;
  if (!name.starts_with(kCopyPrefix)) return std::nullopt;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kCopyPrefix.size(), end, number);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

// Numbers of the copies, ascending. `left_over`, when not null, gets the unfinished ones' directories.
Result<std::vector<std::uint64_t>> numbers_of(const std::string& target, std::vector<std::string>* left_over = nullptr) {
  std::vector<std::uint64_t> numbers;
  std::error_code problem;
  for (fs::directory_iterator entry(target, problem), end; !problem && entry != end; entry.increment(problem)) {
    if (const auto number = number_of(entry->path().filename())) numbers.push_back(*number);
    if (left_over != nullptr && entry->path().extension() == kHalf) left_over->push_back(entry->path().string());
    if (numbers.size() > kCopiesMax) return refuse(Code::kStorageFailure, target + " has more copies than can be read");
  }
  if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot list {}: {}", target, problem.message()));
  std::ranges::sort(numbers);
  return numbers;
}

std::string place_of(const std::string& target, std::uint64_t number) {
  return fmt::format("{}/{}{}", target, kCopyPrefix, number);
}

// Proves a copy and writes its manifest.
Result<void> seal_copy(const std::string& directory, Manifest& manifest) {
  BILLING_CHECK(codec::PersonKeys::open(directory));
  BILLING_TRY(files, list_files(directory));
  for (const ListedFile& file : files) {
    BILLING_TRY(seen, digest_file(directory + "/" + file.name));
    manifest.files.push_back({"keys/" + file.name, seen.bytes, file.modified_ns, seen.sha256});
  }
  BILLING_CHECK(write_small(directory + "/" + kManifestName, manifest_text(manifest)));
  return sync_names(directory);
}

}  // namespace

Result<void> copy_keys(const std::string& keys, const std::string& target, Manifest manifest) {
  BILLING_CHECK(make_private_directories(target));
  BILLING_TRY(lock, DirectoryLock::take(target));
  std::vector<std::string> unfinished;
  BILLING_TRY(older, numbers_of(target, &unfinished));
  for (const std::string& left : unfinished) BILLING_CHECK(wipe(left));
  manifest.number = older.empty() ? 1 : older.back() + 1;
  manifest.previous = std::string(64, '0');  // the copy before does not stay
  const std::string place = place_of(target, manifest.number);
  auto done = copy_at_rest(keys, place + kHalf);
  if (done) done = seal_copy(place + kHalf, manifest);
  if (done) done = rename_durably(place + kHalf, place);
  if (!done) {
    static_cast<void>(wipe(place + kHalf));
    return done;
  }
  for (const std::uint64_t number : older) BILLING_CHECK(wipe(place_of(target, number)));
  return sync_names(target);
}

Result<KeyCopy> newest_key_copy(const std::string& target) {
  BILLING_TRY(numbers, numbers_of(target));
  if (numbers.empty()) return refuse(Code::kStorageFailure, target + ": there is no copy of person keys here");
  KeyCopy copy{place_of(target, numbers.back()), {}};
  const std::string path = copy.directory + "/" + kManifestName;
  BILLING_TRY(text, read_small(path, kManifestBytesMax));
  auto manifest = parse_manifest(text);
  if (!manifest) return refuse(manifest.error().code, path + ": " + manifest.error().detail);
  copy.manifest = std::move(*manifest);
  for (const BackupFile& file : copy.manifest.files) {
    const std::string name = copy.directory + "/" + fs::path(file.name).filename().string();
    const auto seen = digest_file(name);
    if (!seen || seen->sha256 != file.sha256) {
      return refuse(Code::kCorruptRecord, name + (seen ? ": its bytes are not those that were copied" : ": it is missing"));
    }
  }
  return copy;
}

}  // namespace billing::ops
