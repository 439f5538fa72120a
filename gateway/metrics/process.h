// This process as the operating system sees it. Internal to this folder.
#pragma once

#include <cstdint>

namespace billing::metrics {

struct ProcessFigures {
  double start_time_seconds = 0;  // since 1970
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
};

// Reads /proc/self; what cannot be read stays 0. Any thread.
ProcessFigures process_figures();

}  // namespace billing::metrics
