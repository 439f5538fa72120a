#include "gateway/http/router.h"

#include <gtest/gtest.h>

namespace billing::http {
namespace {

Handler nothing() {
  return [](Request, Reply) {};
}

Router sample() {
  Router router;
  router.add("GET", "/", nothing());
  router.add("GET", "/v1/accounts/{account_id}", nothing());
  router.add("PATCH", "/v1/accounts/{account_id}", nothing());
  router.add("GET", "/v1/accounts/search", nothing());
  router.add("POST", "/v1/accounts/{account_id}/children", nothing(), {.body_bytes_max = 10});
  router.add("GET", "/v1/groups/{grouping}/{group}", nothing());
  router.add("GET", "/portal/{path*}", nothing());
  router.add_stream("POST", "/v1/batches", [](Request, std::shared_ptr<Exchange>) {});
  return router;
}

std::string pattern(const Match& match) { return match.route == nullptr ? "" : match.route->pattern; }

TEST(Router, FindsLiteralsBeforeParameters) {
  const auto router = sample();
  EXPECT_EQ(pattern(router.find("GET", "/v1/accounts/search")), "/v1/accounts/search");
  EXPECT_EQ(pattern(router.find("GET", "/v1/accounts/acc_1")), "/v1/accounts/{account_id}");
  EXPECT_EQ(pattern(router.find("POST", "/v1/accounts/search/children")), "/v1/accounts/{account_id}/children");
  EXPECT_EQ(pattern(router.find("GET", "/")), "/");
  EXPECT_TRUE(std::holds_alternative<StreamHandler>(router.find("POST", "/v1/batches").route->handler));
}

TEST(Router, ParametersAreDecoded) {
  const auto match = sample().find("GET", "/v1/groups/a%20b/c%2Fd");
  const std::vector<Pair> wanted = {{"grouping", "a b"}, {"group", "c/d"}};
  EXPECT_EQ(match.parameters, wanted);
}

TEST(Router, TailsTakeTheRestOfThePath) {
  const auto router = sample();
  EXPECT_EQ(router.find("GET", "/portal/js/app.js").parameters.at(0).second, "js/app.js");
  EXPECT_EQ(router.find("GET", "/portal/").route, nullptr);
  EXPECT_EQ(router.find("GET", "/portal/a/../b").route, nullptr);
  EXPECT_EQ(router.find("GET", "/portal/a/%2e%2e/b").route, nullptr);
}

TEST(Router, PathsAreNotNormalised) {
  const auto router = sample();
  for (const auto* path : {"", "v1", "//", "/v1//accounts/x", "/v1/accounts/", "/v1/accounts/.", "/v1/accounts/..",
                           "/v1/accounts/%2e%2E", "/v1/accounts/x/../y", "/V1/accounts/x", "/v1/%61ccounts/x",
                           "/v1/accounts/%ff", "/v1/accounts/%00", "/v1/accounts/x/", "/v1/accounts/x/children/y"}) {
    const auto match = router.find("GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

TEST(Router, AnotherMethodIsToldWhichAreAllowed) {
  const auto match = sample().find("DELETE", "/v1/accounts/x");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, PATCH, OPTIONS");
}

TEST(Router, HeadIsFoundWhereGetIs) {
  EXPECT_EQ(pattern(sample().find("HEAD", "/v1/accounts/x")), "/v1/accounts/{account_id}");
  EXPECT_EQ(sample().find("HEAD", "/v1/batches").route, nullptr);
}

TEST(RouterDeathTest, TheSameRouteTwiceIsAProgrammerError) {
  auto router = sample();
  EXPECT_DEATH(router.add("GET", "/v1/accounts/{other}", nothing()), "");
}

}  // namespace
}  // namespace billing::http
