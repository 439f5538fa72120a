// How this service opens RocksDB, and what its answers mean. Internal to this folder.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/base/error.h"
#include "ledger/store/live_files.h"
#include "ledger/store/metrics.h"

namespace billing::store::rocks {

// What RocksDB's background threads report.
class Health final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
  // A store that failed stays read-only until it is opened again: recovery behind our back is refused.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status status, bool* recover) override;
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  void set_failed() { failed_.store(true, std::memory_order_release); }

 private:
  std::atomic<bool> failed_ = false;
};

// Options of a database in `directory`; of its log when `write_ahead_log`.
rocksdb::DBOptions database_options(const std::string& directory, bool read_only,
                                    const std::shared_ptr<Health>& health);

// Options of a column family. `point_reads`: bloom filters on disk and in the write buffer. `sorted_writes`: a batch
// comes in the order of its keys, so a key's place in the write buffer is looked for from its predecessor's on, among
// the keys with the same first byte.
struct ColumnShape {
  std::size_t write_buffer_bytes;
  bool point_reads = false;
  bool sorted_writes = false;
};
rocksdb::ColumnFamilyOptions column_options(ColumnShape shape, const std::shared_ptr<rocksdb::Cache>& cache);

// RocksDB counts into variables of the thread at every comparison of keys unless told not to. For the calling thread.
void count_nothing();

// The error that a failed status is: damage is kCorruptRecord, anything else kStorageFailure. `doing` is what failed.
Error error_of(const rocksdb::Status& status, std::string_view doing);

// Reads the gauges of `db`'s column families and directory.
StoreStats read_stats(rocksdb::DB& db, const std::string& directory,
                      const std::vector<rocksdb::ColumnFamilyHandle*>& columns);

// The files of an open database.
std::vector<LiveFile> live_files(rocksdb::DB& db);

// Creates the directory, `../log`, and whatever is above, synced. Error: kStorageFailure.
Result<void> make_directories(const std::string& directory);

}  // namespace billing::store::rocks
