#include "ledger/base/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "ledger/base/generators.h"

namespace billing {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

const Currency kUsd = Currency::parse("USD").value();
const Currency kJpy = Currency::parse("JPY").value();
const Currency kKwd = Currency::parse("KWD").value();
const Currency kClf = Currency::parse("CLF").value();

Code refusal(std::string_view text, Currency currency) {
  const auto parsed = parse_money(text, currency);
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed ? Code::kInternal : parsed.error().code;
}

TEST(ParseMoney, AmountsAreReadInTheMainUnit) {
  EXPECT_EQ(parse_money("249.95", kUsd), (Money{24'995, kUsd}));
  EXPECT_EQ(parse_money("249.9", kUsd), (Money{24'990, kUsd}));
  EXPECT_EQ(parse_money("-0.05", kUsd), (Money{-5, kUsd}));
  EXPECT_EQ(parse_money("-0", kUsd), (Money{0, kUsd}));
  EXPECT_EQ(parse_money("1000", kJpy), (Money{1'000, kJpy}));
  EXPECT_EQ(parse_money("1.001", kKwd), (Money{1'001, kKwd}));
  EXPECT_EQ(parse_money("1.0001", kClf), (Money{10'001, kClf}));
  EXPECT_EQ(parse_money("9999999999999999.99", kUsd), (Money{999'999'999'999'999'999, kUsd}));
}

TEST(ParseMoney, MoreDecimalsThanTheCurrencyHasAreRefused) {
  EXPECT_EQ(refusal("1.001", kUsd), Code::kTooManyDecimals);
  EXPECT_EQ(refusal("1.000", kUsd), Code::kTooManyDecimals);
  EXPECT_EQ(refusal("1.0", kJpy), Code::kTooManyDecimals);
  EXPECT_EQ(refusal("1.0001", kKwd), Code::kTooManyDecimals);
}

TEST(ParseMoney, WhatIsNotAnAmountIsRefused) {
  for (const char* text : {"", "-", ".", ".5", "5.", "+5", " 5", "5 ", "5e2", "1,000.00", "1.2.3", "--5", "5-", "$5",
                           "Infinity", "0x10", "\xD9\xA1"})
    EXPECT_EQ(refusal(text, kUsd), Code::kInvalidAmount) << text;
  EXPECT_EQ(refusal(std::string_view("1\0", 2), kUsd), Code::kInvalidAmount);
  EXPECT_EQ(refusal("1", Currency()), Code::kUnknownCurrency);
}

TEST(ParseMoney, NumbersBeyondTheRangeAreRefused) {
  EXPECT_EQ(refusal("1234567890123456789", kJpy), Code::kOverflow);
  EXPECT_EQ(refusal("0000000000000000001", kJpy), Code::kOverflow);
  EXPECT_EQ(refusal("999999999999999999", kUsd), Code::kOverflow);
  EXPECT_EQ(refusal("-92233720368547759", kUsd), Code::kOverflow);
  EXPECT_EQ(refusal("-9999999999999999999999999999", kUsd), Code::kOverflow);
}

TEST(AmountText, HasAllDecimalsOfTheCurrency) {
  EXPECT_EQ(amount_text(24'995, kUsd), "249.95");
  EXPECT_EQ(amount_text(-5, kUsd), "-0.05");
  EXPECT_EQ(amount_text(0, kUsd), "0.00");
  EXPECT_EQ(amount_text(100'000, kUsd), "1000.00");
  EXPECT_EQ(amount_text(1'000, kJpy), "1000");
  EXPECT_EQ(amount_text(1, kKwd), "0.001");
  EXPECT_EQ(amount_text({-12'345, kClf}), "-1.2345");
  EXPECT_EQ(amount_text(Limits::min(), kUsd), "-92233720368547758.08");
  EXPECT_EQ(amount_text(Limits::min(), kJpy), "-9223372036854775808");
  EXPECT_EQ(amount_text(Limits::max(), kClf), "922337203685477.5807");
}

RC_GTEST_PROP(AmountText, EveryAmountOfUpTo18DigitsIsReadBack, ()) {
  const std::int64_t minor = *test::any_int64() % 1'000'000'000'000'000'000;
  const Currency currency = *rc::gen::element(kUsd, kJpy, kKwd, kClf);
  const auto parsed = parse_money(amount_text(minor, currency), currency);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(*parsed == (Money{minor, currency}));
}

TEST(CheckedArithmetic, EdgesAreExact) {
  EXPECT_EQ(checked_add(Limits::max() - 1, 1), Limits::max());
  EXPECT_EQ(checked_add(Limits::max(), 1).error().code, Code::kOverflow);
  EXPECT_EQ(checked_add(Limits::min(), -1).error().code, Code::kOverflow);
  EXPECT_EQ(checked_sub(-1, Limits::min()), Limits::max());
  EXPECT_EQ(checked_sub(0, Limits::min()).error().code, Code::kOverflow);
  EXPECT_EQ(checked_sub(Limits::min(), 1).error().code, Code::kOverflow);
}

RC_GTEST_PROP(CheckedArithmetic, AgreesWithWiderNumbers, ()) {
  const std::int64_t a = *test::any_int64();
  const std::int64_t b = *test::any_int64();
  const auto agrees = [](const Result<std::int64_t>& result, int128 exact) {
    const bool fits = exact >= Limits::min() && exact <= Limits::max();
    return fits ? result.has_value() && *result == exact : !result && result.error().code == Code::kOverflow;
  };
  RC_ASSERT(agrees(checked_add(a, b), int128{a} + b));
  RC_ASSERT(agrees(checked_sub(a, b), int128{a} - b));
}

std::int64_t line(const char* quantity, const char* price, Currency currency) {
  return line_amount(Decimal::parse(quantity).value(), Decimal::parse(price).value(), currency).value();
}

TEST(LineAmount, IsRoundedOnceAndHalfAwayFromZero) {
  EXPECT_EQ(line("3", "2.55", kUsd), 765);
  EXPECT_EQ(line("1", "0.005", kUsd), 1);
  EXPECT_EQ(line("-1", "0.005", kUsd), -1);
  EXPECT_EQ(line("1", "0.004999999", kUsd), 0);
  EXPECT_EQ(line("1.5", "1", kJpy), 2);
  EXPECT_EQ(line("-1.5", "1", kJpy), -2);
  EXPECT_EQ(line("0.5", "0.001", kKwd), 1);
  EXPECT_EQ(line("0.000000001", "0.000000001", kUsd), 0);
  EXPECT_EQ(line("-2", "-3", kJpy), 6);
}

TEST(LineAmount, BeyondTheRangeIsRefused) {
  const Decimal lowest{Limits::min()};
  EXPECT_EQ(line_amount(lowest, lowest, kUsd).error().code, Code::kOverflow);
  EXPECT_EQ(line_amount(lowest, {Limits::max()}, kClf).error().code, Code::kOverflow);
  EXPECT_EQ(line_amount(lowest, Decimal::from_int(1), kUsd), -922'337'203'685);
}

RC_GTEST_PROP(LineAmount, DiffersFromTheExactProductByAtMostHalfAMinorUnit, ()) {
  const Decimal quantity{*test::any_int64()};
  const Decimal price{*rc::gen::inRange<std::int64_t>(-5'000'000'000, 5'000'000'000)};
  const Currency currency = *rc::gen::element(kUsd, kJpy, kKwd, kClf);
  const auto amount = line_amount(quantity, price, currency);
  RC_ASSERT(amount.has_value());
  const int128 minor_unit = int128{Decimal::kOne} * Decimal::kOne / currency.scale();
  const int128 exact = int128{quantity.nanos} * price.nanos;
  const int128 twice_off = 2 * (int128{*amount} * minor_unit - exact) * (exact < 0 ? -1 : 1);
  RC_ASSERT(twice_off > -minor_unit);
  RC_ASSERT(twice_off <= minor_unit);
}

}  // namespace
}  // namespace billing
