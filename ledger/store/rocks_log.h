// The log on disk: one RocksDB database, and a witness of the head in another directory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ledger/store/live_files.h"
#include "ledger/store/log.h"
#include "ledger/store/metrics.h"

namespace billing::store {

struct RocksLogOptions {
  // The database's own directory, created when it is missing. RocksDB's text log goes to `../log/<name>.rocksdb.log`,
  // so that every file in the directory belongs to the truth.
  std::string directory;
  // Where position and hash of the head are kept a second time, best on another device. A log that lost its tail is
  // refused at opening when there is a witness; without one a tail that was cut cleanly cannot be noticed.
  std::optional<std::string> witness_dir;
  // Commits are refused with kStorageFull while the file system has less free space than this.
  std::uint64_t free_space_floor_bytes = 64U << 20;
  // Reads only, takes no lock and changes no file. For a closed store, a backup or a copy: not for one in use.
  bool read_only = false;
  // An operator's decision after a refused opening: the witness is written afresh. One that can be read must not contradict
  // the log all the same, unless the log ends at `lost_after`, behind which the operator gives up what the witness saw. One
  // that cannot be read stays beside it as `witness.unreadable`.
  bool reset_witness = false;
  Position lost_after = 0;
  // How many of the newest records have their chain checked at opening.
  std::size_t tail_check_records = 65'536;
  // The newest records that are kept in memory for readers that follow the head.
  std::size_t tail_bytes_max = 16U << 20;
  std::size_t block_cache_bytes = 64U << 20;
};

// What the witness in a directory noted last; nothing without a witness. Errors: kCorruptRecord when neither of its places can
// be read, kStorageFailure.
Result<std::optional<Head>> noted_by_witness(const std::string& directory);

// A `Log` with what only a store on disk has. Beyond the contract of `Log`: a reader that follows closely reads from
// memory; every scan from disk checks positions and hashes.
class RocksLog : public Log {
 public:
  // A reading of the gauges; costs a listing of the directory. Any thread.
  virtual StoreStats stats() const = 0;

  // Its files of now, the witness included. Any thread.
  virtual std::vector<LiveFile> live_files() const = 0;

  // Makes a consistent copy of the store in `directory`, which must not exist (files are hard links where the file
  // system allows), syncs it, opens the copy, checks its whole tail, and returns the copy's head. Any thread, while
  // commits go on. Errors: kStorageFailure, kStorageFull, kCorruptRecord.
  virtual Result<Head> checkpoint(const std::string& directory) const = 0;
};

// Opens or creates the log. A directory with several write-ahead logs is opened by a child process first (rehearsal.h). Checks that the head's record exists and has the head's hash, that nothing follows it, that
// the chain of the newest records holds, and that the witness is neither ahead of the store nor of another history.
// Errors: kCorruptRecord (damage or a lost tail; the detail says where, and what to do), kStorageFailure (another
// process has the store open, or the directory cannot be used), kStorageFull.
Result<std::unique_ptr<RocksLog>> open_rocks_log(const RocksLogOptions& options);

}  // namespace billing::store
