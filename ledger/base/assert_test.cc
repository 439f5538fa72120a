#include "ledger/base/assert.h"

#include <gtest/gtest.h>

#include "ledger/base/decimal.h"

namespace billing {
namespace {

TEST(Assert, TrueConditionIsEvaluatedOnceAndPasses) {
  int evaluated = 0;
  BILLING_ASSERT(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
}

TEST(AssertDeathTest, FalseConditionAbortsAndNamesItself) {
  EXPECT_DEATH(BILLING_ASSERT(1 + 1 == 3), "assert_test.cc:[0-9]+: assertion failed: 1 \\+ 1 == 3");
}

TEST(AssertDeathTest, DivisionByNothingIsAProgrammerError) { EXPECT_DEATH(divide_half_up(1, 0), "denominator > 0"); }

}  // namespace
}  // namespace billing
