// Tables on disk: one RocksDB database without a write-ahead log.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "ledger/store/metrics.h"
#include "ledger/store/tables.h"

namespace billing::store {

struct RocksTablesOptions {
  std::string directory;  // created when it is missing; RocksDB's text log goes to `../log/<name>.rocksdb.log`
  std::size_t block_cache_bytes = 64U << 20;
  std::size_t write_buffer_bytes = 16U << 20;
};

// `Tables` with gauges. Batches stay in memory until a buffer is full, so after a crash the tables are as they were
// after some earlier batch, whole: a checkpoint row in the same batch as the rows says after which. Closing writes
// everything out. After a failed write every later write is refused with kStorageFailure until they are opened again.
class RocksTables : public Tables {
 public:
  // A reading of the gauges. Any thread.
  virtual StoreStats stats() const = 0;
  // Writes everything to disk, synced. Error: kStorageFailure.
  virtual Result<void> flush() = 0;
};

// Errors: kCorruptRecord (delete the directory and rebuild), kStorageFailure (in use by another process, …).
Result<std::unique_ptr<RocksTables>> open_rocks_tables(const RocksTablesOptions& options);

}  // namespace billing::store
