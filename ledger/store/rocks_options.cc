#include "ledger/store/rocks_options.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>

#include "ledger/store/file_list.h"
#include "ledger/store/files.h"
#include "ledger/store/info_log.h"

namespace billing::store::rocks {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kInfoLogBytesMax = 4U << 20;
constexpr std::int64_t kCompactionBytesPerSecond = 128 << 20;

bool library_has(rocksdb::CompressionType type) {
  const auto supported = rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), type) != supported.end();
}

fs::path plain_path(const std::string& directory) {
  const fs::path path = fs::path(directory).lexically_normal();
  return path.has_filename() ? path : path.parent_path();  // without a slash at the end
}

fs::path info_log_path(const std::string& directory) {
  const fs::path path = plain_path(directory);
  return path.parent_path() / "log" / (path.filename().string() + ".rocksdb.log");
}

}  // namespace

void Health::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) { set_failed(); }

void Health::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* recover) {
  set_failed();
  *recover = false;
}

rocksdb::DBOptions database_options(const std::string& directory, bool read_only,
                                    const std::shared_ptr<Health>& health) {
  rocksdb::DBOptions options;
  options.create_if_missing = !read_only;
  options.create_missing_column_families = !read_only;
  options.info_log = read_only ? make_silent_log() : make_info_log(info_log_path(directory), kInfoLogBytesMax);
  options.listeners = {health};
  options.paranoid_checks = true;
  options.flush_verify_memtable_count = true;
  // The default mode silently drops everything after the first damaged byte. This one refuses damage, and accepts only
  // what a crash leaves: a last write that is cut short.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_bgerror_resume_count = 0;
  // One writer: the concurrent memtable costs it a third of its speed and gives nothing.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.max_background_jobs = 2;
  // Bounds what an opening after a crash has to read again. The small columns alone would hold the log back: they are
  // written out when it gets this long.
  options.max_total_wal_size = 192U << 20;
  options.bytes_per_sync = 1U << 20;
  options.avoid_unnecessary_blocking_io = true;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.rate_limiter.reset(rocksdb::NewGenericRateLimiter(kCompactionBytesPerSecond));
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions column_options(ColumnShape shape, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = shape.write_buffer_bytes;
  options.force_consistency_checks = true;
  options.level0_slowdown_writes_trigger = 20;
  options.level0_stop_writes_trigger = 36;
  options.compression = library_has(rocksdb::kLZ4Compression) ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  if (library_has(rocksdb::kZSTD)) options.bottommost_compression = rocksdb::kZSTD;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = 5;
  if (shape.point_reads) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    options.memtable_prefix_bloom_size_ratio = 0.1;
    options.memtable_whole_key_filtering = true;
  }
  if (shape.sorted_writes) {
    // A batch has rows of nearly every table, so a file of level 0 overlaps all of level 1, and each compaction writes
    // level 1 anew: it pays to have much in level 0 by then. Bloom filters keep its files out of look-ups.
    options.level0_file_num_compaction_trigger = 8;
    options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

void count_nothing() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

Error error_of(const rocksdb::Status& status, std::string_view doing) {
  const std::string text = status.ToString();
  if (status.IsCorruption()) return {Code::kCorruptRecord, fmt::format("{}: {}", doing, text), {}};
  if (status.IsIOError() && text.find("LOCK") != std::string::npos) {
    return {Code::kStorageFailure, fmt::format("{}: another process has this store open ({})", doing, text), {}};
  }
  return {Code::kStorageFailure, fmt::format("{}: {}", doing, text), {}};
}

std::vector<LiveFile> live_files(rocksdb::DB& db) {
  std::vector<rocksdb::LiveFileMetaData> found;
  db.GetLiveFilesMetaData(&found);
  std::vector<LiveFile> files;
  for (const auto& one : found) {
    files.push_back({one.db_path + one.name, one.size, LiveFile::Kind::kData,
                     one.file_checksum_func_name == rocksdb::kUnknownFileChecksumFuncName ? std::string() : one.file_checksum});
  }
  const auto listed = read_file_list(db.GetName());
  std::error_code error;
  for (fs::directory_iterator entry(db.GetName(), error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    std::error_code gone;
    const std::uint64_t bytes = entry->file_size(gone);
    if (gone) continue;
    if (name.starts_with("MANIFEST-") || name.ends_with(".log")) {
      files.push_back({entry->path(), bytes, LiveFile::Kind::kRecords});
    } else if (listed && listed->contains(name)) {
      files.push_back({entry->path(), bytes, LiveFile::Kind::kListed, listed->at(name)});
    }
  }
  return files;
}

StoreStats read_stats(rocksdb::DB& db, const std::string& directory,
                      const std::vector<rocksdb::ColumnFamilyHandle*>& columns) {
  StoreStats stats;
  const auto sum = [&](const std::string& property) {
    std::uint64_t total = 0;
    for (auto* const column : columns) {
      std::uint64_t value = 0;
      if (db.GetIntProperty(column, property, &value)) total += value;
    }
    return total;
  };
  const auto one = [&](const std::string& property) {
    std::uint64_t value = 0;
    return db.GetIntProperty(columns.front(), property, &value) ? value : 0;
  };
  using Property = rocksdb::DB::Properties;
  stats.memtable_bytes = sum(Property::kCurSizeAllMemTables);
  stats.live_sst_bytes = sum(Property::kLiveSstFilesSize);
  stats.estimated_keys = sum(Property::kEstimateNumKeys);
  stats.pending_compaction_bytes = sum(Property::kEstimatePendingCompactionBytes);
  stats.running_flushes = one(Property::kNumRunningFlushes);
  stats.running_compactions = one(Property::kNumRunningCompactions);
  stats.block_cache_bytes = one(Property::kBlockCacheUsage);
  stats.background_errors = sum(Property::kBackgroundErrors);
  stats.write_slowed = one(Property::kActualDelayedWriteRate) != 0;
  stats.write_stopped = one(Property::kIsWriteStopped) != 0;
  stats.free_bytes = free_bytes(directory).value_or(0);
  std::error_code ignored;  // files may go away while the directory is listed
  for (fs::directory_iterator entry(directory, ignored), end; entry != end; entry.increment(ignored)) {
    if (entry->path().extension() != ".log") continue;
    const auto size = entry->file_size(ignored);
    if (!ignored) stats.wal_bytes += size;
  }
  return stats;
}

Result<void> make_directories(const std::string& directory) {
  const fs::path path = plain_path(directory);
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::create_directories(info_log_path(directory).parent_path(), error);
  if (error) return refuse(Code::kStorageFailure, fmt::format("cannot make {}: {}", directory, error.message()));
  return sync_directory(path.has_parent_path() ? path.parent_path().string() : ".");
}

}  // namespace billing::store::rocks
