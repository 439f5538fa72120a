// Tables on disk: one RocksDB database without a write-ahead log.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "ledger/store/live_files.h"
#include "ledger/store/metrics.h"
#include "ledger/store/tables.h"

namespace billing::store {

struct RocksTablesOptions {
  std::string directory;  // created when it is missing; RocksDB's text log goes to `../log/<name>.rocksdb.log`
  std::size_t block_cache_bytes = 64U << 20;
  // Up to two of them are in memory. Rows that change often are written out once a buffer, and what is written out once
  // is compacted several times (docs/performance.md); after a crash so much is folded again.
  std::size_t write_buffer_bytes = 64U << 20;
};

// `Tables` with gauges. Batches stay in memory until a buffer is full, so after a crash the tables are as they were
// after some earlier batch, whole: a checkpoint row in the same batch as the rows says after which. Closing writes
// everything out. After a failed write every later write is refused with kStorageFailure until reopen() succeeds, for which
// the disk must be sound and the snapshots of before must be gone; reads go on meanwhile, on the rows that are on disk.
class RocksTables : public Tables {
 public:
  // A reading of the gauges. Any thread.
  virtual StoreStats stats() const = 0;
  // Its files of now. Any thread.
  virtual std::vector<LiveFile> live_files() const = 0;
  // Writes everything to disk, synced. Error: kStorageFailure.
  virtual Result<void> flush() = 0;
  // Writes everything out and makes `directory`, on the same file system and not there yet, a database with the rows as
  // they are now. Data files are shared as hard links. Nothing may write meanwhile. Error: kStorageFailure.
  virtual Result<void> copy_to(const std::string& directory) = 0;
};

// Errors: kCorruptRecord (delete the directory and rebuild), kStorageFailure (in use by another process, …).
Result<std::unique_ptr<RocksTables>> open_rocks_tables(const RocksTablesOptions& options);

// The rows of a directory that copy_to() made, for reading only; they stay readable when it is deleted meanwhile. Errors:
// kCorruptRecord, kStorageFailure.
Result<std::unique_ptr<const Snapshot>> open_rocks_copy(const std::string& directory, std::size_t block_cache_bytes);

}  // namespace billing::store
