#include "gateway/api/welcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace billing::api {
namespace {

using testing::HasSubstr;
using testing::Not;

http::Response ask(std::string_view path, const std::string& accept, bool ready = true) {
  http::Router router;
  add_welcome_routes(router, "1.2.3", [ready] { return Health{.views_failed = !ready}; });
  const auto match = router.find("GET", path);
  http::Request request;
  request.parameters = match.parameters;
  if (!accept.empty()) request.headers.emplace_back("Accept", accept);
  http::Response out;
  std::get<http::Handler>(match.route->handler)(request, [&](http::Response r) { out = std::move(r); });
  return out;
}

TEST(WelcomeTest, ABrowserGetsAPageAndCurlGetsText) {
  const auto page = ask("/", "text/html,application/xhtml+xml,*/*;q=0.8");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("<h1>Billing Ledger 1.2.3</h1>"));
  for (const auto* link : {"href=\"/docs\"", "href=\"/readyz\"", "href=\"/openapi.json\""})
    EXPECT_THAT(page.body, HasSubstr(link));
  EXPECT_EQ(page.header("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
  for (const auto* accept : {"", "*/*", "application/json"}) {
    const auto text = ask("/", accept);
    EXPECT_EQ(text.content_type, "text/plain; charset=utf-8");
    EXPECT_THAT(text.body, HasSubstr("Billing Ledger 1.2.3\n"));
    EXPECT_THAT(text.body, HasSubstr("/docs"));
    EXPECT_THAT(text.body, Not(HasSubstr("<li>")));
  }
}

TEST(WelcomeTest, ItSaysWhetherTheServiceIsReady) {
  EXPECT_THAT(ask("/", "").body, HasSubstr("ready: GET"));
  EXPECT_THAT(ask("/", "").body, Not(HasSubstr("not ready")));
  EXPECT_THAT(ask("/", "", false).body, HasSubstr("not ready: GET"));
  EXPECT_THAT(ask("/", "text/html", false).body, HasSubstr("not ready"));
}

TEST(WelcomeTest, TheTypeOfAProblemLeadsToItsDocumentation) {
  const auto known = ask("/problems/account-closed", "");
  EXPECT_EQ(known.status, 303);
  EXPECT_EQ(known.header("Location"), "/docs#problem-account-closed");
  EXPECT_EQ(ask("/problems/nonsense", "").status, 404);
}

}  // namespace
}  // namespace billing::api
