#include "ops/backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>

#include "ledger/crypto/encode.h"
#include "ops/backup/key_copy.h"
#include "ops/backup/names.h"
#include "ops/backup/target.h"
#include "ops/backup_check.h"
#include "ops/backup_source.h"
#include "ops/clock.h"
#include "ops/progress.h"
#include "ops/store.h"
#include "ops/version.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

// True when `path` is `directory` or lies in it.
bool is_inside(const std::string& path, const std::string& directory) {
  std::error_code problem;
  const std::string inner = (fs::weakly_canonical(fs::absolute(path), problem) / "").string();
  const std::string outer = (fs::weakly_canonical(fs::absolute(directory), problem) / "").string();
  return inner.starts_with(outer);
}

Result<void> check_order(const Config& config, const BackupOrder& order) {
  if (order.to.empty()) return refuse(Code::kConfiguration, "--to: a directory is needed");
  for (const auto& [option, path] : {std::pair("--to", order.to), std::pair("--keys-to", order.keys_to)}) {
    if (!path.empty() && is_inside(path, config.data)) {
      return refuse(Code::kConfiguration, fmt::format("{} {}: it lies in the data directory, which it is to replace", option, path));
    }
  }
  if (!order.keys_to.empty() && (is_inside(order.keys_to, order.to) || is_inside(order.to, order.keys_to))) {
    return refuse(Code::kConfiguration,
                  fmt::format("--keys-to {}: the person keys must lie apart from --to {}: whoever has both reads all personal "
                              "data, and an erasure replaces the keys alone",
                              order.keys_to, order.to));
  }
  return {};
}

// A file to be copied: where it is, and what the manifest says of it so far.
struct Wanted {
  std::string path;
  BackupFile file;
};

void tell_left_out(const std::string& folder, const std::string& name) {
  fmt::print(stderr, "warning: {}/{} is left out: the service writes no file of this name\n", folder, shown_name(name));
}

Result<void> list_folder(const std::string& directory, const std::string& folder, std::vector<Wanted>& wanted) {
  BILLING_TRY(files, list_files(directory));
  for (const ListedFile& file : files) {
    const FileUse use = use_of(folder, file.name);
    if (use == FileUse::kForeign) tell_left_out(folder, file.name);
    if (use != FileUse::kCopied) continue;
    wanted.push_back({directory + "/" + file.name, {folder + "/" + file.name, file.bytes, file.modified_ns, {}}});
  }
  return {};
}

struct Copied {
  std::size_t new_files = 0;
  std::uint64_t new_bytes = 0;
};

// Data files never change: one that the backup before has with the same name, size and time is not read again.
Result<Copied> copy_all(Target& target, std::vector<Wanted>& wanted) {
  std::map<std::string, const BackupFile*> before;
  if (target.newest()) {
    for (const BackupFile& file : target.newest()->files) before.emplace(file.name, &file);
  }
  Copied copied;
  const std::uint64_t total = std::accumulate(wanted.begin(), wanted.end(), std::uint64_t{0},
                                              [](std::uint64_t sum, const Wanted& one) { return sum + one.file.bytes; });
  std::uint64_t done = 0;
  Progress progress("copying", "bytes");
  for (Wanted& one : wanted) {
    const auto known = before.find(one.file.name);
    const bool same = known != before.end() && one.file.name.ends_with(".sst") && known->second->bytes == one.file.bytes &&
                      known->second->modified_ns == one.file.modified_ns && target.has(*known->second);
    if (same) {
      one.file.sha256 = known->second->sha256;
      progress.show(done += one.file.bytes, total);
      continue;
    }
    BILLING_TRY(added, target.add(one.path, one.file, [&](std::uint64_t bytes) { progress.show(done += bytes, total); }));
    if (!added) continue;
    ++copied.new_files;
    copied.new_bytes += one.file.bytes;
  }
  return copied;
}

void report(const BackupOrder& order, const Manifest& manifest, const Copied& copied) {
  fmt::print("backup {} is made, number {} in {}\n", backup_name(manifest), manifest.number, order.to);
  fmt::print("ledger: positions 1 to {}, head {}, newest event of {}\n", manifest.head.position,
             crypto::hex(manifest.head.hash), manifest.newest ? manifest.newest->text() : "none");
  fmt::print("files: {}, of which {} are new ({} bytes)\n", manifest.files.size(), copied.new_files, copied.new_bytes);
  fmt::print("manifest: {}\n", manifest_digest(manifest));
}

Result<void> make_backup(const Config& config, const BackupOrder& order) {
  BILLING_CHECK(check_order(config, order));
  yield_to_the_service();
  BILLING_TRY(target, about("--to", Target::open_for_writing(order.to)));
  if (!target->problems().empty()) {
    return refuse(Code::kCorruptRecord, fmt::format("--to {}: {}; name a new directory, and keep this one as it is", order.to,
                                                    target->problems().front()));
  }
  Manifest manifest;
  // Before the snapshot: whatever was recorded up to this instant is in it.
  manifest.made = SystemClock(config.time_zone).now();
  BILLING_TRY(source, about("--data", Source::open(config)));
  std::vector<Wanted> wanted;
  BILLING_CHECK(about("--data", list_folder(source->directory(), "ledger", wanted)));
  BILLING_CHECK(about("--data", list_folder(config.identity_dir(), "identity", wanted)));
  BILLING_TRY(copied, about("--to", copy_all(*target, wanted)));
  BILLING_CHECK(about("--data", source->check_kept()));

  manifest.product = kVersion;
  manifest.head = source->head();
  manifest.newest = source->newest();
  // After the snapshot: a key is durable before the event that needs it. Before the manifest: a backup that exists has keys.
  if (!order.keys_to.empty()) {
    const auto prove = [&](const codec::PersonKeys& keys) { return source->check_keys(keys); };
    BILLING_TRY(left_out, about("--keys-to", copy_keys(config.keys_dir(), order.keys_to, manifest, prove)));
    for (const std::string& name : left_out) tell_left_out("keys", name);
  }
  for (Wanted& one : wanted) manifest.files.push_back(std::move(one.file));
  std::ranges::sort(manifest.files, {}, &BackupFile::name);
  BILLING_CHECK(about("--to", target->publish(manifest)));
  report(order, manifest, copied);
  if (order.keys_to.empty()) {
    fmt::print(stderr, "warning: without --keys-to the person keys are not copied; a ledger restored without them has no "
                       "personal data that can be read\n");
  } else {
    fmt::print("person keys: copied to {}, earlier copies there are erased\n", order.keys_to);
  }
  return {};
}

}  // namespace

int backup(const Config& config, const BackupOrder& order) {
  const auto made = make_backup(config, order);
  if (made) return 0;
  const Error& error = made.error();
  fmt::print(stderr, "{}\n", error.detail);
  if (error.code == Code::kConfiguration) return 2;
  fmt::print(stderr, "no backup is made{}; those that were there are as they were\n",
             error.code == Code::kStorageFull ? ", for there is no space left" : "");
  return 1;
}

}  // namespace billing::ops
