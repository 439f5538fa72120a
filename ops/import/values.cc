#include "ops/import/values.h"

#include <algorithm>

namespace billing::import {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

// Takes `width` digits, or one to two for width 0; -1 when they are not there.
int take_number(std::string_view& text, std::size_t width) {
  std::size_t n = 0;
  int value = 0;
  while (n < text.size() && n < (width == 0 ? 2 : width) && is_digit(text[n])) value = value * 10 + (text[n++] - '0');
  if (n == 0 || (width != 0 && n != width)) return -1;
  text.remove_prefix(n);
  return value;
}

bool starts_and_drop(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::unexpected<Error> bad_number(std::string_view text) {
  return refuse(Code::kInvalidAmount, "'" + std::string(text.substr(0, 40)) + "' is not a number");
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string out(trim(text));
  for (char& c : out)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return out;
}

Result<Date> parse_date(std::string_view text, std::string_view pattern) {
  const std::string_view whole = text;
  const auto bad = [&] {
    return refuse(Code::kInvalidDate, "'" + std::string(whole.substr(0, 40)) + "' is no date of the given form");
  };
  int year = -1;
  int month = -1;
  int day = -1;
  while (!pattern.empty()) {
    if (pattern == "*") {
      text = {};
      break;
    }
    int* part = nullptr;
    std::size_t width = 0;
    if (starts_and_drop(pattern, "YYYY")) {
      part = &year, width = 4;
    } else if (starts_and_drop(pattern, "MM")) {
      part = &month, width = 2;
    } else if (starts_and_drop(pattern, "M")) {
      part = &month;
    } else if (starts_and_drop(pattern, "DD")) {
      part = &day, width = 2;
    } else if (starts_and_drop(pattern, "D")) {
      part = &day;
    }
    if (part != nullptr) {
      *part = take_number(text, width);
      if (*part < 0) return bad();
    } else {
      if (text.empty() || text.front() != pattern.front()) return bad();
      text.remove_prefix(1);
      pattern.remove_prefix(1);
    }
  }
  if (!text.empty() || year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return bad();
  const Date date = Date::clamped(year, month, day);
  if (date.day() != day) return bad();
  return Date::parse(date.text());  // which years there are is its business
}

Result<std::string> normal_decimal(std::string_view given, const FieldSpec& spec) {
  std::string_view text = trim(given);
  bool negative = false;
  if (text.starts_with('(') && text.ends_with(')') && text.size() > 2) {
    negative = true;
    text = trim(text.substr(1, text.size() - 2));
  } else if (starts_and_drop(text, "-")) {
    negative = true;
  } else if (!starts_and_drop(text, "+") && text.ends_with('-')) {
    negative = true;
    text = trim(text.substr(0, text.size() - 1));
  }
  std::string digits;
  bool point = false;
  while (!text.empty()) {
    if (is_digit(text.front())) {
      digits += text.front();
    } else if (text.front() == spec.decimal && !point && !digits.empty()) {
      digits += '.';
      point = true;
    } else if (!spec.thousands.empty() && !point && !digits.empty() && starts_and_drop(text, spec.thousands)) {
      if (text.empty() || !is_digit(text.front())) return bad_number(given);
      continue;
    } else {
      return bad_number(given);
    }
    text.remove_prefix(1);
  }
  if (digits.empty() || digits.back() == '.') return bad_number(given);
  if (point) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (digits.front() == '.') digits.insert(digits.begin(), '0');
  if (spec.sign == Sign::kNegate) negative = !negative;
  if (spec.sign == Sign::kAbsolute) negative = false;
  if (digits == "0") negative = false;
  return negative ? "-" + digits : digits;
}

std::string from_latin1(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0U | (byte >> 6U));
      out += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return out;
}

}  // namespace billing::import
