// What benchmarks that link modules of the product share: the end on an error, elapsed time, CPU time.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "ledger/base/error.h"

namespace billing {

using Clock = std::chrono::steady_clock;

// The value; an error is printed and ends the process.
template <class Value>
Value need(Result<Value> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s %s\n", std::string(code_text(result.error().code)).c_str(), result.error().detail.c_str());
  std::exit(1);
}
inline void need(Result<void> result) {
  if (!result) need(Result<int>(std::unexpected(result.error())));
}

inline double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}
// `whose`: RUSAGE_SELF or RUSAGE_THREAD.
inline double cpu_microseconds(int whose) {
  rusage usage{};
  getrusage(whose, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

}  // namespace billing
