#include "ops/restore_write.h"

#include <fmt/format.h>

#include <filesystem>
#include <numeric>

#include "ops/backup/cut.h"
#include "ops/backup/persons.h"
#include "ops/progress.h"
#include "ops/proof.h"
#include "ops/store.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = "unfinished-restore";  // in a directory that is being written

// The data directory without a slash at its end.
std::string place_of(const Config& config) {
  std::string path = config.data;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::string parent_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

// Removes what a restore that was cut off left; anything else of this name is refused.
Result<void> make_half(const std::string& half) {
  std::error_code problem;
  if (fs::exists(half, problem) && !fs::exists(half + "/" + kMark, problem)) {
    return refuse(Code::kStorageFailure, half + ": something else has the name under which --data is written: move it away");
  }
  BILLING_CHECK(remove_tree(half));
  BILLING_CHECK(make_private_directories(half));
  return write_small(half + "/" + kMark, "A restore was cut off here. Nothing in this directory is of use.\n");
}

store::RocksLogOptions log_options(const Config& config, const std::string& half) {
  store::RocksLogOptions options;
  options.directory = half + "/ledger";
  options.witness_dir = config.witness_is_default ? half + "/witness" : config.witness_dir;
  options.free_space_floor_bytes = config.free_space_floor_bytes;
  options.reset_witness = true;
  return options;
}

// Copies the backup's files of one folder and checks them once more.
Result<void> copy_folder(const RebuildOrder& order, const std::string& folder, const std::string& half) {
  const std::string prefix = folder + "/";
  std::vector<const BackupFile*> files;
  for (const BackupFile& file : order.manifest.files) {
    if (file.name.starts_with(prefix)) files.push_back(&file);
  }
  if (files.empty()) return {};
  BILLING_CHECK(make_private_directories(half + "/" + folder));
  const std::uint64_t total = std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                                              [](std::uint64_t sum, const BackupFile* file) { return sum + file->bytes; });
  std::uint64_t done = 0;
  Progress progress("copying " + folder, "bytes");
  for (const BackupFile* file : files) {
    BILLING_TRY(seen, copy_file(order.target.path_of(file->sha256), half + "/" + file->name,
                                [&](std::uint64_t bytes) { progress.show(done += bytes, total); }));
    if (seen.sha256 != file->sha256) {
      return refuse(Code::kCorruptRecord, fmt::format("{} is damaged ({})", order.target.path_of(file->sha256), file->name));
    }
  }
  return sync_names(half + "/" + folder);
}

Result<void> write_ledger(const Config& config, const RebuildOrder& order, const std::string& half) {
  const bool whole = order.last == order.manifest.head.position;
  const store::RocksLogOptions options = log_options(config, half);
  BILLING_CHECK(make_directory(*options.witness_dir));
  BILLING_CHECK(make_private_directories(half + "/ledger"));
  if (whole) BILLING_CHECK(copy_folder(order, "ledger", half));
  BILLING_TRY(log, store::open_rocks_log(options));
  if (whole) return {};
  Progress progress("writing the ledger anew", "events");
  return copy_log(order.log, order.last, *log, [&](Position done, Position last) { progress.show(done, last); });
}

Result<void> copy_keys_back(const RebuildOrder& order, const std::string& half) {
  if (!order.keys) return {};
  BILLING_CHECK(make_private_directories(half + "/keys"));
  for (const BackupFile& file : order.keys->manifest.files) {
    const std::string name = fs::path(file.name).filename().string();
    BILLING_TRY(seen, copy_file(order.keys->directory + "/" + name, half + "/keys/" + name));
    if (seen.sha256 != file.sha256) return refuse(Code::kCorruptRecord, order.keys->directory + "/" + name + " is damaged");
  }
  return sync_names(half + "/keys");
}

// The record at the restored head, in the backup, has the restored head's hash.
Result<void> check_head(const RebuildOrder& order, const store::Head& head) {
  bool same = head == store::Head{};
  BILLING_CHECK(order.log.read(order.last, 1, [&](const store::Record& record) {
    same = head == store::Head{order.last, store::record_hash(record)};
    return false;
  }));
  if (same && head.position == order.last) return {};
  return refuse(Code::kCorruptRecord, "the restored ledger has another head than the backup has there");
}

Result<store::Head> prove(const Config& config, const RebuildOrder& order, const std::string& half) {
  store::RocksLogOptions options = log_options(config, half);
  if (!report_files("restored", store::verify_files(options.directory, options.witness_dir))) {
    return refuse(Code::kCorruptRecord, "the restored files are not as they were written");
  }
  options.read_only = true;
  options.reset_witness = false;
  BILLING_TRY(log, store::open_rocks_log(options));
  BILLING_CHECK(check_head(order, log->head()));
  BILLING_CHECK(check_log(*log));
  std::unique_ptr<codec::PersonKeys> keys;
  if (order.keys) {
    BILLING_TRY(opened, codec::PersonKeys::open(half + "/keys"));
    keys = std::move(opened);
  }
  Progress progress("opening personal data", "events");
  BILLING_TRY(persons, count_persons(*log, keys.get(), [&](Position done, Position last) { progress.show(done, last); }));
  fmt::print("persons: {} are named, of {} the data can be read; the others were erased{}\n", persons.named, persons.readable,
             keys ? "" : ", or their keys are not restored");
  return log->head();
}

Result<store::Head> write_half(const Config& config, const RebuildOrder& order, const std::string& half) {
  BILLING_CHECK(write_ledger(config, order, half));
  BILLING_CHECK(copy_folder(order, "identity", half));
  BILLING_CHECK(copy_keys_back(order, half));
  BILLING_TRY(head, prove(config, order, half));
  BILLING_CHECK(remove_tree(half + "/" + kMark));
  BILLING_CHECK(sync_names(half));
  BILLING_CHECK(about("--data", rename_durably(half, place_of(config))));
  return head;
}

}  // namespace

Result<store::Head> rebuild(const Config& config, const RebuildOrder& order) {
  const std::string half = place_of(config) + ".half";
  BILLING_CHECK(about("--data", make_private_directories(parent_of(half))));
  BILLING_CHECK(make_half(half));
  auto head = write_half(config, order, half);
  if (head) return head;
  static_cast<void>(remove_tree(half));
  std::error_code ignored;
  if (!config.witness_is_default) fs::remove(config.witness_dir + "/witness", ignored);
  return head;
}

}  // namespace billing::ops
