#include "gateway/api/metrics_route.h"

#include <gtest/gtest.h>

#include "gateway/api/api_testing.h"

namespace billing::api {
namespace {

class MetricsRouteTest : public testing::Test {
 protected:
  MetricsRouteTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "billing-metrics-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    identity::AdminKeyOptions options;
    options.directory = directory_ + "/identity";
    options.key_file = directory_ + "/key";
    options.now = [] { return Instant{1}; };
    keys_ = *identity::AdminKey::open(std::move(options));
    std::ifstream(directory_ + "/key") >> key_;
  }
  ~MetricsRouteTest() override { std::filesystem::remove_all(directory_); }

  int ask(const std::string& address, std::vector<http::Pair> headers = {}, bool is_public = false) {
    http::Router router;
    add_metrics_route(router, Guard(*keys_), {[] { return std::string("up 1\n"); }, "text/plain", is_public});
    http::Request request;
    request.remote_address = address;
    request.headers = std::move(headers);
    int status = 0;
    std::get<http::Handler>(router.find("GET", "/metrics").route->handler)(
        std::move(request), [&](http::Response response) { status = response.status; });
    return status;
  }
  std::string directory_, key_;
  std::unique_ptr<identity::AdminKey> keys_;
};

TEST_F(MetricsRouteTest, CallersOfThisMachineNeedNoKey) {
  EXPECT_EQ(ask("127.0.0.1"), 200);
  EXPECT_EQ(ask("::1"), 200);
  EXPECT_EQ(ask("::ffff:127.0.0.1"), 200);
  EXPECT_EQ(ask("10.0.0.7"), 401);
}

TEST_F(MetricsRouteTest, AProxyOnThisMachineOpensNothing) {
  EXPECT_EQ(ask("127.0.0.1", {{"X-Forwarded-For", "10.0.0.7"}}), 401);
  EXPECT_EQ(ask("127.0.0.1", {{"forwarded", "for=10.0.0.7"}}), 401);
}

TEST_F(MetricsRouteTest, ABrowserThatAsksForAnotherSiteGetsNothingWithoutTheKey) {
  for (const char* host : {"localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]"}) {
    EXPECT_EQ(ask("127.0.0.1", {{"Host", host}}), 200) << host;
  }
  for (const char* host : {"evil.example", "127.evil.example:8080", "localhost.evil.example", "[::2]:8080"}) {
    EXPECT_EQ(ask("127.0.0.1", {{"Host", host}}), 401) << host;
  }
  EXPECT_EQ(ask("127.0.0.1", {{"Host", "evil.example"}, {"Authorization", "Bearer " + key_}}), 200);
}

TEST_F(MetricsRouteTest, TheKeyOpensItFromAnywhere) {
  EXPECT_EQ(ask("10.0.0.7", {{"Authorization", "Bearer " + key_}}), 200);
  EXPECT_EQ(ask("127.0.0.1", {{"Authorization", "Bearer wrong"}}), 401);
}

TEST_F(MetricsRouteTest, PublicIsForEverybody) { EXPECT_EQ(ask("10.0.0.7", {}, true), 200); }

}  // namespace
}  // namespace billing::api
