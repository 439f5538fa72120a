// A progress bar on a terminal, a line every few seconds elsewhere; on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace billing::ops {

class Progress {
 public:
  // `what` is being done to `unit`s, e.g. "folding the log", "events".
  Progress(std::string what, std::string unit);
  ~Progress();  // ends the bar's line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // At most ten times a second on a terminal, every five seconds elsewhere; calls in between cost a clock read.
  void show(std::uint64_t done, std::uint64_t total);

 private:
  std::string what_;
  std::string unit_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace billing::ops
