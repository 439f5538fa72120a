#include "ledger/store/rocks_tables.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <utility>

#include "ledger/store/file_list.h"
#include "ledger/store/files.h"
#include "ledger/store/rocks_options.h"

namespace billing::store {
namespace {

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

Result<std::optional<std::string>> get_row(rocksdb::DB& db, const rocksdb::ReadOptions& options, std::string_view key) {
  std::string value;
  const rocksdb::Status status = db.Get(options, slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(rocks::error_of(status, "reading a row"));
  return value;
}

class RocksWalk final : public Walk {
 public:
  RocksWalk(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::string_view begin, std::string_view end)
      : begin_(begin), end_(end), lower_(begin_), upper_(end_) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.total_order_seek = true;
    if (!begin_.empty()) options.iterate_lower_bound = &lower_;
    if (!end_.empty()) options.iterate_upper_bound = &upper_;
    rows_.reset(db.NewIterator(options));
  }
  RocksWalk(const RocksWalk&) = delete;
  RocksWalk& operator=(const RocksWalk&) = delete;

  Result<void> scan(std::string_view begin, std::string_view end, const VisitRows& visit) override {
    if (!end.empty() && begin >= end) return {};
    go_to(begin);
    while (rows_->Valid() && (end.empty() || view(rows_->key()) < end) && visit(view(rows_->key()), view(rows_->value()))) {
      rows_->Next();
    }
    if (!rows_->status().ok()) return std::unexpected(rocks::error_of(rows_->status(), "scanning rows"));
    return {};
  }

 private:
  // A search costs as much as some ten steps.
  static constexpr int kStepsMax = 8;

  void go_to(std::string_view begin) {
    const bool ascends = rows_->Valid() && view(rows_->key()) <= begin;
    for (int step = 0; ascends && step < kStepsMax; ++step) {
      if (!rows_->Valid() || view(rows_->key()) >= begin) return;
      rows_->Next();
    }
    rows_->Seek(slice(begin));
  }

  const std::string begin_, end_;
  const rocksdb::Slice lower_, upper_;
  std::unique_ptr<rocksdb::Iterator> rows_;
};

class RocksSnapshot final : public Snapshot {
 public:
  explicit RocksSnapshot(std::shared_ptr<rocksdb::DB> db) : db_(std::move(db)), snapshot_(db_->GetSnapshot()) {}
  ~RocksSnapshot() override { db_->ReleaseSnapshot(snapshot_); }
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;

  Result<std::optional<std::string>> get(std::string_view key) const override {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    return get_row(*db_, options, key);
  }

  Result<void> get_many(std::span<const std::string> keys, const VisitValue& visit) const override {
    constexpr std::size_t kAtOnce = 64;
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    std::array<rocksdb::Slice, kAtOnce> asked;
    std::array<rocksdb::PinnableSlice, kAtOnce> values;
    std::array<rocksdb::Status, kAtOnce> statuses;
    for (std::size_t first = 0; first < keys.size(); first += kAtOnce) {
      const std::size_t count = std::min(kAtOnce, keys.size() - first);
      for (std::size_t i = 0; i < count; ++i) asked[i] = slice(keys[first + i]);
      const bool ascend = std::ranges::is_sorted(keys.subspan(first, count));  // else it sorts them itself
      db_->MultiGet(options, db_->DefaultColumnFamily(), count, asked.data(), values.data(), statuses.data(), ascend);
      for (std::size_t i = 0; i < count; ++i) {
        if (statuses[i].ok()) {
          visit(first + i, view(values[i]));
        } else if (!statuses[i].IsNotFound()) {
          return std::unexpected(rocks::error_of(statuses[i], "reading rows"));
        }
        values[i].Reset();
      }
    }
    return {};
  }

  std::unique_ptr<Walk> walk(std::string_view begin, std::string_view end) const override {
    return std::make_unique<RocksWalk>(*db_, snapshot_, begin, end);
  }

