// What the views' read functions read from, and how lists are cut into pages.
#pragma once

#include <functional>
#include <memory>

#include "ledger/codec/envelope.h"
#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"
#include "ledger/store/tables.h"
#include "projections/keys.h"
#include "projections/model.h"
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

// Calls `visit(tail of the key, value)` for rows under `prefix` after the cursor's, until it has taken `limit` rows;
// returns the cursor of the rest. `visit` returns whether it took the row; an error ends the list.
using VisitRow = std::function<Result<bool>(std::string_view tail, std::string_view value)>;
Result<std::string> page_of(const Source& source, std::string_view prefix, const PageRequest& page, bool newest_first,
                            const VisitRow& visit);

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

// One page of the entries of a scope, merged over its accounts, each entry once. `accept` says whether an entry
// belongs to the page. A page that had to pass over very many others may be short though `next` is set.
using AcceptEntry = std::function<Result<bool>(Place place, const Uuid& object)>;
Result<Page<std::pair<Place, Uuid>>> dated_page(const Source& source, const DatedList& list, const Scope& scope,
                                                Date date, const PageRequest& page, const AcceptEntry& accept);

}  // namespace billing::views
