#include "gateway/identity/attempts.h"

#include <gtest/gtest.h>

namespace billing::identity {
namespace {

TEST(AttemptsTest, TheTableForgetsTheAddressSeenLongestAgo) {
  Attempts attempts(AttemptLimits{.failures_max = 1, .window_micros = 1'000, .addresses_max = 3});
  const Instant now{1};
  EXPECT_TRUE(attempts.record_failure("10.0.0.1", now));
  EXPECT_TRUE(attempts.record_failure("10.0.0.2", now));
  EXPECT_TRUE(attempts.record_failure("10.0.0.3", now));
  EXPECT_FALSE(attempts.record_failure("10.0.0.1", now));
  for (int i = 10; i < 12; ++i) EXPECT_TRUE(attempts.record_failure("10.0.0." + std::to_string(i), now));
  EXPECT_EQ(attempts.addresses(), 3U);
  EXPECT_FALSE(attempts.record_failure("10.0.0.1", now));
  EXPECT_TRUE(attempts.record_failure("10.0.0.2", now));
}

TEST(AttemptsTest, NeighboursInOneIpv6NetworkCountAsOne) {
  EXPECT_EQ(attempt_key("2001:db8:1:2::1"), attempt_key("2001:db8:1:2:ffff::9"));
  EXPECT_NE(attempt_key("2001:db8:1:2::1"), attempt_key("2001:db8:1:3::1"));
  EXPECT_NE(attempt_key("10.0.0.1"), attempt_key("10.0.0.2"));
  EXPECT_NE(attempt_key("::ffff:10.0.0.1"), attempt_key("::ffff:10.0.0.2"));
}

}  // namespace
}  // namespace billing::identity
