// The machine's clock and the operator's time zone: the only place where the service reads the time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/api/clock.h"

namespace billing::ops {

class SystemClock : public api::Clock {
 public:
  // `time_zone` must be known().
  explicit SystemClock(std::string_view time_zone);
  ~SystemClock() override;
  // Whether the IANA database of this machine has the zone.
  static bool knows(std::string_view time_zone);
  Instant now() const override;
  Date today() const override;
  Instant start_of(Date day) const override;

 private:
  struct Zone;
  std::unique_ptr<Zone> zone_;
};

}  // namespace billing::ops
