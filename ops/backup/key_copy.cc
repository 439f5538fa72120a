#include "ops/backup/key_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "ledger/codec/person_key_file.h"
#include "ops/backup/files.h"
#include "ops/backup/names.h"

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

// The files of keys; `foreign` gets the names of the others.
Result<std::vector<ListedFile>> list_keys(const std::string& keys, std::vector<std::string>& foreign) {
  BILLING_TRY(files, list_files(keys));
  foreign.clear();
  std::erase_if(files, [&](const ListedFile& file) {
    const bool leave = use_of("keys", file.name) != FileUse::kCopied;
    if (leave) foreign.push_back(file.name);
    return leave;
  });
  return files;
}

// A copy of all files as they were at one moment.
Result<void> copy_at_rest(const std::string& keys, const std::string& directory, std::vector<std::string>& foreign) {
  std::string why;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(kBetweenTries);
    BILLING_CHECK(wipe(directory));
    BILLING_CHECK(make_private_directories(directory));
    BILLING_TRY(before, list_keys(keys, foreign));
    if (before.empty()) return refuse(Code::kStorageFailure, keys + ": there are no person keys here");
    Result<FileDigest> copied;
    for (const ListedFile& file : before) {
      if (copied) copied = copy_file(keys + "/" + file.name, directory + "/" + file.name);
    }
    BILLING_TRY(after, list_keys(keys, foreign));
    if (copied && unchanged(before, after)) return {};
    if (!copied && copied.error().code == Code::kStorageFull) return std::unexpected(copied.error());
    why = copied ? "they keep changing" : copied.error().detail;
  }
  return refuse(Code::kStorageFailure, fmt::format("{}: the person keys cannot be copied: {}: try again", keys, why));
}

std::optional<std::uint64_t> number_of(const std::string& name) {
  std::uint64_t number = 0;
  if (!name.starts_with(kCopyPrefix)) return std::nullopt;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kCopyPrefix.size(), end, number);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

// What a directory of copies holds.
struct Copies {
  std::vector<std::uint64_t> numbers;   // ascending
  std::vector<std::string> unfinished;  // their directories
  bool others = false;                  // something that no backup makes
};
Result<Copies> list_copies(const std::string& target) {
  Copies copies;
  std::error_code problem;
  for (fs::directory_iterator entry(target, problem), end; !problem && entry != end; entry.increment(problem)) {
    const fs::path name = entry->path().filename();
    if (const auto number = number_of(name)) {
      copies.numbers.push_back(*number);
    } else if (name.extension() == kHalf && number_of(name.stem())) {
      copies.unfinished.push_back(entry->path().string());
    } else if (name != "lock") {
      copies.others = true;
    }
    if (copies.numbers.size() > kCopiesMax) return refuse(Code::kStorageFailure, target + " has more copies than can be read");
  }
  if (problem) return refuse(Code::kStorageFailure, fmt::format("cannot list {}: {}", target, problem.message()));
  std::ranges::sort(copies.numbers);
  return copies;
}

std::string place_of(const std::string& target, std::uint64_t number) {
  return fmt::format("{}/{}{}", target, kCopyPrefix, number);
}

// Whether keys go on from those of the copy before: nobody is missing, no key is another one, no erasure is undone.
Result<void> check_goes_on(const std::string& before, const std::string& directory) {
  const auto known = codec::load_key_file(before, false);
  if (!known || !*known) {
    return refuse(Code::kCorruptRecord,
                  fmt::format("{}: the copy before cannot be read ({}), so it is kept and no other is made: move it away when it is "
                              "of no use",
                              before, known ? "it has no keys" : known.error().detail));
  }
  BILLING_TRY(file, codec::load_key_file(directory, false));
  const auto refused = [&](const std::string& why) {
    return refuse(Code::kCorruptRecord,
                  fmt::format("{}: the copy before is kept, for {}: `billing verify` checks the service's keys; where this copy is "
                              "the good one, restore it, and where it is of another ledger or of no use, name another directory",
                              before, why));
  };
  if (!file || file->digest_secret != (*known)->digest_secret) return refused("it is of other keys than the service's");
  std::size_t lost = 0;
  for (const auto& [person, had] : (*known)->persons) {
    const auto found = file->persons.find(person);
    const bool has = found != file->persons.end() && (found->second.erased || (!had.erased && had.key == found->second.key));
    if (!has) ++lost;
  }
  if (lost == 0) return {};
  return refused(fmt::format("of {} persons it has keys, or notes that they were erased, that the service has lost", lost));
}

// Proves a copy and writes its manifest. `before` is the newest copy so far; empty: there is none.
Result<void> seal_copy(const std::string& directory, const std::string& before, const KeyProof& prove, Manifest& manifest) {
  BILLING_TRY(keys, codec::PersonKeys::open(directory));
  if (!before.empty()) BILLING_CHECK(check_goes_on(before, directory));
  if (prove) BILLING_CHECK(prove(*keys));
  BILLING_TRY(files, list_files(directory));
  for (const ListedFile& file : files) {
    BILLING_TRY(seen, digest_file(directory + "/" + file.name));
    manifest.files.push_back({"keys/" + file.name, seen.bytes, file.modified_ns, seen.sha256});
  }
  BILLING_TRY(text, readable_manifest_text(manifest));
  BILLING_CHECK(write_file(directory + "/" + kManifestName, text, 0600));
  return sync_directory(directory);
}

}  // namespace

Result<std::vector<std::string>> copy_keys(const std::string& keys, const std::string& target, Manifest manifest,
                                           const KeyProof& prove) {
  BILLING_CHECK(make_private_directories(target));
  {
    BILLING_TRY(there, list_copies(target));
    if (there.others && there.numbers.empty() && there.unfinished.empty()) {
      return refuse(Code::kStorageFailure, target + " has other things in it than copies of person keys: name a new or empty directory");
    }
  }
  BILLING_TRY(lock, DirectoryLock::to_write(target));
  BILLING_TRY(older, list_copies(target));
  for (const std::string& left : older.unfinished) BILLING_CHECK(wipe(left));
  const std::string before = older.numbers.empty() ? "" : place_of(target, older.numbers.back());
  manifest.number = older.numbers.empty() ? 1 : older.numbers.back() + 1;
  manifest.previous = std::string(64, '0');  // the copy before does not stay
  const std::string place = place_of(target, manifest.number);
  std::vector<std::string> foreign;
  auto done = copy_at_rest(keys, place + kHalf, foreign);
  if (done) done = seal_copy(place + kHalf, before, prove, manifest);
  if (done) done = rename_durably(place + kHalf, place);
  if (!done) {
    static_cast<void>(wipe(place + kHalf));
    return std::unexpected(std::move(done.error()));
  }
  for (const std::uint64_t number : older.numbers) BILLING_CHECK(wipe(place_of(target, number)));
  BILLING_CHECK(sync_directory(target));
  return foreign;
}

Result<KeyCopy> newest_key_copy(const std::string& target) {
  BILLING_TRY(copies, list_copies(target));
  if (copies.numbers.empty()) return refuse(Code::kStorageFailure, target + ": there is no copy of person keys here");
  KeyCopy copy{place_of(target, copies.numbers.back()), {}};
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
