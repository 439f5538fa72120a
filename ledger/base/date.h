// Calendar days and instants as plain numbers. Nothing here reads a clock: time is an input everywhere below the edge.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing {

// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
// The fields are right for years -32767 to 32767; parse admits far fewer.
struct Date {
  std::int32_t days = 0;
  // YYYY-MM-DD, years 1900 to 2999. Error: kInvalidDate.
  static Result<Date> parse(std::string_view text);
  // The day with this year, month (1-12) and day (1-31); the day is clamped to the month's end. Asserts a month
  // outside 1 to 12, a day below 1 and a year outside ±32767.
  static Date clamped(int year, int month, int day);
  std::string text() const;
  int year() const;
  int month() const;
  int day() const;
  // Year * 12 + month - 1: a number for the month that can be counted with.
  std::int32_t month_index() const;
  constexpr Date plus_days(std::int32_t n) const { return {days + n}; }
  friend constexpr auto operator<=>(Date, Date) = default;
};
// "YYYY-MM" of a month_index.
std::string month_text(std::int32_t month_index);
// Error: kInvalidDate.
Result<std::int32_t> parse_month(std::string_view text);

// A point in time: microseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t micros = 0;
  // RFC 3339 with six decimals, in UTC: 2026-11-23T03:41:10.000000Z.
  std::string text() const;
  // The day in UTC.
  Date date() const;
  friend constexpr auto operator<=>(Instant, Instant) = default;
};

}  // namespace billing
