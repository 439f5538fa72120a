// Lists by date over any scope (declared in source.h).
#include <algorithm>
#include <map>

#include "projections/rows.h"
#include "projections/scopes.h"
#include "projections/source.h"

namespace billing::views {
namespace {

constexpr std::size_t kPlaceSize = 12;
// Entries that one call looks at per list before it hands back a short page.
constexpr std::size_t kLookedAtMax = 20'000;

std::string place_bytes(Place place) {
  return Key(Table::kCheckpoint).add(place.date).add(place.position).bytes().substr(1);
}

Place place_of(std::string_view bytes) {
  KeyReader reader(bytes, 0);
  const Date date = reader.date();
  return {date, reader.u64()};
}

// Whether an entry of a customer's list is about one of `members`; nullptr: all are wanted.
Result<bool> concerns(std::string_view value, Members* members) {
  if (members == nullptr) return true;
  for (std::size_t i = 16; i + 16 <= value.size(); i += 16) {
    BILLING_TRY(has, members->has(AccountId{Uuid::from_bytes(value.substr(i, 16))}));
    if (has) return true;
  }
  return false;
}

// Entries found, newest first, and the place down to which nothing is missing (none: to the end).
struct Found {
  std::map<Place, Uuid, std::greater<>> entries;
  std::optional<Place> complete_to;
};

struct Search {
  const Source& source;
  std::optional<Place> before;
  std::size_t limit = 0;
  Members* members = nullptr;
  const AcceptEntry& accept;
};

Result<bool> wants(const Search& search, Place place, const Uuid& object, std::string_view value) {
  BILLING_TRY(concerned, concerns(value, search.members));
  if (!concerned) return false;
  return search.accept(place, object);
}

Result<void> search_list(const Search& search, const Key& prefix, Found& found) {
  std::size_t looked_at = 0, taken = 0;
  std::optional<Error> error;
  std::optional<Place> stopped_at;
  const std::string end =
      search.before ? prefix.bytes() + place_bytes(*search.before) : prefix_end(prefix);
  BILLING_CHECK(search.source.rows.scan(
      prefix, end,
      [&](std::string_view key, std::string_view value) {
        const Place place = place_of(key.substr(prefix.size()));
        if (value.size() < 16) {
          error = unreadable_row(key);
          return false;
        }
        const Uuid object = Uuid::from_bytes(value.substr(0, 16));
        ++looked_at;
        auto took = found.entries.contains(place) ? Result<bool>(true) : wants(search, place, object, value);
        if (!took) {
          error = std::move(took.error());
          return false;
        }
        if (*took) {
          ++taken;
          found.entries.emplace(place, object);
        }
        if (taken <= search.limit && looked_at < kLookedAtMax) return true;
        stopped_at = place;
        return false;
      },
      true));
  if (error) return std::unexpected(std::move(*error));
  if (stopped_at && (!found.complete_to || *found.complete_to < *stopped_at)) found.complete_to = stopped_at;
  return {};
}

Result<std::optional<Place>> parse_cursor(const DatedList& list, const std::string& cursor) {
  BILLING_TRY(bytes, cursor_place(Key(list.of_customer), cursor));
  if (bytes.empty()) return std::nullopt;
  if (bytes.size() != kPlaceSize) return refuse(Code::kInvalidCursor, "use a cursor as it was given", "/cursor");
  return place_of(bytes);
}

// The page out of what was found: nothing older than where every list is complete.
Page<std::pair<Place, Uuid>> cut(const DatedList& list, const Found& found, std::size_t limit) {
  const auto cursor = [&](const Place& place) { return cursor_text(Key(list.of_customer), place_bytes(place)); };
  Page<std::pair<Place, Uuid>> page;
  for (const auto& entry : found.entries) {
    if (found.complete_to && entry.first < *found.complete_to) break;
    if (page.items.size() == limit) {
      page.next = cursor(page.items.back().first);
      return page;
    }
    page.items.push_back(entry);
  }
  if (found.complete_to) page.next = cursor(*found.complete_to);
  return page;
}

std::string customer_value(const Uuid& object, const std::vector<AccountId>& accounts) {
  std::string value(object.view());
  value.reserve(16 + accounts.size() * 16);
  for (const AccountId& account : accounts) value.append(account.uuid.view());
  return value;
}

}  // namespace

void append_dated(Rows& rows, const DatedList& list, CustomerId customer, const std::vector<AccountId>& accounts,
                  Place place, const Uuid& object) {
  for (const AccountId& account : accounts) {
    rows.append(Key(list.of_account).add(account).add(place.date).add(place.position), object.view());
  }
  rows.append(Key(list.of_customer).add(customer).add(place.date).add(place.position),
              customer_value(object, accounts));
}

void drop_dated(Rows& rows, const DatedList& list, CustomerId customer, const std::vector<AccountId>& accounts,
                Place place) {
  for (const AccountId& account : accounts) {
    rows.drop(Key(list.of_account).add(account).add(place.date).add(place.position));
  }
  rows.drop(Key(list.of_customer).add(customer).add(place.date).add(place.position));
}

Result<Page<std::pair<Place, Uuid>>> dated_page(const Source& source, const DatedList& list, const Scope& scope,
                                                Date date, const PageRequest& page, const AcceptEntry& accept) {
  BILLING_TRY(limit, page_limit(page));
  BILLING_TRY(before, parse_cursor(list, page.cursor));
  BILLING_TRY(customer, customer_of(source, scope));
  Found found;
  Search search{.source = source, .before = before, .limit = limit, .members = nullptr, .accept = accept};
  if (scope.kind == ScopeKind::kCustomer) {
    BILLING_CHECK(search_list(search, Key(list.of_customer).add(customer), found));
    return cut(list, found, limit);
  }
  BILLING_TRY(members, Members::of(source, scope, date));
  if (!members.few()) {  // picked out of the customer's list; few are merged from their own
    search.members = &members;
    BILLING_CHECK(search_list(search, Key(list.of_customer).add(customer), found));
    return cut(list, found, limit);
  }
  for (const AccountId& account : *members.few()) {
    BILLING_CHECK(search_list(search, Key(list.of_account).add(account), found));
  }
  return cut(list, found, limit);
}

}  // namespace billing::views
