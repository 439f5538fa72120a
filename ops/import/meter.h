// How an import goes, on standard error: a line that is drawn again on a terminal, a line every five seconds elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace billing::import {

class Meter {
 public:
  explicit Meter(std::string what);
  ~Meter();  // ends the terminal's line
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;
  // `done` of `total` (in bytes) tell the share, `count` what was done in `unit`s. Cheap when nothing is shown.
  void show(std::uint64_t done, std::uint64_t total, std::uint64_t count, std::string_view unit, std::uint64_t refused);
  // A line of its own.
  void say(std::string_view text);

 private:
  std::string what_;
  bool terminal_;
  bool drawn_ = false;
  std::uint64_t first_done_ = 0;
  std::uint64_t first_count_ = 0;
  bool begun_ = false;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point next_;
};

// "1 h 02 min", "3 min 05 s", "12 s".
std::string duration_text(std::uint64_t seconds);

}  // namespace billing::import
