#include "ledger/store/live_files.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "ledger/store/file_list.h"
#include "ledger/store/record_file.h"
#include "ledger/store/witness.h"

namespace billing::store {
namespace {

std::unexpected<Error> damaged(const LiveFile& file, const std::string& what) {
  return refuse(Code::kCorruptRecord, file.path + ": " + what);
}

Result<void> compare(const LiveFile& file, const Result<std::string>& found) {
  if (!found) return std::unexpected(found.error());
  if (file.checksum.empty() || *found == file.checksum) return {};
  return damaged(file, "its bytes are not those that were written");
}

// A read that meets a write sees a place half written: it is asked a few times.
Result<void> check_witness(const LiveFile& file) {
  constexpr int kTries = 5;
  constexpr std::chrono::milliseconds kPause{20};
  for (int tried = 1;; ++tried) {
    const auto testimony = read_witness(std::filesystem::path(file.path).parent_path());
    if (testimony && *testimony && !(*testimony)->damaged_slot) return {};
    if (tried < kTries) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    if (!testimony) return std::unexpected(testimony.error());
    return damaged(file, *testimony ? "one of its two places cannot be read" : "it is not there");
  }
}

}  // namespace

Result<void> check_live_file(const LiveFile& file) {
  switch (file.kind) {
    case LiveFile::Kind::kData: return compare(file, file_crc32c(file.path));
    case LiveFile::Kind::kListed: return compare(file, file_digest(file.path));
    case LiveFile::Kind::kWitness: return check_witness(file);
    case LiveFile::Kind::kRecords: {
      BILLING_TRY(problem, check_record_file(file.path));
      if (!problem || problem->torn) return {};
      return damaged(file, problem->detail);
    }
  }
  return {};
}

}  // namespace billing::store
