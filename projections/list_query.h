// How a list is asked for: of which accounts, as of which day, which entries, in which order, and which part of them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/model.h"

namespace billing::views {

// Days from the first to the last, both included; without one it has no end on that side.
struct DateRange {
  std::optional<Date> from{};
  std::optional<Date> to{};
  bool has(Date date) const { return (!from || *from <= date) && (!to || date <= *to); }
  bool all() const { return !from && !to; }
};

// Entries that are equal in it follow their date, then the order in which they were recorded.
enum class SortBy : std::uint8_t { kDate, kNumber, kDueDate, kAmount, kOpen, kAccountName };

// What a table does not have (a due date of a payment) must be left out.
struct ListQuery {
  Scope scope{};
  Date today{};  // overdue is judged on it, and the scope has the accounts of it; unless `as_of` is given
  // What was there at the end of this posting day, as it was then with all that is recorded now. An object is there from
  // its posting day on; one that has none yet from the day that it was drafted, asked for or opened. Without it: all
  // that is recorded, whatever its day.
  std::optional<Date> as_of{};
  SortBy sort = SortBy::kDate;
  bool ascending = false;
  DateRange date{};                   // of the document, or when the money was received
  DateRange posting{};                // nothing that is not posted
  DateRange due{};                    // of invoices
  std::vector<std::string> statuses{};  // any of them; none: all
  std::vector<std::string> methods{};   // of payments and deposits
  std::string text{};                 // begins with it, whatever the case of a to z: number, reference, purchase order,
                                      // account number or name
  PageRequest page{};

  Date day() const { return as_of.value_or(today); }
  // All that says which entries there are and in which order: what a cursor is bound to beside its list.
  std::string binding() const;
};

// When something was recorded: from an instant on and before another.
struct RecordedWithin {
  std::optional<Instant> from{};
  std::optional<Instant> until{};
  bool has(Instant at) const { return (!from || *from <= at) && (!until || at < *until); }
  bool all() const { return !from && !until; }
};

// Of the entries of a query that are neither cut by its page nor by its order.
struct ListSums {
  std::uint64_t count = 0;
  std::int64_t amount = 0;  // what documents and payments come to
  std::int64_t left = 0;    // open, unapplied, left
  bool exact = true;        // else there are at least as many: counting ended after kVisitedMax entries
  Currency currency{};
};

// So many entries a question about all entries of a list visits at most.
inline constexpr std::size_t kVisitedMax = 200'000;

// Whether one of the texts begins with `wanted`, whatever the case of a to z.
bool any_begins_with(std::initializer_list<std::string_view> texts, std::string_view wanted);
// Bytes whose order is the natural order of texts, whatever the case of a to z: INV-9 before INV-10.
std::string natural_key(std::string_view text);

}  // namespace billing::views
