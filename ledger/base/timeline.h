// A sum that changes from day to day: what was there on a day, and what was there on it and ever since.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger/base/date.h"

namespace billing {

// The changes of one sum by day, earliest first; days on which nothing changes in the end are not kept. Zero before the
// first one. Costs grow with the number of days that have changes. One thread.
class Timeline {
 public:
  struct Step {
    Date on;
    std::int64_t change = 0;
    friend bool operator==(const Step&, const Step&) = default;
  };

  Timeline() = default;
  Timeline(Date on, std::int64_t amount) { add(on, amount); }

  // The sum is higher by `change` (or lower, when negative) from this day on.
  void add(Date on, std::int64_t change);
  // At the end of this day.
  std::int64_t at(Date day) const;
  // At the end of all days.
  std::int64_t last() const;
  // The lowest that it is on this day or any later one: what may be taken out on this day so that no day goes below zero.
  std::int64_t lowest_from(Date day) const;
  const std::vector<Step>& steps() const { return steps_; }
  friend bool operator==(const Timeline&, const Timeline&) = default;

 private:
  std::vector<Step> steps_;
};

// An amount that counts from a day on.
struct DatedAmount {
  Date on;
  std::int64_t amount = 0;
  friend bool operator==(const DatedAmount&, const DatedAmount&) = default;
};
// Takes `amount` out of both sums, each part on the earliest day, not before `earliest`, on which both have it and keep
// it; fewer parts come when one of them never has so much. Earliest first. What was taken is gone from both.
std::vector<DatedAmount> take_from_both(Timeline& one, Timeline& other, std::int64_t amount, Date earliest);

}  // namespace billing
