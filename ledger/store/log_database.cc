#include "ledger/store/log_database.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>

#include <utility>

#include "ledger/store/record.h"
#include "ledger/store/rehearsal.h"

namespace billing::store::rocks {
namespace {

constexpr std::size_t kReadaheadBytes = 2U << 20;
constexpr std::size_t kRehearsalCacheBytes = 4U << 20;
constexpr std::size_t kReadaheadRecordsMin = 256;  // a shorter scan would read far more than it needs

std::vector<rocksdb::ColumnFamilyDescriptor> column_descriptors(std::size_t block_cache_bytes) {
  const auto cache = rocksdb::NewLRUCache(block_cache_bytes);
  constexpr std::size_t kSmall = 16U << 20;
  return {{rocksdb::kDefaultColumnFamilyName, column_options({.write_buffer_bytes = kSmall, .point_reads = false}, cache)},
          {kLogColumn, column_options({.write_buffer_bytes = 64U << 20, .point_reads = false}, cache)},
          {kCommandsColumn, column_options({.write_buffer_bytes = kSmall, .point_reads = true}, cache)},
          {kHeadColumn, column_options({.write_buffer_bytes = kSmall, .point_reads = false}, cache)}};
}

// Walks the log's rows; remembers where it stopped and why.
class ChainWalk {
 public:
  ChainWalk(rocksdb::Iterator& rows, const Head& head) : rows_(rows), head_(head) {}

  // Reads the record at `position`, which the iterator must be at.
  Result<void> read(Position position, Record& record) {
    if (!rows_.Valid()) {
      const rocksdb::Status status = rows_.status();
      if (!status.ok()) return std::unexpected(error_of(status, fmt::format("reading the record at position {}", position)));
      return missing(position);
    }
    BILLING_TRY(found, parse_position_key({rows_.key().data(), rows_.key().size()}));
    if (found != position) return missing(position);
    return decode_record(position, {rows_.value().data(), rows_.value().size()}, record);
  }

  // Checks that `record` has the hash that the next one, or the head, notes for it.
  Result<void> check(const Record& record, const Hash& noted) const {
    if (record_hash(record) == noted) return {};
    return refuse(Code::kCorruptRecord, fmt::format("the hash of the record at position {} is not the one that {} notes",
                                                    record.position,
                                                    record.position == head_.position ? "the head" : "the next record"));
  }

 private:
  static std::unexpected<Error> missing(Position position) {
    return refuse(Code::kCorruptRecord, fmt::format("the record at position {} is missing", position));
  }
  rocksdb::Iterator& rows_;
  const Head& head_;
};

}  // namespace

Result<std::unique_ptr<LogDatabase>> LogDatabase::open(const std::string& directory, OpenMode mode,
                                                       std::size_t block_cache_bytes) {
  std::unique_ptr<LogDatabase> database(new LogDatabase);
  rocksdb::DBOptions options = database_options(directory, mode != OpenMode::kReadWrite, database->health_);
  if (mode == OpenMode::kSalvage) {
    options.paranoid_checks = false;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
    options.max_open_files = 64;
    options.skip_checking_sst_file_sizes_on_db_open = true;
  }
  rocksdb::DB* db = nullptr;
  const auto columns = column_descriptors(block_cache_bytes);
  const rocksdb::Status status =
      mode == OpenMode::kReadWrite
          ? rocksdb::DB::Open(options, directory, columns, &database->columns_, &db)
          : rocksdb::DB::OpenForReadOnly(options, directory, columns, &database->columns_, &db);
  database->db_.reset(db);
  if (!status.ok()) return std::unexpected(error_of(status, fmt::format("opening {}", directory)));
  return database;
}

Result<void> LogDatabase::rehearse(const std::string& directory) {
  return rehearse_opening(directory, [&] { static_cast<void>(open(directory, OpenMode::kReadOnly, kRehearsalCacheBytes)); });
}

LogDatabase::~LogDatabase() {
  if (!db_) return;
  for (auto* const column : columns_) static_cast<void>(db_->DestroyColumnFamilyHandle(column));
  static_cast<void>(db_->Close());  // every commit was synced: nothing is left to fail
}

Result<Head> LogDatabase::read_head() const {
  std::string value;
  const rocksdb::Status status = db_->Get({}, head(), kHeadRow, &value);
  if (status.IsNotFound()) return Head{};
  if (!status.ok()) return std::unexpected(error_of(status, "reading the head"));
  return decode_head(value);
}

Result<Position> LogDatabase::newest_position() const {
  const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator({}, log()));
  rows->SeekToLast();
  if (rows->Valid()) return parse_position_key({rows->key().data(), rows->key().size()});
  if (!rows->status().ok()) return std::unexpected(error_of(rows->status(), "reading the log's end"));
  return Position{0};
}

Result<bool> LogDatabase::had_witness() const {
  std::string value;
  const rocksdb::Status status = db_->Get({}, head(), kWitnessRow, &value);
  if (!status.ok() && !status.IsNotFound()) return std::unexpected(error_of(status, "reading the witness' row"));
  return status.ok();
}

Result<std::size_t> LogDatabase::scan(Position from, std::size_t limit, const Head& head,
                                      const std::function<bool(const Record&)>& visit, Position* damaged) const {
  if (from == 0) from = 1;
  if (from > head.position || limit == 0) return std::size_t{0};
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const Position left = head.position - from + 1;
  if (limit >= kReadaheadRecordsMin && left >= kReadaheadRecordsMin) options.readahead_size = kReadaheadBytes;
  const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options, log()));
  rows->Seek(position_key(from));
  ChainWalk walk(*rows, head);
  const auto failed = [&](Position position, Error error) -> std::unexpected<Error> {
    if (damaged != nullptr) *damaged = position;
    return std::unexpected(std::move(error));
  };
  Record record;
  Record next;
  if (auto read = walk.read(from, record); !read) return failed(from, std::move(read.error()));
  if (from == 1 && record.previous_hash != Hash{}) {
    return failed(1, {Code::kCorruptRecord, "the record at position 1 notes a record before it", {}});
  }
  // One record ahead: a record is visited only when its successor, or the head, has confirmed its hash.
  for (std::size_t visited = 0;;) {
    const bool newest = record.position == head.position;
    if (!newest) {
      rows->Next();
      if (auto read = walk.read(record.position + 1, next); !read) {
        return failed(record.position + 1, std::move(read.error()));
      }
    }
    if (auto same = walk.check(record, newest ? head.hash : next.previous_hash); !same) {
      return failed(record.position, std::move(same.error()));
    }
    ++visited;
    if (!visit(record) || newest || visited == limit) return visited;
    std::swap(record, next);
  }
}

}  // namespace billing::store::rocks
