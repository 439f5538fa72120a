// Gauges of a store, for the metrics page.
#pragma once

#include <cstdint>

namespace billing::store {

// One reading. Sizes in bytes; everything but `commits` and `committed_records` is RocksDB's own estimate.
struct StoreStats {
  std::uint64_t memtable_bytes = 0;
  std::uint64_t live_sst_bytes = 0;
  std::uint64_t estimated_keys = 0;
  std::uint64_t pending_compaction_bytes = 0;
  std::uint64_t running_flushes = 0;
  std::uint64_t running_compactions = 0;
  std::uint64_t wal_bytes = 0;
  std::uint64_t block_cache_bytes = 0;
  std::uint64_t background_errors = 0;
  std::uint64_t free_bytes = 0;         // of the file system, for callers without privileges
  std::uint64_t commits = 0;            // batches written since the store was opened
  std::uint64_t committed_records = 0;  // records (rows, for tables) written since then
  bool write_slowed = false;            // RocksDB delays writes
  bool write_stopped = false;           // RocksDB holds writes until a flush or compaction is over
  bool read_only = false;               // opened so, or a write failed
};

}  // namespace billing::store
