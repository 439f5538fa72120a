#include "gateway/api/read_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace billing::api {
namespace {

using testing::HasSubstr;

const std::string kAccount = "acc_00000000000000000000000001";
const std::string kGrouping = "gpg_00000000000000000000000001";
const std::string kGroup = "grp_00000000000000000000000001";
const std::string kCustomer = "cus_00000000000000000000000001";

http::Request with(std::vector<http::Pair> query) {
  http::Request request;
  request.query = std::move(query);
  return request;
}
template <class Ask>
Result<void> asking(std::vector<http::Pair> parameters, Ask ask) {
  const auto request = with(std::move(parameters));
  Query query(request);
  ask(query);
  return query.end();
}
Result<void> scope_of(std::vector<http::Pair> parameters) {
  return asking(std::move(parameters), [](Query& query) { query.scope(); });
}

TEST(QueryTest, AScopeIsExactlyOneOfItsForms) {
  EXPECT_TRUE(scope_of({{"customer", kCustomer}}).has_value());
  EXPECT_TRUE(scope_of({{"account", kAccount}}).has_value());
  EXPECT_TRUE(scope_of({{"account", kAccount}, {"subtree", "true"}}).has_value());
  EXPECT_TRUE(scope_of({{"grouping", kGrouping}, {"group", kGroup}}).has_value());
  for (const auto& bad : std::vector<std::vector<http::Pair>>{{},
                                                              {{"customer", kCustomer}, {"account", kAccount}},
                                                              {{"grouping", kGrouping}},
                                                              {{"group", kGroup}},
                                                              {{"customer", kCustomer}, {"subtree", "true"}}}) {
    const auto result = scope_of(bad);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Code::kInvalidParameter);
  }
}

TEST(QueryTest, ASubtreeIsNotTheAccountAlone) {
  const auto request = with({{"account", kAccount}, {"subtree", "true"}});
  Query query(request);
  EXPECT_EQ(query.scope().kind, views::ScopeKind::kSubtree);
}

TEST(QueryTest, WhatNobodyAskedForIsRefused) {
  const auto result = asking({{"as-of", "2026-01-01"}}, [](Query& query) { query.date("as_of"); });
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().detail, HasSubstr("as-of"));
}

TEST(QueryTest, ValuesAreStrict) {
  const auto code = [](std::vector<http::Pair> parameters, auto ask) {
    const auto result = asking(std::move(parameters), ask);
    return result ? std::string() : std::string(code_text(result.error().code));
  };
  const auto page = [](Query& query) { query.page(); };
  EXPECT_EQ(code({{"limit", "1000"}}, page), "");
  EXPECT_EQ(code({{"limit", "1001"}}, page), "invalid-parameter");
  EXPECT_EQ(code({{"limit", "0"}}, page), "invalid-parameter");
  EXPECT_EQ(code({{"limit", "1e2"}}, page), "invalid-parameter");
  EXPECT_EQ(code({{"limit", "-1"}}, page), "invalid-parameter");
  EXPECT_EQ(code({{"limit", "5"}, {"limit", "6"}}, page), "invalid-parameter");
  EXPECT_EQ(code({{"cursor", ""}}, page), "invalid-parameter");
  EXPECT_EQ(code({{"as_of", "2026-02-30"}}, [](Query& query) { query.date("as_of"); }), "invalid-date");
  EXPECT_EQ(code({{"account", kCustomer}}, [](Query& query) { query.scope(); }), "invalid-id");
  EXPECT_EQ(code({{"subtree", "yes"}}, [](Query& query) { query.flag("subtree"); }), "invalid-parameter");
}

TEST(QueryTest, FormatGoesBeforeTheAcceptHeader) {
  auto request = with({{"format", "json"}});
  request.headers = {{"Accept", "text/csv"}};
  EXPECT_FALSE(Query(request).csv());
  request.query.clear();
  EXPECT_TRUE(Query(request).csv());
}

}  // namespace
}  // namespace billing::api
