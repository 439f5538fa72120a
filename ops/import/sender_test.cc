#include "ops/import/sender.h"

#include <gtest/gtest.h>

namespace billing::import {
namespace {

TEST(Answer, TellsNewFromRepeated) {
  const auto fresh = parse_answer(R"({"id":"a-1","status":201,"position":7,"version":1,"object_id":"acc_x"})");
  ASSERT_TRUE(fresh);
  EXPECT_TRUE(fresh->accepted);
  EXPECT_FALSE(fresh->repeated);
  EXPECT_EQ(fresh->id, "a-1");
  EXPECT_EQ(fresh->position, 7U);
  EXPECT_TRUE(parse_answer(R"({"id":"a-1","status":200,"position":7,"version":1,"repeated":true})")->repeated);
}

TEST(Answer, GivesCodeReasonAndPlaceOfARefusal) {
  const auto answer = parse_answer(
      R"({"id":"a","line":3,"status":404,"problem":{"title":"No such account","code":"unknown-account","pointer":"/body/account"}})");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->accepted);
  EXPECT_EQ(answer->refusal.code, "unknown-account");
  EXPECT_EQ(answer->refusal.detail, "No such account (at /body/account)");
}

TEST(Answer, AnythingElseIsRefused) {
  for (const auto* line : {"", "{}", "[]", "nonsense", R"({"id":"a"})", R"({"status":422})", R"({"status":99})"})
    EXPECT_FALSE(parse_answer(line)) << line;
}

}  // namespace
}  // namespace billing::import
