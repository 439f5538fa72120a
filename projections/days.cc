#include "projections/days.h"

#include <algorithm>

namespace billing::views {
namespace {

Key latest_key(CustomerId customer) { return Key(Table::kLatestDay).add(customer); }

}  // namespace

void add_change(Changes& changes, Date day, std::int64_t amount) {
  const auto place = std::ranges::lower_bound(changes, day, {}, &Change::day);
  if (place != changes.end() && place->day == day) {
    place->amount += amount;
  } else {
    changes.insert(place, {day, amount});
  }
}

std::int64_t amount_at(const Changes& changes, Date day) {
  std::int64_t sum = 0;
  for (const Change& change : changes) {
    if (change.day > day) break;
    sum += change.amount;
  }
  return sum;
}

Date note_day(Rows& rows, CustomerId customer, Date day) {
  const Key key = latest_key(customer);
  const auto row = rows.load<LatestDayRow>(key);
  if (row && day <= row->day) return row->day;
  rows.save(key, LatestDayRow{day});
  return day;
}

Result<bool> is_latest(const Source& source, CustomerId customer, Date date) {
  BILLING_TRY(row, row_at<LatestDayRow>(source, latest_key(customer)));
  return !row || row->day <= date;
}

}  // namespace billing::views
