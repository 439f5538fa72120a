// Lists of objects over any scope: a table says how it finds, filters, sorts and sums its objects; pages, cursors, both
// directions and sums follow from that.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ledger/base/money.h"
#include "projections/accounts_view.h"
#include "projections/source.h"

namespace billing::views {

template <class Item>
struct Listed {
  DatedList list;
  // The object as it was at the query's day; nullopt when it was not there.
  std::function<Result<std::optional<Item>>(const Uuid& object)> find;
  // Whether the query asks for it. The dates of the list are kept apart.
  std::function<Result<bool>(const Item& item)> wanted;
  // Bytes to sort by, unless by date.
  std::function<Result<std::string>(const Item& item)> key;
  // What only items of the page need: names of accounts.
  std::function<Result<void>(Item& item)> complete;
  // What it comes to, and what is left of that.
  std::function<std::pair<std::int64_t, std::int64_t>(const Item& item)> amounts;
  // Nothing is there before its date, so that what is dated after `as_of` need not be looked at.
  bool there_from_date = true;
};

// Accounts that were looked up, so that each is once.
class Accounts {
 public:
  explicit Accounts(const Source& source) : source_(source) {}
  Result<const AccountRow*> get(AccountId id) {
    const auto found = rows_.find(id);
    if (found != rows_.end()) return &found->second;
    BILLING_TRY(row, find_account(source_, id));
    return &rows_.emplace(id, std::move(row)).first->second;
  }

