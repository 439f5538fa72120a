#include "ops/import/values.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/base/money.h"

namespace billing::import {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";
constexpr std::string_view kNarrowNoBreakSpace = "\xE2\x80\xAF";
constexpr std::string_view kMinusSign = "\xE2\x88\x92";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

bool drop_front(std::string_view& text, std::string_view prefix) {
  if (prefix.empty() || !text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool drop_back(std::string_view& text, std::string_view suffix) {
  if (suffix.empty() || !text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// Signs of currencies and the codes that they stand for; longer ones before those that they contain.
struct CurrencySign {
  std::string_view sign;
  std::string_view codes;
};
constexpr auto kSigns = std::to_array<CurrencySign>({
    {"US$", "USD"}, {"CA$", "CAD"}, {"C$", "CAD NIO"}, {"AU$", "AUD"}, {"A$", "AUD"}, {"NZ$", "NZD"}, {"HK$", "HKD"},
    {"NT$", "TWD"}, {"S$", "SGD"}, {"MX$", "MXN"}, {"R$", "BRL"},
    {"$", "USD CAD AUD NZD HKD SGD TWD MXN ARS BBD BMD BND BSD BZD CLP COP DOP FJD GYD JMD KYD LRD NAD SBD SRD TTD UYU XCD"},
    {"€", "EUR"}, {"£", "GBP EGP FKP GIP LBP SHP SSP SYP"}, {"¥", "JPY CNY"}, {"￥", "JPY CNY"}, {"₹", "INR"},
    {"₩", "KRW KPW"}, {"₽", "RUB"}, {"₺", "TRY"}, {"₪", "ILS"}, {"₫", "VND"}, {"₱", "PHP"}, {"฿", "THB"}, {"₴", "UAH"},
    {"₦", "NGN"}, {"₡", "CRC"}, {"₲", "PYG"}, {"₸", "KZT"}, {"₵", "GHS"}, {"₼", "AZN"}, {"₾", "GEL"}, {"zł", "PLN"},
    {"Kč", "CZK"}, {"kr", "DKK NOK SEK ISK"}, {"Ft", "HUF"}, {"Fr.", "CHF"}, {"лв", "BGN"},
});

// What stands around the digits of a number, each at most once.
struct Around {
  bool negative = false;
  bool signed_once = false;
  std::string_view currency;  // the codes that it may be
};

bool take_sign(std::string_view& text, Around& around, bool (*drop)(std::string_view&, std::string_view)) {
  for (const std::string_view sign : {std::string_view("-"), kMinusSign, std::string_view("+")}) {
    if (around.signed_once || !drop(text, sign)) continue;
    around.signed_once = true;
    around.negative = sign != "+";
    return true;
  }
  return false;
}

bool take_brackets(std::string_view& text, Around& around) {
  if (around.signed_once || text.size() < 3 || text.front() != '(' || text.back() != ')') return false;
  text = text.substr(1, text.size() - 2);
  around.signed_once = around.negative = true;
  return true;
}

bool take_currency(std::string_view& text, Around& around, bool front) {
  if (!around.currency.empty()) return false;
  for (const CurrencySign& one : kSigns) {
    if (!(front ? drop_front(text, one.sign) : drop_back(text, one.sign))) continue;
    around.currency = one.codes;
    return true;
  }
  if (text.size() < 4) return false;
  const std::string_view code = front ? text.substr(0, 3) : text.substr(text.size() - 3);
  if (!Currency::parse(code)) return false;
  around.currency = code;
  return front ? drop_front(text, code) : drop_back(text, code);
}

// Takes everything off that may stand around digits.
Around take_around(std::string_view& text, bool currency) {
  Around around;
  for (bool more = true; more;) {
    text = trim(text);
    more = take_sign(text, around, drop_front) || take_sign(text, around, drop_back) || take_brackets(text, around) ||
           (currency && (take_currency(text, around, true) || take_currency(text, around, false)));
  }
  return around;
}

// The digits before the decimal sign, without the signs between their groups; nothing when they are not grouped by three.
std::optional<std::string> whole_digits(std::string_view text, std::string_view thousands) {
  std::string digits;
  bool grouped = false;
  for (;;) {
    const std::size_t size = thousands.empty() ? text.size() : std::min(text.find(thousands), text.size());
    const std::string_view group = text.substr(0, size);
    const bool last = size == text.size();
    if (!std::ranges::all_of(group, is_digit)) return std::nullopt;
    if (grouped && group.size() != 3) return std::nullopt;
    if (!grouped && !last && (group.empty() || group.size() > 3)) return std::nullopt;
    digits += group;
    if (last) return digits;
    grouped = true;
    text.remove_prefix(size + thousands.size());
  }
}

std::unexpected<Error> bad_number(std::string_view text) {
  return refuse(Code::kInvalidAmount, "'" + std::string(text.substr(0, 40)) + "' is not a number as the mapping says");
}

// Digits and a point somewhere, made as short as they can be.
std::string shortest(std::string_view whole, std::string_view fraction, bool negative) {
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  if (whole.empty() && fraction.empty()) return "0";
  std::string out(negative ? "-" : "");
  out += whole.empty() ? "0" : whole;
  if (!fraction.empty()) out.append(".").append(fraction);
  return out;
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string out(trim(text));
  for (char& c : out)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return out;
}

Result<std::string> normal_decimal(std::string_view given, const FieldSpec& spec, std::optional<Currency> currency) {
  std::string plain(given);
  for (const std::string_view blank : {kNoBreakSpace, kNarrowNoBreakSpace}) replace_all(plain, blank, " ");
  std::string_view text = plain;
  const Around around = take_around(text, currency.has_value());
  const std::size_t decimal = text.find(spec.decimal);
  const auto whole = whole_digits(text.substr(0, decimal), spec.thousands);
  const std::string_view fraction = decimal == std::string_view::npos ? std::string_view() : text.substr(decimal + 1);
  if (!whole || !std::ranges::all_of(fraction, is_digit) || (whole->empty() && fraction.empty())) return bad_number(given);
  if (currency && !around.currency.empty() && around.currency.find(currency->code()) == std::string_view::npos)
    return refuse(Code::kCurrencyMismatch, "'" + std::string(given.substr(0, 40)) + "' is not in " + std::string(currency->code()));
  const bool negative = spec.sign == Sign::kKeep ? around.negative : spec.sign == Sign::kNegate && !around.negative;
  return shortest(*whole, fraction, negative);
}

Result<std::string> normal_rate(std::string_view given, const FieldSpec& spec) {
  std::string_view text = trim(given);
  const bool percent = drop_back(text, "%") || spec.percent;
  auto number = normal_decimal(text, spec);
  if (!number) return bad_number(given);
  if (!percent) return number;
  std::string_view digits = *number;
  const bool negative = drop_front(digits, "-");
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string moved = "00" + std::string(digits.substr(0, point));
  const std::string fraction = moved.substr(moved.size() - 2) + std::string(digits.substr(std::min(point + 1, digits.size())));
  moved.resize(moved.size() - 2);
  return shortest(moved, fraction, negative);
}

}  // namespace billing::import
