#include "gateway/api/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace billing::api {
namespace {

using testing::HasSubstr;

http::Response ask(const Health& health, std::string_view path = "/readyz") {
  http::Router router;
  add_health_routes(router, [health] { return health; });
  http::Response out;
  std::get<http::Handler>(router.find("GET", path).route->handler)({}, [&](http::Response r) { out = std::move(r); });
  return out;
}

TEST(HealthTest, ReadyWhenNothingFails) {
  const auto response = ask({.position = 10, .views_position = 10});
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"({"status":"ready")"));
  EXPECT_THAT(response.body, HasSubstr(R"("name":"store","status":"pass","state":"ready")"));
  EXPECT_THAT(response.body, HasSubstr(R"("state":"ready","checks")"));
}

TEST(HealthTest, TheStateSaysWhetherItMendsByItselfOrNeedsAnOperator) {
  const auto state = [](const Health& health) {
    const std::string body = ask(health).body;
    const auto at = body.find(R"("state":")") + 9;
    return body.substr(at, body.find('"', at) - at);
  };
  EXPECT_EQ(state({.starting = true}), "starting");
  EXPECT_EQ(state({.store_read_only = true}), "failed");
  EXPECT_EQ(state({.store_free_bytes = 5, .store_free_floor_bytes = 6}), "degraded");
  EXPECT_EQ(state({.views_failed = true}), "failed");
  EXPECT_EQ(state({.views_failing = true}), "degraded");
  EXPECT_EQ(state({.views_rebuilding = true}), "starting");
  EXPECT_EQ(state({.views_lag_seconds = 6}), "degraded");
  EXPECT_EQ(state({.draining = true, .store_read_only = true}), "draining");
  EXPECT_EQ(state({.publisher = PublisherHealth{.state = "halted", .halted = true}}), "degraded") << "it refuses nobody";
  EXPECT_EQ(state({.publisher = PublisherHealth{.state = "publishing"}}), "ready");
}

TEST(HealthTest, AServiceThatStartsSaysHowFarItIsAndNothingElse) {
  http::Router router;
  add_starting_routes(router, [] {
    return Health{.starting = true, .starting_with = "folding the ledger", .starting_done = 3, .starting_of = 9};
  });
  http::Response out;
  std::get<http::Handler>(router.find("GET", "/readyz").route->handler)({}, [&](http::Response r) { out = std::move(r); });
  EXPECT_EQ(out.status, 503);
  EXPECT_THAT(out.body, HasSubstr(R"("state":"starting","progress":{"done":3,"of":9})"));
  EXPECT_THAT(out.body, HasSubstr("starting: folding the ledger"));
  EXPECT_THAT(out.body, testing::Not(HasSubstr("views")));
  for (const char* path : {"/", "/v1/customers", "/docs", "/metrics"}) {
    EXPECT_NE(router.find("GET", path).route, nullptr) << path;
  }
  EXPECT_NE(router.find("POST", "/v1/batches").route, nullptr);
}

TEST(HealthTest, EachFailureMakesItUnready) {
  for (const Health& health :
       {Health{.starting = true}, Health{.draining = true}, Health{.store_read_only = true},
        Health{.store_free_bytes = 5, .store_free_floor_bytes = 6},
        Health{.views_lag_seconds = 5.5}, Health{.views_lag_seconds = 1.5, .views_lag_seconds_max = 1}, Health{.views_failing = true}, Health{.views_failed = true},
        Health{.views_rebuilding = true}}) {
    const auto response = ask(health);
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, HasSubstr(R"("status":"not_ready")"));
    EXPECT_THAT(response.body, HasSubstr(R"("status":"fail")"));
  }
}

TEST(HealthTest, AFullStoreSaysHowMuchIsNeededAndWhichSettingSaysSo) {
  const auto full = ask({.store_free_bytes = std::uint64_t{3} << 20U, .store_free_floor_bytes = std::uint64_t{64} << 20U});
  EXPECT_THAT(full.body, HasSubstr("full: 3 MiB free, at least 64 MiB needed (store.free_space_floor_mb)"));
}

TEST(HealthTest, ViewsMayBeAsFarBehindAsTheSettingSays) {
  EXPECT_EQ(ask({.views_lag_seconds = 59, .views_lag_seconds_max = 60}).status, 200);
}

TEST(HealthTest, APublisherInTroubleWarnsOnly) {
  Health health;
  health.publisher = PublisherHealth{.state = "halted", .lag_events = 7, .lag_seconds = 1.5, .halted = true};
  const auto halted = ask(health);
  EXPECT_EQ(halted.status, 200);
  EXPECT_THAT(halted.body, HasSubstr(R"("status":"warn","state":"failed","detail":"halted, 7 events and 2 s behind")"));
  health.publisher = PublisherHealth{.state = "publishing", .development_only = true};
  EXPECT_THAT(ask(health).body, HasSubstr(R"x("status":"warn","state":"degraded","detail":"publishing (development only)")x"));
  health.publisher = PublisherHealth{.state = "publishing"};
  EXPECT_THAT(ask(health).body, HasSubstr(R"("name":"publisher","status":"pass")"));
}

TEST(HealthTest, AliveWhateverTheStoreSays) {
  EXPECT_EQ(ask({.store_read_only = true}, "/livez").status, 200);
}

}  // namespace
}  // namespace billing::api
