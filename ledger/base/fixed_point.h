// Decimal text to and from a scaled integer: the one scanner and the one printer behind Money and Decimal.
#pragma once

#include <cstdint>
#include <string_view>

#include "ledger/base/error.h"

namespace billing {

// What a text of fixed-point digits may hold.
struct FixedPointFormat {
  int places = 0;      // digits after the point, 0 to 18; the result is the value times 10^places
  int digits_max = 0;  // digits in all, leading zeros included
};

// Parses [-]digits[.digits]. Allocates only to refuse. Errors, the first that applies: kInvalidAmount (form),
// kTooManyDecimals, kOverflow (more digits than allowed, or outside int64).
Result<std::int64_t> parse_fixed_point(std::string_view text, FixedPointFormat format);

// Prints a scaled integer into a buffer of its own, without allocating.
class FixedPointText {
 public:
  // `value` / 10^`places` with exactly `places` decimals; places is 0 to 18.
  FixedPointText(std::int64_t value, int places);
  // Valid as long as this object.
  std::string_view view() const { return {begin_, static_cast<std::size_t>(buffer_ + sizeof buffer_ - begin_)}; }
  FixedPointText(const FixedPointText&) = delete;
  FixedPointText& operator=(const FixedPointText&) = delete;

 private:
  char buffer_[24];  // sign, 19 digits, point
  char* begin_;
};

}  // namespace billing
