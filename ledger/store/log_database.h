// The log's RocksDB database: opening it, its rows, and the scan that checks the chain. Internal to this folder.
#pragma once

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/store/log.h"
#include "ledger/store/rocks_options.h"

namespace billing::store::rocks {

inline constexpr const char* kLogColumn = "log";
inline constexpr const char* kCommandsColumn = "commands";
inline constexpr const char* kHeadColumn = "head";
inline constexpr const char* kHeadRow = "head";
inline constexpr const char* kWitnessRow = "witness";  // there once the store has had a witness

// How to open: `kSalvage` reads what can be read of a damaged store, checking nothing, to say what is wrong with it.
enum class OpenMode { kReadWrite, kReadOnly, kSalvage };

// An open database with its columns. Closed by the destructor.
class LogDatabase {
 public:
  // Errors: kCorruptRecord, kStorageFailure.
  static Result<std::unique_ptr<LogDatabase>> open(const std::string& directory, OpenMode mode,
                                                   std::size_t block_cache_bytes);
  // See rehearsal.h. Error: kCorruptRecord.
  static Result<void> rehearse(const std::string& directory);
  ~LogDatabase();
  LogDatabase(const LogDatabase&) = delete;
  LogDatabase& operator=(const LogDatabase&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* log() const { return columns_[1]; }
  rocksdb::ColumnFamilyHandle* commands() const { return columns_[2]; }
  rocksdb::ColumnFamilyHandle* head() const { return columns_[3]; }
  const std::vector<rocksdb::ColumnFamilyHandle*>& columns() const { return columns_; }
  Health& health() const { return *health_; }
  std::shared_ptr<Health> shared_health() const { return health_; }

  // The head's row; {0, zeros} when there is none. Errors: kCorruptRecord, kStorageFailure.
  Result<Head> read_head() const;
  // The newest position in the log, whatever the head says; 0 for none. Errors: kCorruptRecord, kStorageFailure.
  Result<Position> newest_position() const;
  // Whether the store has ever had a witness. Error: kStorageFailure.
  Result<bool> had_witness() const;

  // Calls `visit` for up to `limit` records from `from` to `head`, until it returns false; returns how many. Every
  // record's position and hash is checked against the one after it (the last one's against `head`) before it is
  // visited. Errors: kCorruptRecord (with the position), kStorageFailure. `damaged` gets the position, when not null.
  Result<std::size_t> scan(Position from, std::size_t limit, const Head& head,
                           const std::function<bool(const Record&)>& visit, Position* damaged = nullptr) const;

 private:
  LogDatabase() = default;
  std::shared_ptr<Health> health_ = std::make_shared<Health>();
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> columns_;
};

}  // namespace billing::store::rocks
