// Folds an existing log into views in RocksDB and prints how fast, million by million: what their compaction costs as they
// grow. Asserts nothing. The log must be closed.
//
//     refold LEDGER DIRECTORY           LEDGER: the folder `ledger` of a service's data; DIRECTORY: a new one for the views
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"
#include "projections/verify.h"
#include "tests/support/measure.h"

namespace billing {
namespace {

void run(const char* ledger, const std::string& directory) {
  const auto log = need(store::open_rocks_log({.directory = ledger, .witness_dir = std::nullopt, .read_only = true}));
  const auto tables = need(store::open_rocks_tables({.directory = directory + "/views"}));
  const Position head = log->head().position;
  constexpr Position kStep = 1'000'000;
  Position from = 0;
  const auto begin = Clock::now();
  auto since = begin, last = begin;
  double cpu = cpu_microseconds(RUSAGE_SELF), longest = 0;
  std::printf("| events | events/s | CPU us an event | longest batch ms | views MB |\n|---|---|---|---|---|\n");
  need(views::rebuild_views(*log, nullptr, *tables, head, [&](const views::FoldProgress& progress) {
    longest = std::max(longest, milliseconds_since(last));
    last = Clock::now();
    if (progress.position < from + kStep && progress.position < head) return true;
    const double events = static_cast<double>(progress.position - from);
    std::printf("| %llu | %.0f | %.1f | %.0f | %.0f |\n", static_cast<unsigned long long>(progress.position),
                events / milliseconds_since(since) * 1'000, (cpu_microseconds(RUSAGE_SELF) - cpu) / events, longest,
                static_cast<double>(tables->stats().live_sst_bytes) / 1e6);
    std::fflush(stdout);
    from = progress.position;
    since = last;
    cpu = cpu_microseconds(RUSAGE_SELF);
    longest = 0;
    return true;
  }));
  std::printf("%llu events in %.1f s\n", static_cast<unsigned long long>(head), milliseconds_since(begin) / 1'000);
}

}  // namespace
}  // namespace billing

int main(int count, char** values) {
  if (count != 3) {
    std::fprintf(stderr, "usage: refold LEDGER DIRECTORY\n");
    return 2;
  }
  std::filesystem::create_directories(values[2]);
  billing::run(values[1], values[2]);
  return 0;
}
