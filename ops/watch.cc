#include "ops/watch.h"

#include <algorithm>
#include <utility>

#include "ledger/base/thread_name.h"
#include "ops/log/log.h"
#include "ops/notify.h"

namespace billing::ops {
namespace {

using std::chrono::microseconds;
constexpr microseconds kEvery{1'000'000};
constexpr int kLooksPerSummary = 10;
constexpr microseconds kPatience{30'000'000};  // without a watchdog

}  // namespace

Watch::Watch(Watched watched)
    : watched_(std::move(watched)),
      watchdog_(notify::watchdog()),
      every_(std::min(kEvery, watchdog_.value_or(kPatience) / 2)),
      liveness_(std::chrono::duration_cast<std::chrono::milliseconds>(watchdog_.value_or(kPatience))),
      thread_([this] {
        name_thread("watch");
        run();
      }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    look();
    lock.lock();
    wake_.wait_for(lock, every_, [this] { return stopping_; });
  }
}

void Watch::look() {
  look_at_space(watched_.health());
  if (looks_++ % kLooksPerSummary == 0) look_at_commands(watched_.ledger());
  look_at_publisher();
  look_at_parts();
  log::settle();
}

// A part that hangs is told once, and the watchdog is not: it restarts the process then.
void Watch::look_at_parts() {
  const std::string_view hangs = liveness_.hangs(watched_.signs(), Liveness::Clock::now());
  if (hangs.empty() && watchdog_) notify::send("WATCHDOG=1");
  if (std::exchange(hanging_, hangs) == hangs) return;
  if (hangs.empty()) log::info("part_goes_on", "all parts go on again");
  else log::error("part_hangs", "a part has work and does none of it", {{"part", hangs}});
}

void Watch::look_at_space(const api::Health& health) {
  const bool low = health.store_free_bytes < health.store_free_floor_bytes;
  if (low == std::exchange(space_is_low_, low)) return;
  const auto told = [&health](auto write, std::string_view event, std::string_view message) {
    write(event, message, {{"free_bytes", health.store_free_bytes}, {"floor_bytes", health.store_free_floor_bytes}});
  };
  if (low) told(log::error, "space_low", "less space is free than store.free_space_floor_mb: commands are refused");
  else told(log::info, "space_enough", "enough space is free again");
}

// Those of batches too, whose requests are answered 200.
void Watch::look_at_commands(const service::LedgerStats& stats) {
  for (const auto& [code, count] : stats.refusals) {
    const bool limit = code_kind(code) == ErrorKind::kUnavailable || code_kind(code) == ErrorKind::kRateLimited;
    const std::uint64_t before = std::exchange(refused_[code], count);
    if (!limit || count == before) continue;
    log::warning("commands_refused_by_limit", "the writer refused commands for now", {{"code", code_text(code)}, {"commands", count - before}});
  }
}

void Watch::look_at_publisher() {
  const auto state = watched_.publisher();
  const auto before = std::exchange(publisher_, state);
  if (!state || state == before) return;
  const auto told = [&](auto write) {
    write("publisher_state", "the publisher to Kafka went into another state",
          {{"from", before ? publisher::state_name(*before) : "none"}, {"to", publisher::state_name(*state)}});
  };
  if (*state == publisher::State::kHalted) told(log::error);
  else if (*state == publisher::State::kWaiting) told(log::warning);
  else told(log::info);
}

}  // namespace billing::ops
