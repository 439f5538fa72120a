#include "ops/backup_source.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "ledger/codec/codec.h"
#include "ledger/store/rocks_log.h"
#include "ops/backup/recorded.h"
#include "ops/progress.h"
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

// The lock that RocksDB takes, but one of this descriptor alone: another descriptor of this process that is closed would let
// a lock of the process go.
Result<void> Source::lock(const std::string& ledger) {
  const std::string path = ledger + "/LOCK";
  lock_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!lock_.valid()) return refuse(Code::kStorageFailure, fmt::format("{}: it cannot be opened: {}", path, std::strerror(errno)));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(lock_.get(), F_OFD_SETLK, &lock) == 0) return {};
  const bool taken = errno == EAGAIN || errno == EACCES;
  return refuse(Code::kStorageFailure, fmt::format("{}: it cannot be locked: {}", path,
                                                   taken ? "another process has it open" : std::strerror(errno)));
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

Result<void> Source::check_keys(const codec::PersonKeys& keys) const {
  if (held_) return {};
  store::RocksLogOptions options;
  options.directory = directory_;
  options.read_only = true;
  BILLING_TRY(log, store::open_rocks_log(options));
  Result<void> good;
  Progress progress("checking the person keys", "events");
  BILLING_CHECK(log->read(1, static_cast<std::size_t>(head_.position), [&](const store::Record& record) {
    progress.show(record.position, head_.position);
    good = codec::check_keys(record, keys);
    return good.has_value();
  }));
  return good;
}

Result<void> Source::check_kept() const {
  if (!held_ || held_->held()) return {};
  return refuse(Code::kStorageFailure, "the service ended, or gave the snapshot up, before it was copied: try again");
}

}  // namespace billing::ops
