#include "ops/backup/instant.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace billing::ops {
namespace {

constexpr std::size_t kDateBytes = 10;
constexpr std::size_t kTimeBytes = 9;  // T and HH:MM:SS
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

// Digits alone, below `limit`.
std::optional<std::int64_t> number(std::string_view digits, std::int64_t limit) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc{} || end != digits.data() + digits.size() || value < 0 || value >= limit) return std::nullopt;
  return value;
}

// Of "Thh:mm:ss", since midnight.
std::optional<std::int64_t> seconds_of(std::string_view time) {
  if (time.size() != kTimeBytes || time[0] != 'T' || time[3] != ':' || time[6] != ':') return std::nullopt;
  const auto hour = number(time.substr(1, 2), 24);
  const auto minute = number(time.substr(4, 2), 60);
  const auto second = number(time.substr(7, 2), 60);
  if (!hour || !minute || !second) return std::nullopt;
  return (*hour * 60 + *minute) * 60 + *second;
}

// Of ".f" to ".ffffff", or of nothing.
std::optional<std::int64_t> micros_of(std::string_view fraction) {
  if (fraction.empty()) return 0;
  if (fraction.front() != '.' || fraction.size() < 2 || fraction.size() > 7) return std::nullopt;
  auto value = number(fraction.substr(1), kMicrosPerSecond);
  for (std::size_t digits = fraction.size() - 1; value && digits < 6; ++digits) *value *= 10;
  return value;
}

}  // namespace

Result<Instant> parse_instant(std::string_view text) {
  const auto wrong = [&] {
    return refuse(Code::kInvalidDate,
                  fmt::format("{} is not an instant in UTC, e.g. 2026-01-31T23:59:59Z or 2026-01-31T23:59:59.250000Z", text));
  };
  if (text.size() < kDateBytes + kTimeBytes + 1 || !text.ends_with('Z')) return wrong();
  const auto day = Date::parse(text.substr(0, kDateBytes));
  const auto seconds = seconds_of(text.substr(kDateBytes, kTimeBytes));
  text.remove_suffix(1);
  const auto micros = micros_of(text.substr(kDateBytes + kTimeBytes));
  if (!day || !seconds || !micros) {
    text = std::string_view(text.data(), text.size() + 1);
    return wrong();
  }
  return Instant{(day->days * kSecondsPerDay + *seconds) * kMicrosPerSecond + *micros};
}

}  // namespace billing::ops
