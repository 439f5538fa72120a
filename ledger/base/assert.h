// Assertions for programmer errors; they stay on in release builds. Bad input is never asserted, it is refused.
#pragma once

namespace billing {
// Prints the condition, file and line to standard error and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace billing

#define BILLING_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::billing::assertion_failed(#condition, __FILE__, __LINE__))