 private:
  const Source& source_;
  std::unordered_map<AccountId, AccountRow> rows_;
};
// Its name on the day of the event at `position` and its name of now; at kNamedNow both are that of now.
inline constexpr Position kNamedNow = UINT64_MAX - 1;
Result<AccountNames> names_of(const Source& source, AccountId account, Position position);

// Keys of amounts and dates, for Listed::key.
std::string amount_key(std::int64_t amount);
std::string date_key(Date date);

namespace listing {

using Visit = std::function<Result<void>(Place place, const Uuid& object)>;

// The object, when the query asks for it.
template <class Item>
Result<std::optional<Item>> pick(const Listed<Item>& table, const Uuid& object) {
  BILLING_TRY(item, table.find(object));
  if (!item) return std::nullopt;
  BILLING_TRY(wanted, table.wanted(*item));
  if (!wanted) return std::nullopt;
  return std::move(*item);
}

template <class Item>
DateRange dates_of(const ListQuery& query, const Listed<Item>& table) {
  DateRange dates = query.date;
  if (query.as_of && table.there_from_date && (!dates.to || *query.as_of < *dates.to)) dates.to = query.as_of;
  return dates;
}

inline std::string binding(const DatedList& list, const ListQuery& query) {
  return Key(list.of_customer).bytes() + query.binding();
}

// The first items of a part, each with its place in the list as a cursor has it.
template <class Item>
struct Cut {
  std::vector<std::pair<std::string, Item>> items{};
  bool more = false;
};

template <class Item>
Result<Cut<Item>> by_date(const Source& source, const ListQuery& query, const Listed<Item>& table, DatedPart part,
                          std::string_view from) {
  if (!from.empty()) {
    BILLING_TRY(place, parse_place(from));
    part.after = place;
  }
  std::map<Place, Item> picked;  // what is let go again is little
  const auto accept = [&](Place place, const Uuid& object) -> Result<bool> {
    BILLING_TRY(item, pick(table, object));
    if (item) picked.emplace(place, std::move(*item));
    return picked.contains(place);
  };
  BILLING_TRY(entries, dated_part(source, table.list, query.scope, query.day(), part, accept));
  Cut<Item> cut{.items = {}, .more = entries.more};
  for (const auto& [place, object] : entries.items) cut.items.emplace_back(place_bytes(place), std::move(picked.at(place)));
  return cut;
}

// Visits everything that the query asks for; keeps the first of it.
template <class Item>
Result<Cut<Item>> by_key(const Source& source, const ListQuery& query, const Listed<Item>& table, DatedPart part,
                         std::string_view from) {
  using Sort = std::pair<std::string, Place>;
  std::optional<Sort> after;
  if (!from.empty()) {
    const std::size_t size = place_bytes({}).size();
    BILLING_TRY(place, parse_place(from.size() < size ? from : from.substr(from.size() - size)));
    after = Sort(from.substr(0, from.size() - size), place);
  }
  auto before = [&](const Sort& a, const Sort& b) { return part.ascending ? a < b : b < a; };
  std::map<Sort, Item, decltype(before)> kept(before);
  const std::size_t limit = std::exchange(part.limit, kVisitedMax);
  const auto accept = [&](Place place, const Uuid& object) -> Result<bool> {
    BILLING_TRY(item, pick(table, object));
    if (!item) return false;
    BILLING_TRY(key, table.key(*item));
    Sort sort(std::move(key), place);
    if (after && !before(*after, sort)) return true;
    kept.emplace(std::move(sort), std::move(*item));
    if (kept.size() > limit + 1) kept.erase(std::prev(kept.end()));
    return true;
  };
  BILLING_TRY(entries, dated_part(source, table.list, query.scope, query.day(), part, accept));
  if (entries.more) {
    return refuse(Code::kInvalidParameter, "more than " + std::to_string(kVisitedMax) +
                                               " entries can be sorted by date only; ask for fewer by dates or a status",
                  "/sort");
  }
  Cut<Item> cut{.items = {}, .more = kept.size() > limit};
  if (cut.more) kept.erase(std::prev(kept.end()));
  for (auto& [sort, item] : kept) cut.items.emplace_back(sort.first + place_bytes(sort.second), std::move(item));
  return cut;
}

}  // namespace listing

// A page of what the query asks for: `limit` items whenever that many are left. By date it costs what is passed over
// until they are found; in another order it visits all entries, kVisitedMax at most. Errors: kInvalidCursor for a cursor
// of another query, kInvalidParameter for more entries than can be sorted.
template <class Item>
Result<Page<Item>> list_page(const Source& source, const ListQuery& query, const Listed<Item>& table) {
  BILLING_TRY(limit, page_limit(query.page));
  const std::string list = listing::binding(table.list, query);
  BILLING_TRY(from, page_from(list, query.page.cursor));
  const DatedPart part{
      .dates = listing::dates_of(query, table), .ascending = query.ascending != from.back, .limit = limit};
  BILLING_TRY(cut, query.sort == SortBy::kDate ? listing::by_date(source, query, table, part, from.place)
                                               : listing::by_key(source, query, table, part, from.place));
  if (from.back) std::ranges::reverse(cut.items);
  PageEnds ends;
  if (!cut.items.empty()) ends = page_ends(list, from, cut.more, cut.items.front().first, cut.items.back().first);
  Page<Item> page{.items = {}, .next = std::move(ends.next), .previous = std::move(ends.previous)};
  for (auto& [place, item] : cut.items) {
    if (table.complete) BILLING_CHECK(table.complete(item));
    page.items.push_back(std::move(item));
  }
  return page;
}

// The sums of all that the query asks for. Error: kOverflow, where payments that never came (which may be of any amount) are
// among them.
template <class Item>
Result<ListSums> list_sums(const Source& source, const ListQuery& query, Currency currency, const Listed<Item>& table) {
  ListSums sums{.currency = currency};
  const DatedPart part{.dates = listing::dates_of(query, table), .limit = kVisitedMax};
  const auto accept = [&](Place, const Uuid& object) -> Result<bool> {
    BILLING_TRY(item, listing::pick(table, object));
    if (!item || sums.count == kVisitedMax) return item.has_value();
    const auto [amount, left] = table.amounts(*item);
    BILLING_TRY(all_amount, checked_add(sums.amount, amount));
    BILLING_TRY(all_left, checked_add(sums.left, left));
    ++sums.count;
    sums.amount = all_amount;
    sums.left = all_left;
    return true;
  };
  BILLING_TRY(entries, dated_part(source, table.list, query.scope, query.day(), part, accept));
  sums.exact = !entries.more;
  return sums;
}

}  // namespace billing::views
