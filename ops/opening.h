// How far a service is that starts: for /readyz, the log and whoever started it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "gateway/api/health.h"

namespace billing::ops {

class Opening {
 public:
  // Begins with another part; `what` is a literal. The thread that opens.
  void begin(const char* what);
  // How much of it is done. The thread that opens; may be called often.
  void progress(std::uint64_t done, std::uint64_t of);
  // Any thread.
  api::Health health() const;

 private:
  std::atomic<const char*> what_{"opening the store"};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> of_{0};
  std::chrono::steady_clock::time_point told_;
};

}  // namespace billing::ops
