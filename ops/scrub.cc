#include "ops/scrub.h"

#include <algorithm>

#include "ledger/base/thread_name.h"

namespace billing::ops {
namespace {

using Clock = std::chrono::steady_clock;

// A round is spread over this part of its time, since files are added meanwhile.
constexpr double kPartOfRound = 0.9;
// A small store needs no whole period: it is read at this rate.
constexpr double kBytesPerSecondMin = 8 << 20;
constexpr std::size_t kToldMax = 1'000;

}  // namespace

Scrub::Scrub(const store::RocksLog& log, const store::RocksTables& tables, std::vector<Check> others, ScrubOptions options)
    : log_(log), tables_(tables), others_(std::move(others)), options_(std::move(options)) {
  thread_ = std::thread([this] {
    name_thread("scrub");
    lower_priority(19);
    run();
  });
}

Scrub::~Scrub() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

ScrubStats Scrub::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

// False when it is to end.
bool Scrub::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [&] { return stopping_; });
}

void Scrub::found(const std::string& what) {
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    ++stats_.problems;
    is_new = told_.size() < kToldMax && told_.insert(what).second;
    stats_.problem = what;
  }
  if (is_new && options_.on_problem) options_.on_problem(what);
}

void Scrub::run() {
  for (;;) {
    const auto began = Clock::now();
    round();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(began + options_.every - Clock::now());
    if (!pause(std::max(left, std::chrono::milliseconds(0)))) return;
  }
}

std::vector<store::LiveFile> Scrub::files() const {
  std::vector<store::LiveFile> files = log_.live_files();
  for (auto& file : tables_.live_files()) files.push_back(std::move(file));
  return files;
}

// One that a compaction has dropped since the round began is not.
bool Scrub::in_use(const store::LiveFile& file) const {
  const auto now = files();
  return std::ranges::find(now, file.path, &store::LiveFile::path) != now.end();
}

void Scrub::round() {
  const std::vector<store::LiveFile> files = this->files();
  std::uint64_t all = 1;
  for (const auto& file : files) all += file.bytes;
  const std::uint64_t problems_before = stats().problems;
  const double in_time = kPartOfRound * static_cast<double>(std::chrono::milliseconds(options_.every).count()) / static_cast<double>(all);
  const double millis_a_byte = std::min(in_time, 1'000 / kBytesPerSecondMin);
  for (const Check& check : others_) {
    if (const auto good = check(); !good) found(good.error().detail);
  }
  for (const auto& file : files) {
    if (const auto good = store::check_live_file(file); !good && in_use(file)) found(good.error().detail);
    {
      const std::lock_guard lock(mutex_);
      stats_.bytes += file.bytes;
    }
    const auto rest = std::chrono::milliseconds(static_cast<std::int64_t>(millis_a_byte * static_cast<double>(file.bytes)));
    if (!pause(rest)) return;
  }
  const std::lock_guard lock(mutex_);
  ++stats_.rounds;
  if (stats_.problems != problems_before) return;
  stats_.problem.reset();
  told_.clear();
}

}  // namespace billing::ops
