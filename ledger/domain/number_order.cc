#include "ledger/domain/number_order.h"

#include <algorithm>

namespace billing {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
unsigned char folded(char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

// Takes the digits that `text` begins with, and gives them without leading zeros.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  std::string_view digits(text.begin(), end);
  text.remove_prefix(digits.size());
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

// A digit and another byte are compared as bytes: all digits are on the same side of it, so the order is transitive.
std::strong_ordering compare_parts(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view left = take_digits(a);
      const std::string_view right = take_digits(b);
      if (left.size() != right.size()) return left.size() <=> right.size();
      if (left != right) return left <=> right;
      continue;
    }
    if (folded(a.front()) != folded(b.front())) return folded(a.front()) <=> folded(b.front());
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() <=> b.size();
}

}  // namespace

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  const std::strong_ordering order = compare_parts(a, b);
  return order != 0 ? order : a <=> b;
}

}  // namespace billing
