#include "ledger/store/rocks_log.h"

#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <shared_mutex>
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

// An open store and the writer of its witness.
struct Opened {
  std::unique_ptr<rocks::LogDatabase> database;
  Head head;
  std::optional<Witness> witness;
};

Result<Opened> open_store(const RocksLogOptions& options) {
  Opened opened;
  const auto mode = options.read_only ? rocks::OpenMode::kReadOnly : rocks::OpenMode::kReadWrite;
  BILLING_TRY(database, rocks::LogDatabase::open(options.directory, mode, options.block_cache_bytes));
  BILLING_TRY(head, rocks::check_tail(*database, options.tail_check_records));
  BILLING_TRY(witness, rocks::open_witness(*database, options, head));
  if (!options.read_only) BILLING_CHECK(write_file_list(options.directory));
  return Opened{std::move(database), head, std::move(witness)};
}

class RocksLogImpl final : public RocksLog {
 public:
  RocksLogImpl(RocksLogOptions options, Opened opened)
      : options_(std::move(options)),
        database_(std::move(opened.database)),
        health_(database_->shared_health()),
        witness_(std::move(opened.witness)),
        recent_(options_.tail_bytes_max),
        head_(opened.head) {}

  Result<void> commit(std::span<const Record> records, std::span<const CommandEntry> commands) override {
    std::lock_guard lock(commit_mutex_);
    const std::shared_lock open(database_mutex_);
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
        const std::shared_lock open(database_mutex_);
        if (!database_) return away();
        BILLING_TRY(scanned, database_->scan(position, limit - visited, end, counted));
        static_cast<void>(scanned);
        return visited;
      }
      BILLING_CHECK(read_recent(*batch, position, limit - visited, counted));
    }
    return visited;
  }

  Result<std::optional<CommandEntry>> find_command(std::string_view key) const override {
    const std::shared_lock open(database_mutex_);
    if (!database_) return away();
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

  bool read_only() const override { return options_.read_only || failed_ || health_.load()->failed(); }

  Result<void> reopen() override {
    std::lock_guard lock(commit_mutex_);
    if (options_.read_only || !read_only()) return {};
    BILLING_CHECK(probe_writing(options_.directory));
    const Head durable = head();
    const std::unique_lock closed(database_mutex_);
    failed_ = true;
    witness_.reset();
    database_.reset();
    auto opened = open_store(options_);
    if (opened) {
      if (auto whole = check_durable(*opened, durable); !whole) opened = std::unexpected(std::move(whole.error()));
    }
    if (!opened) {
      auto rows = rocks::LogDatabase::open(options_.directory, rocks::OpenMode::kReadOnly, options_.block_cache_bytes);
      if (rows) database_ = std::move(*rows);
      return std::unexpected(std::move(opened.error()));
    }
    database_ = std::move(opened->database);
    health_ = database_->shared_health();
    if (opened->witness) witness_.emplace(std::move(*opened->witness));
    recent_.clear();
    publish(opened->head, static_cast<std::size_t>(opened->head.position - durable.position));
    failed_ = false;
    return {};
  }

  StoreStats stats() const override {
    const std::shared_lock open(database_mutex_);
    StoreStats stats;
    if (database_) stats = rocks::read_stats(database_->db(), options_.directory, database_->columns());
    std::lock_guard lock(head_mutex_);
    stats.commits = commits_;
    stats.committed_records = committed_records_;
    stats.read_only = read_only();
    return stats;
  }

  std::vector<LiveFile> live_files() const override {
    const std::shared_lock open(database_mutex_);
    if (!database_) return {};
    auto files = rocks::live_files(database_->db());
    if (options_.witness_dir) {
      files.push_back({std::filesystem::path(*options_.witness_dir) / "witness", 0, LiveFile::Kind::kWitness});
    }
    return files;
  }

  Result<Head> checkpoint(const std::string& directory) const override {
    const std::shared_lock open(database_mutex_);
    if (!database_) return away();
    return rocks::make_checkpoint(*database_, directory, options_.tail_check_records);
  }

 private:
  std::unexpected<Error> away() const {
    return refuse(Code::kStorageFailure, options_.directory + " cannot be opened since a write failed; it is tried again");
  }

  // Everything up to `durable` was acknowledged.
  static Result<void> check_durable(const Opened& opened, const Head& durable) {
    if (durable.position == 0) return {};
    Hash hash{};
    if (opened.head.position >= durable.position) {
      BILLING_CHECK(opened.database->scan(durable.position, 1, opened.head, [&](const Record& record) {
        hash = record_hash(record);
        return false;
      }));
    }
    if (hash == durable.hash) return {};
    return refuse(Code::kCorruptRecord,
                  fmt::format("after a failed write the store ends at position {} and position {} was acknowledged. Do not "
                              "write to it: restore a backup",
                              opened.head.position, durable.position));
  }

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
  std::atomic<bool> failed_ = false;  // a commit failed, and the store could not be opened again yet

  mutable std::shared_mutex database_mutex_;  // held shared by whoever uses the database, alone by reopen()
  std::unique_ptr<rocks::LogDatabase> database_;  // null while it cannot be opened
  std::atomic<std::shared_ptr<rocks::Health>> health_;  // the database's, which outlives it

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

Result<std::optional<Head>> noted_by_witness(const std::string& directory) {
  BILLING_TRY(testimony, read_witness(directory));
  return testimony ? std::optional(testimony->head) : std::nullopt;
}

Result<std::unique_ptr<RocksLog>> open_rocks_log(const RocksLogOptions& options) {
  BILLING_CHECK(check_not_beheaded(options.directory));
  if (!options.read_only) BILLING_CHECK(rocks::make_directories(options.directory));
  BILLING_CHECK(rocks::LogDatabase::rehearse(options.directory));
  BILLING_TRY(opened, open_store(options));
  return std::make_unique<RocksLogImpl>(options, std::move(opened));
}

}  // namespace billing::store
