#include "ledger/base/money.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "ledger/base/assert.h"
#include "ledger/base/fixed_point.h"

namespace billing {
namespace {

constexpr int kDigitsMax = 18;
constexpr int128 kDecimalSquared = int128{Decimal::kOne} * Decimal::kOne;

// What is left of one part after rounding down. `index` breaks ties, so the order is total and the result the same on
// every machine.
struct Remainder {
  int128 rest;
  std::size_t index;
};

bool served_before(const Remainder& a, const Remainder& b) {
  return a.rest != b.rest ? a.rest > b.rest : a.index < b.index;
}

}  // namespace

Result<Money> parse_money(std::string_view amount, Currency currency) {
  if (!currency.valid()) return refuse(Code::kUnknownCurrency, "An amount needs a currency.");
  const auto minor = parse_fixed_point(amount, {.places = currency.exponent(), .digits_max = kDigitsMax});
  if (!minor) return std::unexpected(minor.error());
  return Money{*minor, currency};
}

std::string amount_text(Money money) { return amount_text(money.minor, money.currency); }

std::string amount_text(std::int64_t minor, Currency currency) {
  return std::string(FixedPointText(minor, currency.exponent()).view());
}

Result<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return refuse(Code::kOverflow);
  return sum;
}

Result<std::int64_t> checked_sub(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) return refuse(Code::kOverflow);
  return difference;
}

Result<std::int64_t> line_amount(Decimal quantity, Decimal unit_price, Currency currency) {
  // Dividing by 10^18 / scale instead of multiplying by the scale: the product may fill all of an int128.
  const int128 product = int128{quantity.nanos} * unit_price.nanos;
  const int128 minor = divide_half_up(product, kDecimalSquared / currency.scale());
  using Limits = std::numeric_limits<std::int64_t>;
  if (minor < Limits::min() || minor > Limits::max())
    return refuse(Code::kOverflow, "The quantity times the unit price is outside the range of amounts.");
  return static_cast<std::int64_t>(minor);
}

std::vector<std::int64_t> allocate(std::int64_t total, std::span<const std::int64_t> weights) {
  BILLING_ASSERT(total == 0 || !weights.empty());
  std::vector<std::int64_t> parts(weights.size(), 0);
  int128 sum = 0;
  for (const std::int64_t weight : weights) {
    BILLING_ASSERT(weight >= 0);
    sum += weight;
  }
  if (total == 0) return parts;
  if (sum == 0) {
    parts.front() = total;
    return parts;
  }
  // Parts are counted downwards from zero where the total is negative, so that INT64_MIN needs no negation.
  const std::int64_t unit = total < 0 ? -1 : 1;
  const int128 magnitude = total < 0 ? -int128{total} : int128{total};
  int128 left = magnitude;
  std::vector<Remainder> remainders;
  remainders.reserve(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const int128 product = magnitude * weights[i];  // at most 2^126
    const int128 share = product / sum;
    parts[i] = static_cast<std::int64_t>(unit * share);
    left -= share;
    remainders.push_back({product % sum, i});
  }
  // Fewer units are left than there are parts with a remainder, so a weight of zero gets nothing.
  const auto served = remainders.begin() + static_cast<std::ptrdiff_t>(left);
  std::ranges::nth_element(remainders, served, served_before);
  std::for_each(remainders.begin(), served, [&](const Remainder& next) { parts[next.index] += unit; });
  return parts;
}

}  // namespace billing
