// Folds an existing log into views in RocksDB and prints how fast, million by million: what their compaction costs as they
// grow. Asserts nothing. The log must be closed.
//
//     refold LEDGER DIRECTORY           LEDGER: the folder `ledger` of a service's data; DIRECTORY: a new one for the views
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"
#include "projections/verify.h"

namespace billing {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class T>
T need(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>) return;
    else return std::move(*result);
  }
  std::fprintf(stderr, "%s\n", result.error().detail.c_str());
  std::exit(1);
}

void run(const char* ledger, const std::string& directory) {
  const auto log = need(store::open_rocks_log({.directory = ledger, .witness_dir = std::nullopt, .read_only = true}));
  const auto tables = need(store::open_rocks_tables({.directory = directory + "/views"}));
  const Position head = log->head().position;
  constexpr Position kStep = 1'000'000;
  Position from = 0;
  auto since = Clock::now();
  double cpu = cpu_seconds(), longest = 0;
  auto last = since;
  const auto begin = since;
  std::printf("| events | events/s | CPU us an event | longest batch ms | views MB |\n|---|---|---|---|---|\n");
  need(views::rebuild_views(*log, nullptr, *tables, head, [&](const views::FoldProgress& progress) {
    const auto now = Clock::now();
    longest = std::max(longest, std::chrono::duration<double, std::milli>(now - last).count());
    last = now;
    if (progress.position < from + kStep && progress.position < head) return true;
    const double events = static_cast<double>(progress.position - from);
    std::printf("| %llu | %.0f | %.1f | %.0f | %.0f |\n", static_cast<unsigned long long>(progress.position),
                events / std::chrono::duration<double>(now - since).count(), (cpu_seconds() - cpu) * 1e6 / events, longest,
                static_cast<double>(tables->stats().live_sst_bytes) / 1e6);
    std::fflush(stdout);
    from = progress.position;
    since = now;
    cpu = cpu_seconds();
    longest = 0;
    return true;
  }));
  std::printf("%llu events in %.1f s\n", static_cast<unsigned long long>(head),
              std::chrono::duration<double>(Clock::now() - begin).count());
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
