#include "ops/restore_write.h"

#include <fmt/format.h>

#include <filesystem>
#include <numeric>

#include "ops/backup/cut.h"
#include "ops/progress.h"
#include "ops/proof.h"
#include "ops/store.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = "unfinished-restore";  // in a directory that is being written
constexpr const char* kMarkText = "A restore writes into a directory of this name that ends in .half; there nothing is of use.\n";
constexpr std::size_t kMarkBytesMax = 4'096;
constexpr const char* kWitness = "/witness";

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

std::string half_of(const Config& config) { return place_of(config) + ".half"; }

std::string normal(const std::string& path) { return (fs::absolute(path) / "").lexically_normal().string(); }

// A witness that lies elsewhere is put there just before the data directory gets its name.
bool witness_is_apart(const Config& config) { return normal(config.witness_dir) != normal(config.data + "/witness"); }

// What the mark says of the witness that is about to be put in its place: no other file is taken for it later.
std::string mark_text(const std::string& witness_sha256) { return std::string(kMarkText) + "witness " + witness_sha256 + "\n"; }

// Whether the witness in its place is the one of a restore into this directory that was cut off.
bool is_left_witness(const Config& config) {
  const auto mark = read_small(half_of(config) + "/" + kMark, kMarkBytesMax);
  const auto seen = digest_file(config.witness_dir + kWitness);
  return mark && seen && *mark == mark_text(seen->sha256);
}

// Removes what a restore that was cut off left; anything else of this name is refused.
Result<void> make_half(const Config& config) {
  const std::string half = half_of(config);
  std::error_code problem;
  if (fs::exists(half, problem) && !fs::exists(half + "/" + kMark, problem)) {
    return refuse(Code::kStorageFailure, half + ": something else has the name under which --data is written: move it away");
  }
  if (witness_is_apart(config) && is_left_witness(config)) BILLING_CHECK(remove_tree(config.witness_dir + kWitness));
  BILLING_CHECK(remove_tree(half));
  BILLING_CHECK(make_private_directories(half));
  return write_file(half + "/" + kMark, kMarkText, 0600);
}

store::RocksLogOptions log_options(const Config& config, const std::string& half) {
  store::RocksLogOptions options;
  options.directory = half + "/ledger";
  options.witness_dir = half + "/witness";
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
  return sync_directory(half + "/" + folder);
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
  return sync_directory(half + "/keys");
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
  if (!report_whole("restored", store::verify_files(options.directory, options.witness_dir))) {
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
  BILLING_TRY(persons, count_persons(*log, order.last, keys.get(), [&](Position done, Position last) { progress.show(done, last); }));
  fmt::print("{}\n", persons_text(persons, keys != nullptr));
  if (persons.lost != 0) {
    fmt::print("warning: of {} persons the keys are lost: the ledger does not start until a copy with their keys is found, or `billing "
               "recover keys` gives them up\n",
               persons.lost);
  }
  return log->head();
}

// Moves the witness to where the settings want it. The mark names it first, so that it does not stand in the way of another try.
Result<void> place_witness(const Config& config, const std::string& half) {
  const std::string made = half + "/witness" + kWitness;
  BILLING_TRY(seen, digest_file(made));
  BILLING_CHECK(make_directory(config.witness_dir));
  BILLING_CHECK(write_file(half + "/" + kMark, mark_text(seen.sha256), 0600));
  BILLING_CHECK(sync_directory(half));
  const std::string fresh = config.witness_dir + kWitness + ".restored";
  BILLING_CHECK(copy_file(made, fresh));
  BILLING_CHECK(rename_durably(fresh, config.witness_dir + kWitness));
  return remove_tree(half + "/witness");
}

Result<store::Head> write_half(const Config& config, const RebuildOrder& order, const std::string& half) {
  BILLING_CHECK(write_ledger(config, order, half));
  BILLING_CHECK(copy_folder(order, "identity", half));
  BILLING_CHECK(copy_keys_back(order, half));
  BILLING_TRY(head, prove(config, order, half));
  if (witness_is_apart(config)) BILLING_CHECK(about("--witness-dir", place_witness(config, half)));
  BILLING_CHECK(sync_directory(half));
  BILLING_CHECK(about("--data", rename_durably(half, place_of(config))));
  // The mark goes last: until the directory has its name, another try has to know it. A mark that stays does no harm.
  static_cast<void>(remove_tree(place_of(config) + "/" + kMark));
  return head;
}

}  // namespace

Result<void> check_witness_place(const Config& config) {
  std::error_code problem;
  if (witness_is_apart(config) && normal(config.witness_dir).starts_with(normal(config.data))) {
    return refuse(Code::kConfiguration,
                  fmt::format("--witness-dir {}: it lies in --data: leave it out, or name a directory elsewhere", config.witness_dir));
  }
  if (!witness_is_apart(config) || !fs::exists(config.witness_dir + kWitness, problem) || is_left_witness(config)) return {};
  return refuse(Code::kConfiguration,
                fmt::format("--witness-dir {}: a ledger has its witness there: move it away first", config.witness_dir));
}

bool report_whole(std::string_view what, const std::vector<store::FileProblem>& problems) {
  std::vector<store::FileProblem> counting;
  for (const store::FileProblem& problem : problems) {
    if (problem.kind == store::FileProblem::Kind::kUnexpected) {
      fmt::print("{}: note: {}: {}\n", what, problem.file, problem.detail);
    } else {
      counting.push_back(problem);
    }
  }
  return report_files(what, counting);
}

std::string persons_text(const PersonCount& persons, bool keys) {
  const std::string rest = !keys ? "their keys are not restored"
                           : persons.lost == 0
                               ? "the others were erased"
                               : fmt::format("of {} the keys are lost, in part or all; the others were erased", persons.lost);
  return fmt::format("persons: {} are named, of {} the data can be read; {}", persons.named, persons.readable, rest);
}

Result<store::Head> rebuild(const Config& config, const RebuildOrder& order) {
  const std::string half = half_of(config);
  BILLING_CHECK(about("--data", make_private_directories(parent_of(half))));
  BILLING_CHECK(make_half(config));
  auto head = write_half(config, order, half);
  if (head) return head;
  if (witness_is_apart(config) && is_left_witness(config)) static_cast<void>(remove_tree(config.witness_dir + kWitness));
  static_cast<void>(remove_tree(half));
  return head;
}

}  // namespace billing::ops
