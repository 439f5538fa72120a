// The naive model's lists: everything there is, then what the query asks for, then sorted.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "projections/list_query.h"

namespace billing::views::naive {

// What a query may ask of an item.
struct Facts {
  Date date{};
  Position position = 0;
  std::optional<Date> posting{};
  std::optional<Date> due{};
  std::vector<std::string> statuses{};
  std::string method{};
  std::vector<std::string> texts{};
  std::string number{};
  std::string account_name{};
  std::int64_t amount = 0;
  std::int64_t left = 0;
};

std::string small_letters(std::string text);
// A text in pieces: characters, and numbers with how many digits they have.
using Piece = std::tuple<int, std::size_t, std::string>;
std::vector<Piece> pieces(const std::string& text);
bool asked_for(const ListQuery& query, const Facts& facts);

// `facts_of(item)` says what the query may ask.
template <class Item>
std::vector<Item> arranged(const ListQuery& query, const std::vector<Item>& all, auto&& facts_of) {
  std::vector<std::pair<Facts, Item>> found;
  for (const Item& item : all) {
    Facts facts = facts_of(item);
    if (asked_for(query, facts)) found.emplace_back(std::move(facts), item);
  }
  const auto by = [&](auto&& value) {
    std::ranges::sort(found, [&](const auto& a, const auto& b) {
      const auto one = std::tuple(value(a.first), a.first.date, a.first.position);
      const auto other = std::tuple(value(b.first), b.first.date, b.first.position);
      return query.ascending ? one < other : other < one;
    });
  };
  switch (query.sort) {
    case SortBy::kDate: by([](const Facts&) { return 0; }); break;
    case SortBy::kNumber: by([](const Facts& facts) { return pieces(facts.number); }); break;
    case SortBy::kDueDate: by([](const Facts& facts) { return facts.due; }); break;
    case SortBy::kAmount: by([](const Facts& facts) { return facts.amount; }); break;
    case SortBy::kOpen: by([](const Facts& facts) { return facts.left; }); break;
    case SortBy::kAccountName: by([](const Facts& facts) { return pieces(facts.account_name); }); break;
  }
  std::vector<Item> items;
  for (auto& [facts, item] : found) items.push_back(std::move(item));
  return items;
}

}  // namespace billing::views::naive
