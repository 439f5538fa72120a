#include "ledger/store/rocks_log.h"

#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "ledger/store/checkpoint.h"
#include "ledger/store/file_list.h"
#include "ledger/store/files.h"
#include "ledger/store/log_database.h"
#include "ledger/store/opening.h"
#include "ledger/store/recent.h"
#include "ledger/store/record.h"
#include "ledger/store/witness.h"

namespace billing::store {
namespace {

constexpr std::chrono::milliseconds kFreeSpaceEvery{100};

std::string_view text_view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class RocksLogImpl final : public RocksLog {
 public:
  RocksLogImpl(RocksLogOptions options, std::unique_ptr<rocks::LogDatabase> database, const Head& head,
               std::optional<Witness> witness)
      : options_(std::move(options)),
        database_(std::move(database)),
        witness_(std::move(witness)),
        recent_(options_.tail_bytes_max),
        head_(head) {}

  Result<void> commit(std::span<const Record> records, std::span<const CommandEntry> commands) override {
    std::lock_guard lock(commit_mutex_);
    rocks::count_nothing();
    if (read_only()) return refuse(Code::kReadOnly, "the store is read-only until it is opened again");
    BILLING_CHECK(check_free_space());
    if (records.empty() && commands.empty()) return {};
    BILLING_TRY(next, chain_after(head(), records));
    CommittedBatch batch;
    BILLING_CHECK(write(records, commands, next, batch));
    if (witness_) {
      if (auto noted = witness_->write(next); !noted) {
        database_->health().set_failed();
        return noted;
      }
    }
    recent_.append(std::move(batch));
    publish(next, records.size());
    return {};
  }

  Head head() const override {
    std::lock_guard lock(head_mutex_);
    return head_;
  }

  Result<std::size_t> read(Position from, std::size_t limit,
                           const std::function<bool(const Record&)>& visit) const override {
    const Head end = head();
    Position position = from == 0 ? 1 : from;
    std::size_t visited = 0;
    bool more = true;
    const auto counted = [&](const Record& record) {
      ++visited;
      ++position;
      return more = visit(record);
    };
    while (more && visited < limit && position <= end.position) {
      const auto batch = recent_.find(position);
      if (!batch) {
        BILLING_TRY(scanned, database_->scan(position, limit - visited, end, counted));
        static_cast<void>(scanned);
        return visited;
      }
      BILLING_CHECK(read_recent(*batch, position, limit - visited, counted));
    }
    return visited;
  }

  Result<std::optional<CommandEntry>> find_command(std::string_view key) const override {
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        database_->db().Get({}, database_->commands(), rocksdb::Slice(key.data(), key.size()), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return std::unexpected(rocks::error_of(status, "looking a command up"));
    BILLING_TRY(entry, decode_command(key, text_view(value)));
    return entry;
  }

  bool wait_past(Position position, std::chrono::milliseconds at_most) const override {
    std::unique_lock lock(head_mutex_);
    return grown_.wait_for(lock, at_most, [&] { return head_.position > position; });
  }

  bool read_only() const override { return options_.read_only || database_->health().failed(); }

  StoreStats stats() const override {
    StoreStats stats = rocks::read_stats(database_->db(), options_.directory, database_->columns());
    std::lock_guard lock(head_mutex_);
    stats.commits = commits_;
    stats.committed_records = committed_records_;
    stats.read_only = read_only();
    return stats;
  }

  Result<Head> checkpoint(const std::string& directory) const override {
    return rocks::make_checkpoint(*database_, directory, options_.tail_check_records);
  }

 private:
  // Refuses while the disk is nearly full, before anything is written. Asks the file system ten times a second.
  Result<void> check_free_space() {
    if (options_.free_space_floor_bytes == 0) return {};
    const auto now = std::chrono::steady_clock::now();
    if (now - free_space_asked_ >= kFreeSpaceEvery || free_bytes_ < options_.free_space_floor_bytes) {
      const auto free = free_bytes(options_.directory);
      if (!free) return refuse(Code::kStorageFull, free.error().detail);  // nothing was written: the next commit asks again
      free_bytes_ = *free;
      free_space_asked_ = now;
    }
    if (free_bytes_ >= options_.free_space_floor_bytes) return {};
    return refuse(Code::kStorageFull, fmt::format("{} bytes are free where {} lies, at least {} are needed", free_bytes_,
                                                  options_.directory, options_.free_space_floor_bytes));
  }

  // The one synced write. Fills `batch` with what was written. After a failure the store is read-only.
  Result<void> write(std::span<const Record> records, std::span<const CommandEntry> commands, const Head& next,
                     CommittedBatch& batch) {
    std::size_t bytes = 128;
    for (const Record& record : records) bytes += 64 + record.public_part.size() + record.private_part.size();
    batch.first = next.position - records.size() + 1;
    batch.bytes.reserve(bytes);
    batch.ends.reserve(records.size());
    rocksdb::WriteBatch writes(bytes + commands.size() * 80, 0, 8, 0);
    rocksdb::Status status;
    for (const Record& record : records) {
      const std::size_t begin = batch.bytes.size();
      encode_record(record, batch.bytes);
      batch.ends.push_back(batch.bytes.size());
      const rocksdb::Slice value(batch.bytes.data() + begin, batch.bytes.size() - begin);
      if (status.ok()) status = writes.Put(database_->log(), position_key(record.position), value);
    }
    for (const CommandEntry& entry : commands) {
      if (status.ok()) status = writes.Put(database_->commands(), entry.key, encode_command(entry));
    }
    if (status.ok()) status = writes.Put(database_->head(), rocks::kHeadRow, encode_head(next));
    rocksdb::WriteOptions options;
    options.sync = true;
    if (status.ok()) status = database_->db().Write(options, &writes);
    if (status.ok()) return {};
    database_->health().set_failed();
    Error error = rocks::error_of(status, "committing");
    error.code = Code::kStorageFailure;
    return std::unexpected(std::move(error));
  }

  void publish(const Head& next, std::size_t records) {
    std::lock_guard lock(head_mutex_);
    head_ = next;
    ++commits_;
    committed_records_ += records;
    grown_.notify_all();
  }

  static Result<void> read_recent(const CommittedBatch& batch, Position from, std::size_t limit,
                                  const std::function<bool(const Record&)>& visit) {
    Record record;
    for (Position position = from; position <= batch.last() && limit > 0; ++position, --limit) {
      BILLING_CHECK(decode_record(position, batch.value(position), record));
      if (!visit(record)) break;
    }
    return {};
  }

  const RocksLogOptions options_;
  const std::unique_ptr<rocks::LogDatabase> database_;

  std::mutex commit_mutex_;  // guards the four below
  std::optional<Witness> witness_;
  std::uint64_t free_bytes_ = 0;
  std::chrono::steady_clock::time_point free_space_asked_{};

  Recent recent_;
  mutable std::mutex head_mutex_;  // guards the four below
  mutable std::condition_variable grown_;
  Head head_;
  std::uint64_t commits_ = 0;
  std::uint64_t committed_records_ = 0;
};

}  // namespace

Result<std::unique_ptr<RocksLog>> open_rocks_log(const RocksLogOptions& options) {
  BILLING_CHECK(rocks::check_not_beheaded(options.directory));
  if (!options.read_only) BILLING_CHECK(rocks::make_directories(options.directory));
  const auto mode = options.read_only ? rocks::OpenMode::kReadOnly : rocks::OpenMode::kReadWrite;
  BILLING_TRY(database, rocks::LogDatabase::open(options.directory, mode, options.block_cache_bytes));
  BILLING_TRY(head, rocks::check_tail(*database, options.tail_check_records));
  BILLING_TRY(witness, rocks::open_witness(*database, options, head));
  if (!options.read_only) BILLING_CHECK(write_file_list(options.directory));
  return std::make_unique<RocksLogImpl>(options, std::move(database), head, std::move(witness));
}

}  // namespace billing::store
