#include "ledger/base/fixed_point.h"

#include <cstddef>

#include "ledger/base/assert.h"

namespace billing {
namespace {

constexpr std::uint64_t kMagnitudeOfMin = std::uint64_t{1} << 63;

// Appends one decimal digit. False, and nothing changed, when the result would not fit.
bool append_digit(std::uint64_t& magnitude, unsigned digit) {
  std::uint64_t next = 0;
  if (__builtin_mul_overflow(magnitude, std::uint64_t{10}, &next)) return false;
  if (__builtin_add_overflow(next, std::uint64_t{digit}, &next)) return false;
  magnitude = next;
  return true;
}

// The text split into its parts; a value beyond uint64 is remembered as `fits == false` so that an error of form
// further right is still the one that is reported.
struct Scanned {
  std::uint64_t magnitude = 0;
  std::size_t whole_digits = 0;
  std::size_t decimals = 0;
  bool negative = false;
  bool point = false;
  bool fits = true;
  bool well_formed = true;
};

Scanned scan(std::string_view text) {
  Scanned result;
  if (text.starts_with('-')) {
    result.negative = true;
    text.remove_prefix(1);
  }
  for (const char c : text) {
    if (c == '.' && !result.point) {
      result.point = true;
      continue;
    }
    const auto digit = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
    if (digit > 9) {
      result.well_formed = false;
      return result;
    }
    result.fits = result.fits && append_digit(result.magnitude, digit);
    ++(result.point ? result.decimals : result.whole_digits);
  }
  result.well_formed = result.whole_digits > 0 && (!result.point || result.decimals > 0);
  return result;
}

}  // namespace

Result<std::int64_t> parse_fixed_point(std::string_view text, FixedPointFormat format) {
  BILLING_ASSERT(format.places >= 0 && format.places <= 18 && format.digits_max > 0);
  Scanned scanned = scan(text);
  if (!scanned.well_formed)
    return refuse(Code::kInvalidAmount, "Write digits, with \"-\" before and \".\" between where needed: \"-249.95\".");
  const auto places = static_cast<std::size_t>(format.places);
  if (scanned.decimals > places)
    return refuse(Code::kTooManyDecimals, "At most " + std::to_string(places) + " decimals are allowed here.");
  if (scanned.whole_digits + scanned.decimals > static_cast<std::size_t>(format.digits_max))
    return refuse(Code::kOverflow, "At most " + std::to_string(format.digits_max) + " digits are allowed here.");
  for (std::size_t i = scanned.decimals; scanned.fits && i < places; ++i)
    scanned.fits = append_digit(scanned.magnitude, 0);
  const std::uint64_t limit = scanned.negative ? kMagnitudeOfMin : kMagnitudeOfMin - 1;
  if (!scanned.fits || scanned.magnitude > limit)
    return refuse(Code::kOverflow, "The number is outside the range that can be held.");
  // Negated as unsigned, where the magnitude of INT64_MIN has a place.
  return static_cast<std::int64_t>(scanned.negative ? 0 - scanned.magnitude : scanned.magnitude);
}

FixedPointText::FixedPointText(std::int64_t value, int places) : begin_(buffer_ + sizeof buffer_) {
  BILLING_ASSERT(places >= 0 && places <= 18);
  const auto bits = static_cast<std::uint64_t>(value);
  std::uint64_t rest = value < 0 ? 0 - bits : bits;
  for (int i = 0; i < places; ++i) {
    *--begin_ = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  if (places > 0) *--begin_ = '.';
  do {
    *--begin_ = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) *--begin_ = '-';
}

}  // namespace billing
