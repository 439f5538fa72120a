// Amounts of money: integers of the currency's minor unit, checked arithmetic, one rounding rule.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/currency.h"
#include "ledger/base/decimal.h"
#include "ledger/base/error.h"

namespace billing {

// An amount in minor units of its currency. Every operation that could leave the range of int64 says so.
struct Money {
  std::int64_t minor = 0;
  Currency currency;
  friend constexpr auto operator<=>(const Money&, const Money&) = default;
};

// Parses an amount in the main unit: [-]digits[.digits], no exponent, no sign "+", no blanks, at most 18 digits.
// Errors: kInvalidAmount, kTooManyDecimals (1.001 USD; 1.001 KWD is fine), kOverflow.
Result<Money> parse_money(std::string_view amount, Currency currency);
// The amount in the main unit with all decimals of its currency: "249.95", "-0.05", "1000" (JPY).
std::string amount_text(Money money);
// amount_text for a bare number of minor units.
std::string amount_text(std::int64_t minor, Currency currency);

// a + b, a - b in minor units. Error: kOverflow.
Result<std::int64_t> checked_add(std::int64_t a, std::int64_t b);
Result<std::int64_t> checked_sub(std::int64_t a, std::int64_t b);

// quantity x unit price in the currency's minor unit, rounded once, half away from zero. Error: kOverflow.
Result<std::int64_t> line_amount(Decimal quantity, Decimal unit_price, Currency currency);

// Splits `total` in proportion to `weights` (each >= 0, sum > 0, of any size) by largest remainder: the parts add up
// to `total`, each has the sign of `total`, ties go to the earlier weight. With every weight zero all parts are zero
// but the first, which is `total`.
std::vector<std::int64_t> allocate(std::int64_t total, std::span<const std::int64_t> weights);

}  // namespace billing
