#include "ops/backup/instant.h"

#include <gtest/gtest.h>

namespace billing::ops {
namespace {

TEST(ParseInstant, ReadsWhatAnInstantWrites) {
  for (const std::int64_t micros : {std::int64_t{0}, std::int64_t{1'795'579'870'123'456}, std::int64_t{-1}}) {
    const Instant instant{micros};
    const auto parsed = parse_instant(instant.text());
    ASSERT_TRUE(parsed) << instant.text();
    EXPECT_EQ(parsed->micros, micros);
  }
}

TEST(ParseInstant, TakesAFractionOfAnyLengthOrNone) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:01Z")->micros, 1'000'000);
  EXPECT_EQ(parse_instant("1970-01-02T00:00:00.5Z")->micros, 86'400'500'000);
  EXPECT_EQ(parse_instant("1970-01-01T23:59:59.000001Z")->micros, 86'399'000'001);
}

TEST(ParseInstant, RefusesAnythingElse) {
  for (const char* text : {"", "2026-01-31", "2026-01-31T23:59:59", "2026-01-31T23:59:59+00:00", "2026-02-30T00:00:00Z",
                           "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z", "2026-01-31T23:59:60Z", "2026-01-31 23:59:59Z",
                           "2026-01-31T23:59:59.Z", "2026-01-31T23:59:59.1234567Z", "2026-01-31T-1:59:59Z",
                           "2026-01-31T23:59:59.-1Z"}) {
    const auto parsed = parse_instant(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kInvalidDate);
    EXPECT_TRUE(parsed.error().detail.starts_with(std::string(text) + " is not")) << parsed.error().detail;
  }
}

}  // namespace
}  // namespace billing::ops
