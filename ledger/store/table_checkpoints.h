// Checkpoints of tables: their rows as they were at some moments, each under a number, kept for reading.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ledger/store/rocks_tables.h"
#include "ledger/store/tables.h"

namespace billing::store {

// Any thread, but no two of make, drop and open at one time for one number.
class TableCheckpoints {
 public:
  virtual ~TableCheckpoints() = default;
  // The numbers that there are, ascending.
  virtual std::vector<std::uint64_t> list() const = 0;
  // Keeps the tables' rows as they are now under a number that is free. Nothing may write to the tables meanwhile. It is
  // there whole or, after an error or a crash, not at all. Error: kStorageFailure.
  virtual Result<void> make(std::uint64_t number) = 0;
  // The rows of one. They stay readable after it was dropped, for as long as somebody holds them. Errors: kCorruptRecord
  // (damaged: drop it), kStorageFailure. A damaged row is kCorruptRecord when it is read.
  virtual Result<std::shared_ptr<const Snapshot>> open(std::uint64_t number) const = 0;
  // Frees what only this one uses. No error when there is none. Error: kStorageFailure.
  virtual Result<void> drop(std::uint64_t number) = 0;
};

// In memory, of memory tables: a checkpoint is a snapshot. `tables` must outlive it.
std::unique_ptr<TableCheckpoints> make_memory_checkpoints(const Tables& tables);

struct RocksCheckpointsOptions {
  std::string directory;  // created when it is missing; on the file system of the tables
  std::size_t block_cache_bytes = 32U << 20;  // of each that is open
};
// A checkpoint that had to go.
struct DroppedCheckpoint {
  std::uint64_t number = 0;
  std::string reason;  // with the file that is to blame
};
// On disk: `<directory>/<number, 20 digits>/` is a RocksDB database of its own that shares its data files, as hard links,
// with the tables and with other checkpoints; what is made costs writing out what the tables have in memory. Every byte is
// checked here, shared files once: damaged ones are dropped and told in `dropped`, half written ones silently. `tables`
// must outlive it. Error: kStorageFailure.
Result<std::unique_ptr<TableCheckpoints>> open_rocks_checkpoints(RocksTables& tables,
                                                                 const RocksCheckpointsOptions& options,
                                                                 std::vector<DroppedCheckpoint>* dropped);

// The directories of whole checkpoints in `directory` by number, ascending; none when it is not there. For checking them
// while the service is stopped.
std::vector<std::pair<std::uint64_t, std::string>> checkpoint_directories(const std::string& directory);

}  // namespace billing::store
