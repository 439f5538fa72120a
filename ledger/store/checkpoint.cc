#include "ledger/store/checkpoint.h"

#include <fmt/format.h>
#include <rocksdb/utilities/checkpoint.h>

#include <filesystem>

#include "ledger/store/file_list.h"
#include "ledger/store/files.h"
#include "ledger/store/opening.h"

namespace billing::store::rocks {
namespace {
constexpr std::size_t kCheckCacheBytes = 4U << 20;
}

Result<Head> make_checkpoint(const LogDatabase& database, const std::string& directory, std::size_t check_records) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&database.db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
  if (!status.ok()) return std::unexpected(error_of(status, fmt::format("copying the store to {}", directory)));
  // RocksDB copies the write-ahead log without syncing the copy.
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    BILLING_CHECK(sync_file(entry->path().string()));
  }
  if (error) return refuse(Code::kStorageFailure, fmt::format("cannot list {}: {}", directory, error.message()));
  BILLING_CHECK(write_file_list(directory));
  BILLING_TRY(copy, LogDatabase::open(directory, OpenMode::kReadOnly, kCheckCacheBytes));
  return check_tail(*copy, check_records);
}

}  // namespace billing::store::rocks
