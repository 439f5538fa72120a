// What the views' read functions read from, and how lists are cut into pages.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>

#include "ledger/codec/envelope.h"
#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"
#include "ledger/store/tables.h"
#include "projections/keys.h"
#include "projections/list_query.h"
#include "projections/row_codec.h"

namespace billing::views {

// One snapshot of the rows, and the log where the facts behind them are read.
struct Source {
  const store::Snapshot& rows;
  const store::Log& log;
  const codec::PersonKeys* keys;
};

// The event at a position. Errors: kCorruptRecord, kStorageFailure.
Result<codec::Envelope> event_at(const Source& source, Position position);

// A row's value as its struct; nullopt when there is none. Error: kStorageFailure, for a row that cannot be read.
Error unreadable_row(std::string_view key);
template <class Row>
Result<std::optional<Row>> row_at(const Source& source, std::string_view key) {
  BILLING_TRY(bytes, source.rows.get(key));
  if (!bytes) return std::nullopt;
  auto row = parse_row<Row>(*bytes);
  if (!row) return std::unexpected(unreadable_row(key));
  return row;
}

// The limit of a page, checked. Error: kInvalidParameter.
Result<std::size_t> page_limit(const PageRequest& page);

// Calls `visit(tail of the key, value)` for rows under `prefix` from the cursor's on, until it has taken one row more than
// `limit`. `visit` returns whether it took the row; an error ends the list. The cursor is bound to the prefix and to `day`.
using VisitRow = std::function<Result<bool>(std::string_view tail, std::string_view value)>;
struct VisitedPage {
  bool back = false;  // rows came in the other order
  bool more = false;  // one row more than `limit` was taken
  PageEnds ends{};
};
Result<VisitedPage> visit_page(const Source& source, std::string_view prefix, const PageRequest& page, bool newest_first,
                               std::string_view day, const VisitRow& visit);
// The same, where `visit` puts the row that it took at the end of `page`.
template <class Item>
Result<void> page_of(const Source& source, std::string_view prefix, const PageRequest& request, bool newest_first,
                     Page<Item>& page, const VisitRow& visit, const std::optional<Date>& day = {}) {
  BILLING_TRY(visited, visit_page(source, prefix, request, newest_first, day ? day->text() : std::string(), visit));
  if (visited.more) page.items.pop_back();
  if (visited.back) std::ranges::reverse(page.items);
  page.next = std::move(visited.ends.next);
  page.previous = std::move(visited.ends.previous);
  return {};
}

// The place of an entry in a list by date: newest date first, of one day the newest event.
struct Place {
  Date date{};
  Position position = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};
// Lists by date have a row per account and one per customer. The value starts with the object's 16 bytes; the
// customer's row goes on with the ids of all accounts concerned, 16 bytes each.
struct DatedList {
  Table of_account;
  Table of_customer;
};
// Writes the rows of one entry; `drop_dated` takes them away again.
class Rows;
void append_dated(Rows& rows, const DatedList& list, CustomerId customer, const std::vector<AccountId>& accounts,
                  Place place, const Uuid& object);
void drop_dated(Rows& rows, const DatedList& list, CustomerId customer, const std::vector<AccountId>& accounts,
                Place place);

// Which part of a list by date.
struct DatedPart {
  DateRange dates{};
  bool ascending = false;  // else newest first
  std::size_t limit = kPageDefault;
  std::optional<Place> after{};       // the last entry of the part before
  std::optional<Place> not_before{};  // nothing of a lesser place
  std::optional<Place> before{};      // only lesser places
};
struct DatedEntries {
  std::vector<std::pair<Place, Uuid>> items{};
  bool more = false;  // entries behind the last one
};
// The first `limit` entries of a scope that `accept` takes, merged over its accounts, each entry once. It reads on until it
// has them or nothing is left: an entry that is not taken costs its call of `accept`. Of a scope of many accounts the
// customer's list is read for as long as reading it costs less than one search in the list of each account.
using AcceptEntry = std::function<Result<bool>(Place place, const Uuid& object)>;
Result<DatedEntries> dated_part(const Source& source, const DatedList& list, const Scope& scope, Date date,
                                const DatedPart& part, const AcceptEntry& accept);
// The same newest first, with cursors.
Result<Page<std::pair<Place, Uuid>>> dated_page(const Source& source, const DatedList& list, const Scope& scope,
                                                Date date, const PageRequest& page, const AcceptEntry& accept);

// The bytes of a place in the keys of a list, and back. Error: kInvalidCursor.
std::string place_bytes(Place place);
Result<Place> parse_place(std::string_view bytes);

}  // namespace billing::views
