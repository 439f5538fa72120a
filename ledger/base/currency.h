// Currencies by ISO 4217, with the number of decimals ("minor unit") of each.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "ledger/base/error.h"

namespace billing {

// A currency that has a minor unit. Two bytes; cheap to copy. The default value is "XXX" (no currency), which no
// amount of a customer may have: `valid()` is false for it.
class Currency {
 public:
  constexpr Currency() = default;
  // Three capital letters of ISO 4217's active list. Errors: kUnknownCurrency; kCurrencyWithoutMinorUnit (XAU, XDR …).
  static Result<Currency> parse(std::string_view code);
  // The alphabetic code, e.g. "USD"; "XXX" for the default value.
  std::string_view code() const;
  // Decimals of the main unit: USD 2, JPY 0, KWD 3; 0 for the default value.
  int exponent() const;
  // 10 to the power of exponent(): minor units in one main unit.
  std::int64_t scale() const;
  constexpr bool valid() const { return index_ != 0; }
  friend constexpr auto operator<=>(Currency, Currency) = default;

 private:
  explicit constexpr Currency(std::uint16_t index) : index_(index) {}
  std::uint16_t index_ = 0;  // into the table of currency.cc; not stable, never stored
};

}  // namespace billing
