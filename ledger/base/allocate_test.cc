#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

#include "ledger/base/generators.h"
#include "ledger/base/money.h"

namespace billing {
namespace {

using Limits = std::numeric_limits<std::int64_t>;
using Parts = std::vector<std::int64_t>;

Parts split(std::int64_t total, const Parts& weights) { return allocate(total, weights); }

TEST(Allocate, LargestRemaindersAreServedFirstAndTiesGoToTheEarlier) {
  EXPECT_EQ(split(100, {1, 1, 1}), (Parts{34, 33, 33}));
  EXPECT_EQ(split(101, {1, 1, 1}), (Parts{34, 34, 33}));
  EXPECT_EQ(split(-100, {1, 1, 1}), (Parts{-34, -33, -33}));
  EXPECT_EQ(split(10, {1, 2, 3}), (Parts{2, 3, 5}));
  EXPECT_EQ(split(1, {1, 3, 2}), (Parts{0, 1, 0}));
  EXPECT_EQ(split(7, {5}), (Parts{7}));
}

TEST(Allocate, WeightsOfZeroGetNothingUnlessAllAreZero) {
  EXPECT_EQ(split(5, {0, 3, 0, 3}), (Parts{0, 3, 0, 2}));
  EXPECT_EQ(split(5, {0, 0}), (Parts{5, 0}));
  EXPECT_EQ(split(-5, {0, 0}), (Parts{-5, 0}));
  EXPECT_EQ(split(0, {0, 0}), (Parts{0, 0}));
  EXPECT_EQ(split(0, {}), (Parts{}));
}

TEST(Allocate, EdgesOfTheRangeAreExact) {
  EXPECT_EQ(split(Limits::min(), {Limits::max()}), (Parts{Limits::min()}));
  EXPECT_EQ(split(Limits::min(), {0, 0}), (Parts{Limits::min(), 0}));
  EXPECT_EQ(split(Limits::min(), {Limits::max(), Limits::max()}), (Parts{Limits::min() / 2, Limits::min() / 2}));
  EXPECT_EQ(split(Limits::max(), {Limits::max(), Limits::max()}),
            (Parts{Limits::max() / 2 + 1, Limits::max() / 2}));
}

TEST(AllocateDeathTest, NegativeWeightsAndNobodyToTakeItAreProgrammerErrors) {
  EXPECT_DEATH(split(1, {1, -1}), "weight >= 0");
  EXPECT_DEATH(split(1, {}), "weights.empty");
}

RC_GTEST_PROP(Allocate, PartsAddUpAndEachIsWithinOneOfItsExactShare, ()) {
  const std::int64_t total = *test::any_int64();
  const Parts weights = *rc::gen::nonEmpty(rc::gen::container<Parts>(test::any_weight()));
  const Parts parts = allocate(total, weights);
  RC_ASSERT(parts.size() == weights.size());
  RC_ASSERT(std::accumulate(parts.begin(), parts.end(), int128{0}) == total);
  const int128 sum = std::accumulate(weights.begin(), weights.end(), int128{0});
  RC_PRE(sum > 0);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    RC_ASSERT((total < 0 ? parts[i] <= 0 : parts[i] >= 0));
    // The exact share lies in [low, low + 1).
    const int128 product = int128{total} * weights[i] * (total < 0 ? -1 : 1);
    const int128 low = product / sum;
    const int128 size = total < 0 ? -int128{parts[i]} : int128{parts[i]};
    RC_ASSERT((size == low || (size == low + 1 && product % sum != 0)));
  }
}

RC_GTEST_PROP(Allocate, NoPartIsServedBeforeOneWithALargerRemainder, ()) {
  const std::int64_t total = *test::any_weight();
  const Parts weights = *rc::gen::nonEmpty(rc::gen::container<Parts>(rc::gen::inRange<std::int64_t>(0, 20)));
  const int128 sum = std::accumulate(weights.begin(), weights.end(), int128{0});
  RC_PRE(sum > 0);
  const Parts parts = allocate(total, weights);
  const auto rest = [&](std::size_t i) { return int128{total} * weights[i] % sum; };
  const auto served = [&](std::size_t i) { return parts[i] != int128{total} * weights[i] / sum; };
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t j = 0; j < parts.size(); ++j)
      if (served(i) && !served(j)) RC_ASSERT((rest(i) > rest(j) || (rest(i) == rest(j) && i < j)));
}

}  // namespace
}  // namespace billing
