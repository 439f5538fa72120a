// The operator's books beside the trial balance: accounting periods, and the queue of what could not be booked.
#pragma once

#include "projections/model_accounts.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct PeriodRow {
  bool closed = false;
  Instant closing_since{};
  Instant closed_at{};
  std::uint64_t released_lines = 0;
  static void fields(auto& row, auto& archive) {
    archive(row.closed, row.closing_since, row.closed_at, row.released_lines);
  }
};
struct UnbookedRow {
  Instant queued{};
  Position position = 0;  // of the event that queued it
  Position resolved = 0;  // of the one that resolved it; 0: it is open
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) { archive(row.queued, row.position, row.resolved, row.version); }
};

namespace books_view {
void apply(const codec::Envelope& event, Rows& rows);
}

// Periods that are closing or closed, oldest first; a later one is open.
Result<std::vector<AccountingPeriod>> read_periods(const Source& source);
// Oldest first; with `all` those that are dealt with too, with `customer` only those that are about it.
Result<Page<Unbooked>> list_unbooked(const Source& source, bool all, std::optional<CustomerId> customer,
                                     const PageRequest& page);
// Error: kUnknownUnbooked.
Result<Unbooked> read_unbooked(const Source& source, UnbookedId id);
Result<UnbookedBacklog> read_unbooked_backlog(const Source& source);

}  // namespace billing::views
