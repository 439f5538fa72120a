#include "ledger/store/live_files.h"

#include <filesystem>

#include "ledger/store/record_file.h"

namespace billing::store {

Result<void> check_live_file(const LiveFile& file) {
  auto checksum = file_crc32c(file.path);
  std::error_code problem;
  if (!checksum && !std::filesystem::exists(file.path, problem)) return {};
  if (!checksum) return std::unexpected(std::move(checksum.error()));
  if (file.checksum.empty() || *checksum == file.checksum) return {};
  return refuse(Code::kCorruptRecord, file.path + ": its bytes are not those that were written");
}

}  // namespace billing::store