  Result<void> scan(std::string_view begin, std::string_view end, const VisitRows& visit,
                    bool reverse) const override {
    if (!end.empty() && begin >= end) return {};
    const rocksdb::Slice lower = slice(begin);
    const rocksdb::Slice upper = slice(end);
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.total_order_seek = true;
    if (!begin.empty()) options.iterate_lower_bound = &lower;
    if (!end.empty()) options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options));
    if (reverse) {
      rows->SeekToLast();
    } else {
      rows->SeekToFirst();
    }
    while (rows->Valid() && visit(view(rows->key()), view(rows->value()))) {
      if (reverse) {
        rows->Prev();
      } else {
        rows->Next();
      }
    }
    if (!rows->status().ok()) return std::unexpected(rocks::error_of(rows->status(), "scanning rows"));
    return {};
  }

 private:
  std::shared_ptr<rocksdb::DB> db_;  // a snapshot may outlive its tables
  const rocksdb::Snapshot* snapshot_;
};

rocksdb::Options all_options(const std::string& directory, bool read_only, std::size_t write_buffer_bytes,
                             std::size_t block_cache_bytes, const std::shared_ptr<rocks::Health>& health) {
  return {rocks::database_options(directory, read_only, health),
          rocks::column_options({.write_buffer_bytes = write_buffer_bytes, .point_reads = true, .sorted_writes = true},
                                rocksdb::NewLRUCache(block_cache_bytes))};
}

// An open database and what its background threads said of it.
struct Database {
  std::shared_ptr<rocksdb::DB> db;
  std::shared_ptr<rocks::Health> health;
};

Result<Database> open_for_writing(const RocksTablesOptions& options) {
  const auto health = std::make_shared<rocks::Health>();
  const rocksdb::Options all = all_options(options.directory, false, options.write_buffer_bytes, options.block_cache_bytes, health);
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(all, options.directory, &opened);
  std::shared_ptr<rocksdb::DB> db(opened);
  if (!status.ok()) return std::unexpected(rocks::error_of(status, fmt::format("opening {}", options.directory)));
  BILLING_CHECK(write_file_list(options.directory));
  return Database{std::move(db), health};
}

// Every file is opened here (no limit is set) and stays open, so that nobody minds when the names go.
Result<std::shared_ptr<rocksdb::DB>> open_for_reading(const std::string& directory, std::size_t block_cache_bytes) {
  const rocksdb::Options all = all_options(directory, true, 64U << 10U, block_cache_bytes, std::make_shared<rocks::Health>());
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(all, directory, &opened);
  std::shared_ptr<rocksdb::DB> db(opened);
  if (!status.ok()) return std::unexpected(rocks::error_of(status, fmt::format("opening {}", directory)));
  return db;
}

class RocksTablesImpl final : public RocksTables {
 public:
  RocksTablesImpl(RocksTablesOptions options, Database database)
      : options_(std::move(options)), database_(std::move(database)) {}
  ~RocksTablesImpl() override { static_cast<void>(flush()); }
  RocksTablesImpl(const RocksTablesImpl&) = delete;
  RocksTablesImpl& operator=(const RocksTablesImpl&) = delete;

  Result<void> write(const Batch& batch) override {
    std::size_t bytes = 64;
    for (const Batch::Row& row : batch.rows) bytes += 32 + row.key.size() + (row.value ? row.value->size() : 0);
    // No protection bytes: rows can be built again, and the checksums on disk still name damage.
    rocksdb::WriteBatch writes(bytes);
    rocksdb::Status status;
    for (const Batch::Row& row : batch.rows) {
      if (!status.ok()) break;
      status = row.value ? writes.Put(slice(row.key), slice(*row.value)) : writes.Delete(slice(row.key));
    }
    if (!status.ok()) return failed(status, "preparing rows");
    return apply(writes, batch.rows.size());
  }

  std::unique_ptr<const Snapshot> snapshot() const override { return std::make_unique<RocksSnapshot>(database().db); }

  Result<std::optional<std::string>> get(std::string_view key) const override { return get_row(*database().db, {}, key); }

  Result<void> clear() override {
    const auto db = database().db;
    std::string last;
    {
      const std::unique_ptr<rocksdb::Iterator> rows(db->NewIterator({}));
      rows->SeekToLast();
      if (!rows->status().ok()) return std::unexpected(rocks::error_of(rows->status(), "reading the last row"));
      if (!rows->Valid()) return {};
      last = rows->key().ToString();
    }
    rocksdb::WriteBatch writes(0, 0, 8, 0);
    const rocksdb::Status status = writes.DeleteRange(rocksdb::Slice(), last + '\0');
    if (!status.ok()) return failed(status, "deleting all rows");
    BILLING_CHECK(apply(writes, 0));
    BILLING_CHECK(flush());
    // Now, so that no later scan has to step over what was deleted.
    const rocksdb::Status compacted = db->CompactRange({}, nullptr, nullptr);
    if (!compacted.ok()) return failed(compacted, "freeing the space of deleted rows");
    return {};
  }

