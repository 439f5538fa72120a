// Exact decimals with nine places, for quantities, unit prices and rates. No float anywhere.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing {

__extension__ typedef __int128 int128;

// A decimal number, held as its value times 10^9 in an int64: about ±9.2 thousand million.
struct Decimal {
  std::int64_t nanos = 0;
  static constexpr std::int64_t kOne = 1'000'000'000;
  // [-]digits[.digits], at most nine places and 19 digits in all. Errors: kInvalidAmount, kTooManyDecimals, kOverflow.
  static Result<Decimal> parse(std::string_view text);
  static constexpr Decimal from_int(std::int32_t whole) { return {whole * kOne}; }
  // Shortest exact text: "2.55", "-74215", "0.001".
  std::string text() const;
  friend constexpr auto operator<=>(Decimal, Decimal) = default;
};

// numerator / denominator rounded half away from zero; denominator > 0.
int128 divide_half_up(int128 numerator, int128 denominator);

}  // namespace billing
