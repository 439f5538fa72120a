// Time as the gateway gives it to commands: nothing below the gateway reads a clock.
#pragma once

#include "ledger/base/date.h"

namespace billing::api {

// Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  // The operator's business day at now(), in the operator's time zone.
  virtual Date today() const = 0;
  // When a day begins in the operator's time zone.
  virtual Instant start_of(Date day) const = 0;
};

}  // namespace billing::api