  Result<void> flush() override {
    const Database now = database();
    if (now.health->failed()) return refuse_failed();
    const rocksdb::Status status = now.db->Flush({});
    if (!status.ok()) return failed(status, "writing rows out");
    return {};
  }

  Result<void> copy_to(const std::string& directory) override {
    BILLING_CHECK(flush());  // there is no write-ahead log that could be copied
    const auto db = database().db;
    rocksdb::Checkpoint* made = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(db.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
    if (!status.ok()) return std::unexpected(rocks::error_of(status, fmt::format("copying tables to {}", directory)));
    return write_file_list(directory);
  }

  // The database that failed is closed first, which snapshots may put off. What is read meanwhile is the database opened
  // for reading, without the rows that were not written out.
  Result<void> reopen() override {
    if (!database().health->failed()) return {};
    BILLING_CHECK(probe_writing(options_.directory));
    if (!reading_) {
      BILLING_TRY(db, open_for_reading(options_.directory, options_.block_cache_bytes));
      failed_ = database().db;
      const auto health = std::make_shared<rocks::Health>();
      health->set_failed();
      use({std::move(db), health});
      reading_ = true;
    }
    if (!failed_.expired()) return refuse(Code::kStorageFailure, "reads of before still go on: they must end first");
    BILLING_TRY(opened, open_for_writing(options_));
    use(std::move(opened));
    reading_ = false;
    return {};
  }

  std::vector<LiveFile> live_files() const override { return rocks::live_files(*database().db); }

  StoreStats stats() const override {
    const Database now = database();
    StoreStats stats = rocks::read_stats(*now.db, options_.directory, {now.db->DefaultColumnFamily()});
    stats.commits = commits_.load(std::memory_order_relaxed);
    stats.committed_records = rows_.load(std::memory_order_relaxed);
    stats.read_only = now.health->failed();
    return stats;
  }

 private:
  Database database() const {
    const std::lock_guard lock(mutex_);
    return database_;
  }
  void use(Database database) {
    const std::lock_guard lock(mutex_);
    database_ = std::move(database);
  }

  static std::unexpected<Error> refuse_failed() {
    return refuse(Code::kStorageFailure, "the tables failed before: they must be opened again");
  }
  std::unexpected<Error> failed(const rocksdb::Status& status, std::string_view doing) {
    database().health->set_failed();
    return std::unexpected(rocks::error_of(status, doing));
  }

  Result<void> apply(rocksdb::WriteBatch& writes, std::size_t rows) {
    const Database now = database();
    if (now.health->failed()) return refuse_failed();
    rocks::count_nothing();
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const rocksdb::Status status = now.db->Write(options, &writes);
    if (!status.ok()) return failed(status, "writing rows");
    commits_.fetch_add(1, std::memory_order_relaxed);
    rows_.fetch_add(rows, std::memory_order_relaxed);
    return {};
  }

  const RocksTablesOptions options_;
  mutable std::mutex mutex_;  // guards what database_ points to
  Database database_;
  std::weak_ptr<rocksdb::DB> failed_;  // what it was before it was opened for reading; it keeps the lock of the directory
  bool reading_ = false;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<RocksTables>> open_rocks_tables(const RocksTablesOptions& options) {
  BILLING_CHECK(check_not_beheaded(options.directory));
  BILLING_CHECK(rocks::make_directories(options.directory));
  BILLING_TRY(opened, open_for_writing(options));
  return std::make_unique<RocksTablesImpl>(options, std::move(opened));
}

Result<std::unique_ptr<const Snapshot>> open_rocks_copy(const std::string& directory, std::size_t block_cache_bytes) {
  BILLING_TRY(db, open_for_reading(directory, block_cache_bytes));
  return std::make_unique<const RocksSnapshot>(std::move(db));
}

}  // namespace billing::store
