// Whether the main parts of a service go on: for a watchdog, which restarts a process that hangs.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace billing::ops {

// What the parts have done so far.
struct Signs {
  std::size_t commands_waiting = 0;   // of single commands, for the writer
  std::uint64_t commands_done = 0;    // answered, in whatever way
  std::uint64_t events_waiting = 0;   // for the views
  std::uint64_t views_batches = 0;
  bool views_stopped = false;         // they have failed and said so: no restart mends that
  std::chrono::milliseconds http_silence{};  // since the slowest thread of the server last went round
};

// A part hangs when it has work and did none of it for `patience`. Whoever asks less often than that was held up himself, as the
// whole process may have been: nothing is said then. One thread.
class Liveness {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Liveness(std::chrono::milliseconds patience) : patience_(patience) {}
  // The part that hangs ("writer", "views", "http"); empty: none.
  std::string_view hangs(const Signs& signs, Clock::time_point now);

 private:
  const std::chrono::milliseconds patience_;
  Signs before_;
  Clock::time_point asked_ = Clock::time_point::min();
  Clock::time_point writer_moved_ = Clock::time_point::min();
  Clock::time_point views_moved_ = Clock::time_point::min();
};

}  // namespace billing::ops
