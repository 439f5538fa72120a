#include "ledger/base/date.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>

#include "ledger/base/assert.h"

namespace billing {
namespace {

constexpr int kYearMin = 1900;
constexpr int kYearMax = 2999;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// What is left of a division that rounds down, and its quotient: days before 1970 have negative numbers.
struct Floored {
  std::int64_t quotient;
  std::int64_t rest;
};
constexpr Floored floor_divide(std::int64_t number, std::int64_t by) {
  const std::int64_t rest = ((number % by) + by) % by;
  return {number / by - (number % by < 0 ? 1 : 0), rest};
}

std::chrono::year_month_day civil(Date date) {
  return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(date.days)));
}

// The number that all of `digits` spell, or -1.
int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Appends `value` with at least `width` digits.
struct Padded {
  std::int64_t value;
  std::size_t width;
};
void append(std::string& text, Padded padded) {
  if (padded.value < 0) text += '-';
  const std::string digits = std::to_string(std::abs(padded.value));
  if (digits.size() < padded.width) text.append(padded.width - digits.size(), '0');
  text += digits;
}

bool year_allowed(int year) { return year >= kYearMin && year <= kYearMax; }

std::unexpected<Error> refuse_date() {
  return refuse(Code::kInvalidDate, "Write a calendar day of the years 1900 to 2999 as YYYY-MM-DD.");
}

}  // namespace

Result<Date> Date::parse(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return refuse_date();
  const int y = number(text.substr(0, 4));
  const int m = number(text.substr(5, 2));
  const int d = number(text.substr(8, 2));
  if (!year_allowed(y) || m < 1 || d < 1) return refuse_date();
  const std::chrono::year_month_day day{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(m)),
                                        std::chrono::day(static_cast<unsigned>(d))};
  if (!day.ok()) return refuse_date();
  return Date{static_cast<std::int32_t>(std::chrono::sys_days(day).time_since_epoch().count())};
}

Date Date::clamped(int year, int month, int day) {
  BILLING_ASSERT(year >= int{std::chrono::year::min()} && year <= int{std::chrono::year::max()});
  BILLING_ASSERT(month >= 1 && month <= 12 && day >= 1);
  const std::chrono::month_day_last month_end{std::chrono::month(static_cast<unsigned>(month))};
  const std::chrono::year_month_day_last last(std::chrono::year(year), month_end);
  const auto clamped_day = std::min(static_cast<unsigned>(day), static_cast<unsigned>(last.day()));
  const std::chrono::year_month_day result(last.year(), last.month(), std::chrono::day(clamped_day));
  return {static_cast<std::int32_t>(std::chrono::sys_days(result).time_since_epoch().count())};
}

std::string Date::text() const {
  const auto day_of = civil(*this);
  std::string result;
  result.reserve(10);
  append(result, {int{day_of.year()}, 4});
  result += '-';
  append(result, {unsigned{day_of.month()}, 2});
  result += '-';
  append(result, {unsigned{day_of.day()}, 2});
  return result;
}

int Date::year() const { return int{civil(*this).year()}; }

int Date::month() const { return static_cast<int>(unsigned{civil(*this).month()}); }

int Date::day() const { return static_cast<int>(unsigned{civil(*this).day()}); }

std::int32_t Date::month_index() const {
  const auto day_of = civil(*this);
  return int{day_of.year()} * 12 + static_cast<int>(unsigned{day_of.month()}) - 1;
}

std::string month_text(std::int32_t month_index) {
  const Floored split = floor_divide(month_index, 12);
  std::string result;
  append(result, {split.quotient, 4});
  result += '-';
  append(result, {split.rest + 1, 2});
  return result;
}

Result<std::int32_t> parse_month(std::string_view text) {
  const bool form = text.size() == 7 && text[4] == '-';
  const int y = form ? number(text.substr(0, 4)) : -1;
  const int m = form ? number(text.substr(5, 2)) : -1;
  if (!year_allowed(y) || m < 1 || m > 12)
    return refuse(Code::kInvalidDate, "Write a month of the years 1900 to 2999 as YYYY-MM.");
  return y * 12 + m - 1;
}

std::string Instant::text() const {
  const Floored split = floor_divide(micros, kMicrosPerDay);
  const std::int64_t seconds = split.rest / kMicrosPerSecond;
  std::string result = date().text();
  result.reserve(27);
  result += 'T';
  append(result, {seconds / 3600, 2});
  result += ':';
  append(result, {seconds / 60 % 60, 2});
  result += ':';
  append(result, {seconds % 60, 2});
  result += '.';
  append(result, {split.rest % kMicrosPerSecond, 6});
  result += 'Z';
  return result;
}

Date Instant::date() const {
  // At most 107 million days either way.
  return {static_cast<std::int32_t>(floor_divide(micros, kMicrosPerDay).quotient)};
}

}  // namespace billing
