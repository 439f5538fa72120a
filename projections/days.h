// Days in rows: how long something held, how an amount went from day to day, and a customer's latest day.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/base/date.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

// From the first day to the last (exclusive); without an end it goes on.
struct Days {
  Date from{};
  std::optional<Date> until{};
  bool covers(Date date) const { return from <= date && (!until || date < *until); }
  static void fields(auto& row, auto& archive) { archive(row.from, row.until); }
};

// By how much an amount changed on a day. A list of them is sorted by day, with one entry a day.
struct Change {
  Date day{};
  std::int64_t amount = 0;
  static void fields(auto& row, auto& archive) { archive(row.day, row.amount); }
};
using Changes = std::vector<Change>;
void add_change(Changes& changes, Date day, std::int64_t amount);
// The amount at the end of the day.
std::int64_t amount_at(const Changes& changes, Date day);

// The latest day that any figure of a customer depends on: at that day and later they are as they are now.
struct LatestDayRow {
  Date day{};
  static void fields(auto& row, auto& archive) { archive(row.day); }
};
// Notes a day and returns the latest, which is this one or a later one.
Date note_day(Rows& rows, CustomerId customer, Date day);
// True when what is asked at `date` is what the rows of now say. Error: kStorageFailure.
Result<bool> is_latest(const Source& source, CustomerId customer, Date date);

// The day that an event counts for: its posting date; of one without money the operator's day on which it happened, which
// older events do not have (then the day of UTC).
inline Date day_of(const codec::Envelope& event) {
  if (event.posting_date) return *event.posting_date;
  return event.document_date.value_or(event.recorded.date());
}

}  // namespace billing::views
