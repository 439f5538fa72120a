#include "ops/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "ledger/store/verify_files.h"

namespace billing::ops {

Result<void> make_directory(const std::string& directory) {
  std::error_code problem;
  if (std::filesystem::is_directory(directory, problem)) return {};
  std::filesystem::create_directories(directory, problem);
  if (problem) return refuse(Code::kStorageFailure, directory + ": " + problem.message());
  if (::chmod(directory.c_str(), 0700) != 0) return refuse(Code::kStorageFailure, directory + ": cannot set its mode");
  return {};
}

bool in_use(const Config& config) {
  const int file = ::open((config.ledger_dir() + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool held = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return held;
}

bool same_device(const std::string& one, const std::string& other) {
  struct stat first {};
  struct stat second {};
  return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 && first.st_dev == second.st_dev;
}

namespace {

// The first file that is damaged, missing or unreadable. Cut last writes and left-over files are what a crash leaves.
const store::FileProblem* damage_of(const std::vector<store::FileProblem>& problems) {
  using Kind = store::FileProblem::Kind;
  const auto found = std::ranges::find_if(problems, [](const store::FileProblem& problem) {
    return problem.kind != Kind::kTornTail && problem.kind != Kind::kUnexpected && problem.kind != Kind::kOneOfTwo;
  });
  return found == problems.end() ? nullptr : &*found;
}

std::string text_of(const store::FileProblem& damage) { return damage.file + ": " + damage.detail; }

}  // namespace

Result<std::unique_ptr<store::RocksLog>> open_log(const Config& config) {
  BILLING_CHECK(about("store.data", make_directory(config.data)));
  BILLING_CHECK(about("store.data", make_directory(config.ledger_dir())));
  BILLING_CHECK(about("store.witness_dir", make_directory(config.witness_dir)));
  std::error_code problem;
  if (std::filesystem::exists(config.ledger_dir() + "/CURRENT", problem) && !in_use(config)) {
    // Opening reads only a part of the files; damage in the rest must not wait until somebody asks for it.
    const auto problems = store::verify_files(config.ledger_dir(), config.witness_dir);
    if (const store::FileProblem* const damage = damage_of(problems)) {
      // The witness is looked at last. With a position it speaks of the log, whose end is lost.
      const bool of_witness = damage->file == config.witness_dir + "/witness" && !damage->first_position;
      return refuse(Code::kCorruptRecord,
                    text_of(*damage) + (of_witness ? "; `billing recover witness` proves the log and makes a new one"
                                                   : "; `billing verify` tells all of it; restore a backup"));
    }
  }
  store::RocksLogOptions options;
  options.directory = config.ledger_dir();
  options.witness_dir = config.witness_dir;
  options.free_space_floor_bytes = config.free_space_floor_bytes;
  return about("store.data", store::open_rocks_log(options));
}

Result<std::unique_ptr<store::RocksLog>> open_log_for_reading(const Config& config) {
  std::error_code problem;
  if (!std::filesystem::exists(config.ledger_dir() + "/CURRENT", problem)) {
    return refuse(Code::kStorageFailure, config.ledger_dir() + ": there is no ledger here");
  }
  if (in_use(config)) {
    return refuse(Code::kStorageFailure,
                  config.data + " is in use by a running service: stop it first, or take a copy of a stopped one");
  }
  store::RocksLogOptions options;
  options.directory = config.ledger_dir();
  if (std::filesystem::is_directory(config.witness_dir, problem)) options.witness_dir = config.witness_dir;
  options.read_only = true;
  return store::open_rocks_log(options);
}

Result<std::unique_ptr<store::RocksLog>> open_log_without_witness(const Config& config, bool read_only) {
  store::RocksLogOptions options;
  options.directory = config.ledger_dir();
  options.free_space_floor_bytes = config.free_space_floor_bytes;
  options.read_only = read_only;
  return store::open_rocks_log(options);
}

Result<std::unique_ptr<store::RocksTables>> open_views(const Config& config, std::string* dropped) {
  BILLING_CHECK(make_directory(config.views_dir()));
  store::RocksTablesOptions options;
  options.directory = config.views_dir();
  std::error_code problem;
  const bool there = std::filesystem::exists(config.views_dir() + "/CURRENT", problem);
  const auto problems = there ? store::verify_files(config.views_dir()) : std::vector<store::FileProblem>();
  if (const store::FileProblem* const damage = damage_of(problems)) {
    *dropped = text_of(*damage);
  } else {
    auto tables = store::open_rocks_tables(options);
    if (tables || tables.error().code != Code::kCorruptRecord) return tables;
    *dropped = tables.error().detail;
  }
  std::filesystem::remove_all(config.views_dir(), problem);
  if (problem) return refuse(Code::kStorageFailure, config.views_dir() + ": " + problem.message());
  BILLING_CHECK(make_directory(config.views_dir()));
  return store::open_rocks_tables(options);
}

Result<std::unique_ptr<store::TableCheckpoints>> open_checkpoints(const Config& config, store::RocksTables& tables,
                                                                  std::vector<store::DroppedCheckpoint>* dropped) {
  BILLING_CHECK(make_directory(config.checkpoints_dir()));
  store::RocksCheckpointsOptions options;
  options.directory = config.checkpoints_dir();
  return store::open_rocks_checkpoints(tables, options, dropped);
}

}  // namespace billing::ops
