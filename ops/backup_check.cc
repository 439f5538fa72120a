#include "ops/backup_check.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <numeric>

#include "ledger/base/thread_name.h"
#include "ops/progress.h"

namespace billing::ops {

Result<void> check_files_of(const Target& target, const Manifest& manifest) {
  const std::uint64_t total = std::accumulate(manifest.files.begin(), manifest.files.end(), std::uint64_t{0},
                                              [](std::uint64_t sum, const BackupFile& file) { return sum + file.bytes; });
  std::uint64_t done = 0;
  std::size_t bad = 0;
  {
    Progress progress("checking", "bytes");
    for (const BackupFile& file : manifest.files) {
      const auto seen = digest_file(target.path_of(file.sha256),
                                    [&](std::uint64_t bytes) { progress.show(done += bytes, total); });
      if (seen && seen->sha256 == file.sha256) continue;
      ++bad;
      fmt::print("file: {} is {} ({})\n", target.path_of(file.sha256), seen ? "damaged" : "missing or cannot be read", file.name);
    }
  }
  if (bad != 0) return refuse(Code::kCorruptRecord, fmt::format("{} of {} files are not as they were backed up", bad, manifest.files.size()));
  fmt::print("files: {}, every one is as it was backed up\n", manifest.files.size());
  return {};
}

void yield_to_the_service() {
  constexpr int kNiceness = 10;
  constexpr int kOfThisThread = 1;          // IOPRIO_WHO_PROCESS
  constexpr int kWhenIdle = 3 << 13;        // IOPRIO_CLASS_IDLE; glibc has no call for it
  lower_priority(kNiceness);
  static_cast<void>(::syscall(SYS_ioprio_set, kOfThisThread, 0, kWhenIdle));
}

}  // namespace billing::ops
