// Dates as files write them.
#include <algorithm>
#include <array>
#include <utility>

#include "ops/import/values.h"

namespace billing::import {
namespace {

constexpr int kFirstYearOfLastCentury = 69;  // of two digits, as POSIX has it for %y

constexpr auto kNamed = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"iso", "YYYY-MM-DD"}, {"us", "M/D/YYYY"}, {"british", "D/M/YYYY"}, {"german", "D.M.YYYY"}});

constexpr std::array<std::string_view, 12> kMonths{"january", "february", "march",     "april",   "may",      "june",
                                                   "july",    "august",   "september", "october", "november", "december"};
constexpr std::size_t kShortMonth = 3;

enum class Part : std::uint8_t { kYear, kShortYear, kMonthName, kMonth, kDay };
struct Letters {
  std::string_view text;
  Part part;
  std::size_t digits;  // 0: one or two
};
// Longer ones before those that they begin with.
constexpr auto kLetters = std::to_array<Letters>({{"YYYY", Part::kYear, 4}, {"YY", Part::kShortYear, 2},
                                                  {"MMM", Part::kMonthName, 0}, {"MM", Part::kMonth, 2},
                                                  {"M", Part::kMonth, 0}, {"DD", Part::kDay, 2}, {"D", Part::kDay, 0}});

const Letters* take_letters(std::string_view& pattern) {
  for (const Letters& one : kLetters) {
    if (!pattern.starts_with(one.text)) continue;
    pattern.remove_prefix(one.text.size());
    return &one;
  }
  return nullptr;
}

int take_number(std::string_view& text, std::size_t digits) {
  std::size_t n = 0;
  int value = 0;
  while (n < text.size() && n < (digits == 0 ? 2 : digits) && text[n] >= '0' && text[n] <= '9')
    value = value * 10 + (text[n++] - '0');
  if (n == 0 || (digits != 0 && n != digits)) return -1;
  text.remove_prefix(n);
  return value;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The length of `name` when `text` begins with it, in capitals or not; else 0.
std::size_t begins_with(std::string_view text, std::string_view name) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return text.size() >= name.size() && std::ranges::equal(text.substr(0, name.size()), name, same) ? name.size() : 0;
}

// The longest name that fits: "June" is not "Jun" and an "e".
int take_month(std::string_view& text, std::span<const std::string> months) {
  std::size_t longest = 0;
  int month = -1;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    std::size_t size = 0;
    if (months.empty()) {
      size = std::max(begins_with(text, kMonths[i]), begins_with(text, kMonths[i].substr(0, kShortMonth)));
    } else if (i < months.size()) {
      size = begins_with(text, months[i]);
    }
    if (size <= longest) continue;
    longest = size;
    month = static_cast<int>(i) + 1;
  }
  text.remove_prefix(longest);
  return month;
}

}  // namespace

Result<std::string> date_pattern(std::string_view text) {
  const auto named = std::ranges::find(kNamed, text, &std::pair<std::string_view, std::string_view>::first);
  const std::string_view pattern = named == kNamed.end() ? text : named->second;
  std::array<int, 3> parts{};  // years, months, days
  for (std::string_view rest = pattern; !rest.empty();) {
    const Letters* const letters = take_letters(rest);
    if (letters == nullptr) {
      rest.remove_prefix(1);
      continue;
    }
    const bool year = letters->part == Part::kYear || letters->part == Part::kShortYear;
    ++parts[year ? 0 : letters->part == Part::kDay ? 2 : 1];
  }
  if (parts != std::array{1, 1, 1})
    return refuse(Code::kConfiguration,
                  "'date' is iso, us, british or german, or a pattern with year (YYYY, YY), month (MMM, MM, M) and day "
                  "(DD, D), each once");
  return std::string(pattern);
}

Result<Date> parse_date(std::string_view text, std::string_view pattern, std::span<const std::string> months) {
  const auto bad = [whole = text, pattern] {
    return refuse(Code::kInvalidDate, "'" + std::string(whole.substr(0, 40)) + "' is no date written as " + std::string(pattern));
  };
  int year = -1;
  int month = -1;
  int day = -1;
  for (std::string_view rest = pattern; !rest.empty();) {
    if (rest == "*") {
      text = {};
      break;
    }
    if (const Letters* const letters = take_letters(rest)) {
      const int number = letters->part == Part::kMonthName ? take_month(text, months) : take_number(text, letters->digits);
      if (number < 0) return bad();
      switch (letters->part) {
        case Part::kYear: year = number; break;
        case Part::kShortYear: year = number + (number < kFirstYearOfLastCentury ? 2'000 : 1'900); break;
        case Part::kMonthName:
        case Part::kMonth: month = number; break;
        case Part::kDay: day = number; break;
      }
      continue;
    }
    if (text.empty() || text.front() != rest.front()) return bad();
    text.remove_prefix(1);
    rest.remove_prefix(1);
  }
  if (!text.empty() || year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return bad();
  const Date date = Date::clamped(year, month, day);
  if (date.day() != day) return bad();
  return Date::parse(date.text());  // which years there are is its business
}

}  // namespace billing::import
