#include "ops/backup_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "ledger/store/rocks_log.h"
#include "ops/backup/recorded.h"
#include "ops/store.h"

namespace billing::ops {
namespace {
// A copy waits for the write buffer to reach the disk and for the check of the copy's tail.
constexpr std::chrono::seconds kSnapshotAtMost{300};
}  // namespace

Result<std::unique_ptr<Source>> Source::open(const Config& config) {
  std::error_code problem;
  if (!std::filesystem::exists(config.ledger_dir() + "/CURRENT", problem)) {
    return refuse(Code::kStorageFailure, config.ledger_dir() + ": there is no ledger here");
  }
  std::unique_ptr<Source> source(new Source);
  if (in_use(config)) {
    BILLING_TRY(held, HeldSnapshot::ask(config.data, kSnapshotAtMost));
    source->held_ = std::move(held);
    source->directory_ = source->held_->directory();
    BILLING_CHECK(source->read_head(std::nullopt));
    if (source->head_ == source->held_->head()) return source;
    return refuse(Code::kCorruptRecord, source->directory_ + ": the snapshot ends elsewhere than the service said");
  }
  source->directory_ = config.ledger_dir();
  BILLING_CHECK(source->lock(config.ledger_dir()));
  const bool witness = std::filesystem::is_directory(config.witness_dir, problem);
  BILLING_CHECK(source->read_head(witness ? std::optional(config.witness_dir) : std::nullopt));
  return source;
}

Source::~Source() {
  if (lock_ >= 0) ::close(lock_);
}

// The lock that RocksDB takes, but one of this descriptor alone: another descriptor of this process that is closed would let
// a lock of the process go.
Result<void> Source::lock(const std::string& ledger) {
  lock_ = ::open((ledger + "/LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (lock_ >= 0 && ::fcntl(lock_, F_OFD_SETLK, &lock) == 0) return {};
  return refuse(Code::kStorageFailure, ledger + ": it cannot be locked; another process has it open");
}

Result<void> Source::read_head(const std::optional<std::string>& witness_dir) {
  store::RocksLogOptions options;
  options.directory = directory_;
  options.witness_dir = witness_dir;
  options.read_only = true;
  BILLING_TRY(log, store::open_rocks_log(options));
  head_ = log->head();
  if (head_.position == 0) return {};
  BILLING_TRY(newest, recorded_at(*log, head_.position));
  newest_ = newest;
  return {};
}

Result<void> Source::check_kept() const {
  if (!held_ || held_->held()) return {};
  return refuse(Code::kStorageFailure, "the service ended, or gave the snapshot up, before it was copied: try again");
}

}  // namespace billing::ops
