#include "ledger/base/timeline.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace billing {
namespace {

Date day(int n) { return Date{20'000 + n}; }

TEST(Timeline, WhatIsThereOnADayIsTheSumOfAllChangesUpToIt) {
  Timeline open(day(1), 100);
  open.add(day(5), -60);
  open.add(day(3), 20);
  EXPECT_EQ(open.at(day(0)), 0);
  EXPECT_EQ(open.at(day(1)), 100);
  EXPECT_EQ(open.at(day(4)), 120);
  EXPECT_EQ(open.at(day(5)), 60);
  EXPECT_EQ(open.last(), 60);
}

TEST(Timeline, WhatMayBeTakenOnADayIsTheLowestOfItAndAllLaterOnes) {
  Timeline open(day(1), 100);
  open.add(day(5), -100);
  open.add(day(9), 30);
  EXPECT_EQ(open.lowest_from(day(0)), 0);
  EXPECT_EQ(open.lowest_from(day(1)), 0);
  EXPECT_EQ(open.lowest_from(day(8)), 0);
  EXPECT_EQ(open.lowest_from(day(9)), 30);
}

TEST(Timeline, ChangesOfADayThatCancelOutLeaveNoTrace) {
  Timeline credit(day(1), 50);
  credit.add(day(7), -50);
  credit.add(day(7), 50);
  EXPECT_EQ(credit, Timeline(day(1), 50));
}

TEST(Timeline, APairingIsOfTheDayOnWhichBothSidesAreThere) {
  Timeline money(day(1), 118);
  Timeline item(day(40), 118);
  EXPECT_EQ(take_from_both(money, item, 118, day(1)), (std::vector<DatedAmount>{{day(40), 118}}));
  EXPECT_EQ(money.at(day(39)), 118);
  EXPECT_EQ(money.last(), 0);
  EXPECT_EQ(item.last(), 0);
}

TEST(Timeline, APairingIsNotBeforeTheDayThatIsAskedFor) {
  Timeline money(day(1), 10);
  Timeline item(day(2), 10);
  EXPECT_EQ(take_from_both(money, item, 10, day(6)), (std::vector<DatedAmount>{{day(6), 10}}));
}

TEST(Timeline, WhatComesInPartsIsPairedInParts) {
  Timeline money(day(3), 100);
  Timeline item(day(1), 60);
  item.add(day(20), 40);  // opened again
  EXPECT_EQ(take_from_both(money, item, 100, day(3)), (std::vector<DatedAmount>{{day(3), 60}, {day(20), 40}}));
}

TEST(Timeline, MoreThanThereEverIsIsNotPaired) {
  Timeline money(day(3), 100);
  Timeline item(day(1), 60);
  EXPECT_EQ(take_from_both(money, item, 100, day(3)), (std::vector<DatedAmount>{{day(3), 60}}));
  EXPECT_EQ(money.last(), 40);
}

// Whatever is taken, no day of either goes below zero, and all that both have in the end can be taken.
RC_GTEST_PROP(TimelineProperty, NothingIsBelowZeroOnAnyDayAfterATaking, ()) {
  const auto some = [] {
    Timeline timeline;
    for (int n = *rc::gen::inRange(1, 8); n > 0; --n) {
      const Date on = day(*rc::gen::inRange(0, 12));
      const std::int64_t change = *rc::gen::inRange(-50, 80);
      timeline.add(on, change < 0 ? -std::min<std::int64_t>(-change, std::max<std::int64_t>(timeline.lowest_from(on), 0)) : change);
    }
    return timeline;
  };
  std::array<Timeline, 2> sums{some(), some()};
  const std::int64_t possible = std::min(sums[0].last(), sums[1].last());
  std::int64_t taken = 0;
  const Date earliest = day(*rc::gen::inRange(0, 12));
  for (const DatedAmount& part : take_from_both(sums[0], sums[1], possible, earliest)) {
    RC_ASSERT(part.on >= earliest);
    RC_ASSERT(part.amount > 0);
    taken += part.amount;
  }
  RC_ASSERT(taken == possible);
  for (const Timeline& timeline : sums) {
    for (int n = 0; n < 13; ++n) RC_ASSERT(timeline.at(day(n)) >= 0);
  }
}

}  // namespace
}  // namespace billing
