#include "ledger/base/currency.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "ledger/base/assert.h"

namespace billing {
namespace {

struct Row {
  char code[4];
  std::int8_t minor_unit;
};

constexpr std::int8_t kNone = -1;

// ISO 4217, list one (current currency and funds codes), as published by SIX, the maintenance agency: every code that
// has not been withdrawn, with its minor unit; kNone where the list says "N.A.". XXX, "no currency", stands first so
// that index 0 is the default value of a Currency; the rest is in order of the code.
constexpr auto kRows = std::to_array<Row>({
    // clang-format off
    {"XXX", kNone}, {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2},
    {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2}, {"BOB", 2},
    {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2},
    {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"COU", 2}, {"CRC", 2},
    {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2},
    {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2},
    {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2}, {"ILS", 2},
    {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2},
    {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2},
    {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2},
    {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MXV", 2}, {"MYR", 2},
    {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2},
    {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2},
    {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2},
    {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2}, {"THB", 2},
    {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2},
    {"UGX", 0}, {"USD", 2}, {"USN", 2}, {"UYI", 0}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VES", 2},
    {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAD", 2}, {"XAF", 0}, {"XAG", kNone}, {"XAU", kNone}, {"XBA", kNone},
    {"XBB", kNone}, {"XBC", kNone}, {"XBD", kNone}, {"XCD", 2}, {"XCG", 2}, {"XDR", kNone}, {"XOF", 0},
    {"XPD", kNone}, {"XPF", 0}, {"XPT", kNone}, {"XSU", kNone}, {"XTS", kNone}, {"XUA", kNone}, {"YER", 2},
    {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
    // clang-format on
});

constexpr auto by_code = [](const Row& row) { return std::string_view(row.code, 3); };
static_assert(by_code(kRows[0]) == "XXX");
static_assert(std::ranges::is_sorted(kRows.begin() + 1, kRows.end(), {}, by_code));
static_assert(std::ranges::all_of(kRows, [](const Row& row) { return row.minor_unit <= 4; }));

constexpr std::array<std::int64_t, 5> kScales = {1, 10, 100, 1'000, 10'000};

}  // namespace

Result<Currency> Currency::parse(std::string_view code) {
  const auto found = std::ranges::lower_bound(kRows.begin() + 1, kRows.end(), code, {}, by_code);
  const bool known = found != kRows.end() && by_code(*found) == code;
  if (known && found->minor_unit != kNone) return Currency(static_cast<std::uint16_t>(found - kRows.begin()));
  if (known || code == by_code(kRows[0]))
    return refuse(Code::kCurrencyWithoutMinorUnit, "Amounts need a currency with a minor unit, e.g. \"USD\".");
  return refuse(Code::kUnknownCurrency, "Write three capital letters of ISO 4217's active list, e.g. \"USD\".");
}

std::string_view Currency::code() const {
  BILLING_ASSERT(index_ < kRows.size());
  return by_code(kRows[index_]);
}

int Currency::exponent() const {
  BILLING_ASSERT(index_ < kRows.size());
  return std::max<int>(kRows[index_].minor_unit, 0);
}

std::int64_t Currency::scale() const { return kScales[static_cast<std::size_t>(exponent())]; }

}  // namespace billing
