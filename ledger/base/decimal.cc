#include "ledger/base/decimal.h"

#include "ledger/base/assert.h"
#include "ledger/base/fixed_point.h"

namespace billing {
namespace {
constexpr int kPlaces = 9;
constexpr int kDigitsMax = 19;  // as many as the largest value has
}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) {
  const auto nanos = parse_fixed_point(text, {.places = kPlaces, .digits_max = kDigitsMax});
  if (!nanos) return std::unexpected(nanos.error());
  return Decimal{*nanos};
}

std::string Decimal::text() const {
  const FixedPointText printed(nanos, kPlaces);
  std::string_view digits = printed.view();
  digits = digits.substr(0, digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.remove_suffix(1);
  return std::string(digits);
}

int128 divide_half_up(int128 numerator, int128 denominator) {
  BILLING_ASSERT(denominator > 0);
  const int128 quotient = numerator / denominator;
  const int128 remainder = numerator % denominator;
  const int128 distance = remainder < 0 ? -remainder : remainder;
  // Half or more, without doubling, which might leave the range.
  if (distance < denominator - distance) return quotient;
  return numerator < 0 ? quotient - 1 : quotient + 1;
}

}  // namespace billing
