// Failed attempts by address, in a table of bounded size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ledger/base/date.h"

namespace billing::identity {

struct AttemptLimits {
  std::size_t failures_max = 20;                  // within one window, per address
  std::int64_t window_micros = 60'000'000;
  std::size_t addresses_max = 4'096;              // the one seen longest ago is forgotten
};

// Not thread-safe.
class Attempts {
 public:
  explicit Attempts(AttemptLimits limits) : limits_(limits) {}
  // Counts a failure; false when the address has had more than it may within the window. IPv6 addresses count by
  // their /64, which is what one caller is usually given.
  bool record_failure(std::string_view remote_address, Instant now);
  std::size_t addresses() const { return entries_.size(); }

 private:
  struct Entry {
    std::string address;
    Instant since;
    std::size_t failures = 0;
  };
  AttemptLimits limits_;
  std::list<Entry> entries_;  // the one seen last comes first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_address_;
};

// The part of an address that failures are counted by: IPv4 whole, IPv6 its first four groups.
std::string attempt_key(std::string_view remote_address);

}  // namespace billing::identity
