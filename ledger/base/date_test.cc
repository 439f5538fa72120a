#include "ledger/base/date.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "ledger/base/decimal.h"
#include "ledger/base/generators.h"

namespace billing {
namespace {

Date day(std::string_view text) { return Date::parse(text).value(); }

TEST(Date, DaysAreCountedFrom1970) {
  EXPECT_EQ(day("1970-01-01").days, 0);
  EXPECT_EQ(day("1969-12-31").days, -1);
  EXPECT_EQ(day("2000-02-29").days, 11'016);
  EXPECT_EQ(day("2026-11-23").plus_days(8).text(), "2026-12-01");
  EXPECT_EQ(day("2026-11-23").year(), 2026);
  EXPECT_EQ(day("2026-11-23").month(), 11);
  EXPECT_EQ(day("2026-11-23").day(), 23);
}

TEST(Date, WhatIsNotACalendarDayIsRefused) {
  for (const char* text : {"", "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00",
                           "2026-1-01", "2026/01/01", "20260101", "1899-12-31", "3000-01-01", "2026-01-01 ",
                           " 2026-01-01", "2026-01-1a", "-026-01-01", "2026-01--1", "2026-01-01T00:00:00Z"}) {
    const auto parsed = Date::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, Code::kInvalidDate) << text;
  }
}

TEST(Date, FirstAndLastDayOfTheRangeAreRead) {
  EXPECT_EQ(day("1900-01-01").text(), "1900-01-01");
  EXPECT_EQ(day("2999-12-31").text(), "2999-12-31");
}

TEST(Date, ClampedStaysInItsMonth) {
  EXPECT_EQ(Date::clamped(2026, 2, 31).text(), "2026-02-28");
  EXPECT_EQ(Date::clamped(2028, 2, 31).text(), "2028-02-29");
  EXPECT_EQ(Date::clamped(2026, 4, 31).text(), "2026-04-30");
  EXPECT_EQ(Date::clamped(2026, 12, 31).text(), "2026-12-31");
}

TEST(DateDeathTest, MonthThirteenIsAProgrammerError) { EXPECT_DEATH(Date::clamped(2026, 13, 1), "month <= 12"); }

RC_GTEST_PROP(Date, EveryDayIsReadBackFromItsText, ()) {
  const Date date{*rc::gen::inRange<std::int32_t>(day("1900-01-01").days, day("2999-12-31").days + 1)};
  RC_ASSERT(Date::parse(date.text()).value() == date);
  RC_ASSERT(Date::clamped(date.year(), date.month(), date.day()) == date);
  RC_ASSERT(month_text(date.month_index()) == date.text().substr(0, 7));
  RC_ASSERT(parse_month(month_text(date.month_index())).value() == date.month_index());
}

TEST(Month, IsANumberThatCanBeCountedWith) {
  EXPECT_EQ(day("2026-12-31").month_index() + 1, day("2027-01-01").month_index());
  EXPECT_EQ(day("2026-01-31").month_index(), 2026 * 12);
  EXPECT_EQ(month_text(2026 * 12 + 11), "2026-12");
  EXPECT_EQ(month_text(-1), "-0001-12");
}

TEST(Month, WhatIsNotAMonthIsRefused) {
  for (const char* text : {"", "2026", "2026-13", "2026-00", "2026-1", "2026/01", "1899-12", "3000-01", "2026-01-01"})
    EXPECT_EQ(parse_month(text).error().code, Code::kInvalidDate) << text;
}

TEST(Instant, TextIsRfc3339InUtc) {
  EXPECT_EQ(Instant{}.text(), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(Instant{-1}.text(), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(Instant{1'795'405'270'000'000}.text(), "2026-11-23T03:41:10.000000Z");
}

TEST(Instant, DayBeginsAtMidnight) {
  EXPECT_EQ(Instant{86'400'000'000 - 1}.date().days, 0);
  EXPECT_EQ(Instant{86'400'000'000}.date().days, 1);
  EXPECT_EQ(Instant{-86'400'000'000}.date().days, -1);
  EXPECT_EQ(Instant{-86'400'000'001}.date().days, -2);
}

RC_GTEST_PROP(Instant, DayContainsTheInstant, ()) {
  const Instant instant{*test::any_int64()};
  constexpr int128 kDay = 86'400'000'000;  // in 128 bits: the first and last day reach beyond the range of an Instant
  const int128 into = instant.micros - instant.date().days * kDay;
  RC_ASSERT((into >= 0 && into < kDay));
}

}  // namespace
}  // namespace billing
