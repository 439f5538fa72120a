#include "ops/clock.h"

#include <date/tz.h>

#include <chrono>

namespace billing::ops {

struct SystemClock::Zone {
  const date::time_zone* zone;
};

SystemClock::SystemClock(std::string_view time_zone)
    : zone_(std::make_unique<Zone>(Zone{date::locate_zone(std::string(time_zone))})) {}
SystemClock::~SystemClock() = default;

bool SystemClock::knows(std::string_view time_zone) {
  try {
    return date::locate_zone(std::string(time_zone)) != nullptr;
  } catch (const std::runtime_error&) {
    return false;
  }
}

Instant SystemClock::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

Date SystemClock::today() const {
  const auto local = zone_->zone->to_local(std::chrono::system_clock::now());
  return {static_cast<std::int32_t>(date::floor<date::days>(local).time_since_epoch().count())};
}

Instant SystemClock::start_of(Date day) const {
  // Where the clocks skip midnight the day begins when they go on.
  const auto start = zone_->zone->to_sys(date::local_days{date::days{day.days}}, date::choose::earliest);
  return {std::chrono::duration_cast<std::chrono::microseconds>(start.time_since_epoch()).count()};
}

}  // namespace billing::ops
