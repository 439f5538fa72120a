#include "projections/list_query.h"

#include <algorithm>

namespace billing::views {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Of a key only so much counts, so that a cursor stays short.
constexpr std::size_t kKeyMax = 200;

}  // namespace

bool any_begins_with(std::initializer_list<std::string_view> texts, std::string_view wanted) {
  return std::ranges::any_of(texts, [&](std::string_view text) {
    return text.size() >= wanted.size() &&
           std::ranges::equal(text.substr(0, wanted.size()), wanted, {}, lower, lower);
  });
}

std::string natural_key(std::string_view text) {
  std::string key;
  for (std::size_t i = 0; i < text.size() && key.size() < kKeyMax;) {
    if (!is_digit(text[i])) {
      key.push_back(lower(text[i++]));
      continue;
    }
    // A number sorts by how many digits it has, then by them, at the place of the digits among the characters.
    while (i + 1 < text.size() && text[i] == '0' && is_digit(text[i + 1])) ++i;
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end]) && end - i < 200) ++end;
    key.push_back('0');
    key.push_back(static_cast<char>(end - i));
    key.append(text.substr(i, end - i));
    i = end;
  }
  return key.substr(0, kKeyMax);
}

std::string ListQuery::binding() const {
  std::string bytes;
  const auto add = [&](std::string_view text) { bytes.append(text).push_back('\0'); };
  const auto add_day = [&](const std::optional<Date>& date) { add(date ? date->text() : std::string_view("-")); };
  bytes.push_back(static_cast<char>(scope.kind));
  for (const Uuid& id : {scope.customer.uuid, scope.account.uuid, scope.grouping.uuid, scope.group.uuid}) bytes.append(id.view());
  add_day(as_of);
  bytes.push_back(static_cast<char>(sort));
  bytes.push_back(ascending ? '+' : '-');
  for (const DateRange& range : {date, posting, due}) {
    add_day(range.from);
    add_day(range.to);
  }
  for (const auto* words : {&statuses, &methods}) {
    for (const std::string& word : *words) add(word);
    bytes.push_back('\0');
  }
  add(text);
  return bytes;
}

}  // namespace billing::views
