#include "ops/opening.h"

#include <fmt/format.h>

#include "ops/log/log.h"
#include "ops/notify.h"

namespace billing::ops {

void Opening::begin(const char* what) {
  done_ = 0;
  of_ = 0;
  what_ = what;
  told_ = std::chrono::steady_clock::now();
  log::debug("opening", what);
  notify::send(fmt::format("STATUS=Starting: {}\nEXTEND_TIMEOUT_USEC=600000000", what));  // some steps tell no progress
}

void Opening::progress(std::uint64_t done, std::uint64_t of) {
  done_ = done;
  of_ = of;
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ < std::chrono::seconds(5)) return;
  told_ = now;
  log::info("opening_progress", what_.load(), {{"done", done}, {"of", of}});
  // What makes progress gets another minute to start.
  notify::send(fmt::format("STATUS=Starting: {}, {} of {}\nEXTEND_TIMEOUT_USEC=60000000", what_.load(), done, of));
}

api::Health Opening::health() const {
  api::Health health;
  health.starting = true;
  health.starting_with = what_.load();
  health.starting_done = done_;
  health.starting_of = of_;
  return health;
}

}  // namespace billing::ops
