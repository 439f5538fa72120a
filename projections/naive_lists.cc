#include "projections/naive_lists.h"

#include <cctype>

namespace billing::views::naive {

std::string small_letters(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(std::tolower(c));
  }
  return text;
}

std::vector<Piece> pieces(const std::string& text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::vector<Piece> all;
  for (const char c : small_letters(text)) {
    const bool more = !all.empty() && std::get<1>(all.back()) > 0;
    if (!digit(c)) {
      all.emplace_back(static_cast<unsigned char>(c), 0, std::string());
    } else if (!more) {
      all.emplace_back('0', 1, std::string(1, c));
    } else {
      auto& [at, size, digits] = all.back();
      if (digits == "0") digits.clear();
      digits.push_back(c);
      size = digits.size();
    }
  }
  return all;
}

bool asked_for(const ListQuery& query, const Facts& facts) {
  const auto within = [](const DateRange& range, const std::optional<Date>& date) {
    if (!range.from && !range.to) return true;
    return date && (!range.from || *date >= *range.from) && (!range.to || *date <= *range.to);
  };
  if (!within(query.date, facts.date) || !within(query.posting, facts.posting) || !within(query.due, facts.due)) return false;
  const auto is_asked = [&](const std::string& status) { return std::ranges::count(query.statuses, status) > 0; };
  if (!query.statuses.empty() && std::ranges::none_of(facts.statuses, is_asked)) return false;
  if (!query.methods.empty() && std::ranges::count(query.methods, facts.method) == 0) return false;
  if (query.text.empty()) return true;
  return std::ranges::any_of(facts.texts, [&](const std::string& text) {
    return small_letters(text).find(small_letters(query.text)) == 0;
  });
}

}  // namespace billing::views::naive
