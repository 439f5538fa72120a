#include "ledger/base/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "ledger/base/generators.h"

namespace billing {
namespace {

__extension__ typedef unsigned __int128 uint128;
using Limits = std::numeric_limits<std::int64_t>;

Code refusal(std::string_view text) {
  const auto parsed = Decimal::parse(text);
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed ? Code::kInternal : parsed.error().code;
}

TEST(Decimal, TextIsTheShortestExactOne) {
  EXPECT_EQ(Decimal{2'550'000'000}.text(), "2.55");
  EXPECT_EQ(Decimal::from_int(-74'215).text(), "-74215");
  EXPECT_EQ(Decimal{1'000'000}.text(), "0.001");
  EXPECT_EQ(Decimal{-1}.text(), "-0.000000001");
  EXPECT_EQ(Decimal{}.text(), "0");
  EXPECT_EQ(Decimal::from_int(100).text(), "100");
  EXPECT_EQ(Decimal{Limits::min()}.text(), "-9223372036.854775808");
  EXPECT_EQ(Decimal{Limits::max()}.text(), "9223372036.854775807");
}

TEST(Decimal, TrailingZerosAndMinusZeroAreRead) {
  EXPECT_EQ(Decimal::parse("2.550000000")->nanos, 2'550'000'000);
  EXPECT_EQ(Decimal::parse("-0")->nanos, 0);
  EXPECT_EQ(Decimal::parse("-9223372036.854775808")->nanos, Limits::min());
}

TEST(Decimal, WhatIsNotADecimalIsRefusedWithItsReason) {
  for (const char* text : {"", "-", ".", ".5", "5.", "-.5", "+1", " 1", "1 ", "1e3",
                           "1,5", "1.2.3", "--1", "0x1", "NaN"})
    EXPECT_EQ(refusal(text), Code::kInvalidAmount) << text;
  EXPECT_EQ(refusal("0.0000000001"), Code::kTooManyDecimals);
  EXPECT_EQ(refusal("9223372036.854775808"), Code::kOverflow);
  EXPECT_EQ(refusal("-9223372036.854775809"), Code::kOverflow);
  EXPECT_EQ(refusal("99999999999999999999999999"), Code::kOverflow);
  EXPECT_EQ(refusal("99999999999999999999999999x"), Code::kInvalidAmount);
}

RC_GTEST_PROP(Decimal, EveryValueIsReadBackFromItsText, ()) {
  const Decimal decimal{*test::any_int64()};
  const auto parsed = Decimal::parse(decimal.text());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(*parsed == decimal);
}

TEST(DivideHalfUp, HalvesGoAwayFromZero) {
  EXPECT_TRUE(divide_half_up(5, 2) == 3);
  EXPECT_TRUE(divide_half_up(-5, 2) == -3);
  EXPECT_TRUE(divide_half_up(1, 2) == 1);
  EXPECT_TRUE(divide_half_up(-1, 2) == -1);
  EXPECT_TRUE(divide_half_up(1, 3) == 0);
  EXPECT_TRUE(divide_half_up(-2, 3) == -1);
  EXPECT_TRUE(divide_half_up(4, 2) == 2);
  EXPECT_TRUE(divide_half_up(0, 7) == 0);
}

TEST(DivideHalfUp, EdgesOfTheRangeDoNotOverflow) {
  const auto max = static_cast<int128>(~uint128{0} >> 1);
  EXPECT_TRUE(divide_half_up(-max - 1, 1) == -max - 1);
  EXPECT_TRUE(divide_half_up(max, max) == 1);
  EXPECT_TRUE(divide_half_up(max - 1, max) == 1);
  EXPECT_TRUE(divide_half_up(-max - 1, max) == -1);
}

RC_GTEST_PROP(DivideHalfUp, ErrorIsAtMostHalfAndTheRuleIsSymmetric, ()) {
  const int128 numerator = int128{*test::any_int64()} * (1 + *rc::gen::inRange<std::int64_t>(0, 1'000'000'000));
  const int128 denominator = 1 + int128{*test::any_weight()};
  const int128 quotient = divide_half_up(numerator, denominator);
  RC_ASSERT(divide_half_up(-numerator, denominator) == -quotient);
  // Twice the error, in units of the denominator; positive where the result lies further from zero.
  const int128 error = 2 * (quotient * denominator - numerator) * (numerator < 0 ? -1 : 1);
  RC_ASSERT(error > -denominator);
  RC_ASSERT(error <= denominator);
}

}  // namespace
}  // namespace billing
