#include "gateway/identity/first_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "gateway/identity/key_text.h"

namespace billing::identity {
namespace {

using testing::HasSubstr;
using testing::Not;

class FirstLoginTest : public testing::Test {
 protected:
  FirstLoginTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "billing-first-login-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    AdminKeyOptions options;
    options.directory = directory_;
    options.now = [] { return Instant{1'800'000'000'000'000}; };
    keys_ = *AdminKey::open(std::move(options));
    add_first_login(router_, *keys_);
  }
  ~FirstLoginTest() override { std::filesystem::remove_all(directory_); }

  http::Response open(const std::string& method, const std::string& token) {
    http::Request request;
    request.method = method;
    request.path = "/first-login";
    request.query = {{"token", token}};
    request.remote_address = "10.0.0.1";
    const http::Match match = router_.find(method, request.path);
    http::Response response;
    std::get<http::Handler>(match.route->handler)(request, [&](http::Response r) { response = std::move(r); });
    return response;
  }
  std::string token() const {
    const std::string path = *keys_->link_path();
    return path.substr(path.find('=') + 1);
  }

  std::string directory_;
  std::unique_ptr<AdminKey> keys_;
  http::Router router_;
};

TEST_F(FirstLoginTest, TheLinkShowsTheKeyOnce) {
  const std::string secret = token();
  const http::Response page = open("GET", secret);
  EXPECT_EQ(page.status, 200);
  const std::size_t at = page.body.find("blk_live_");
  ASSERT_NE(at, std::string::npos);
  EXPECT_TRUE(keys_->authenticate("Bearer " + page.body.substr(at, kKeyLength), "10.0.0.1").has_value());
  EXPECT_EQ(page.header("Cache-Control"), "no-store");
  EXPECT_THAT(std::string(page.header("Content-Security-Policy")), HasSubstr("default-src 'none'"));
  const http::Response again = open("GET", secret);
  EXPECT_EQ(again.status, 403);
  EXPECT_THAT(again.body, Not(HasSubstr("blk_live_")));
}

TEST_F(FirstLoginTest, ProgramsThatOnlyLookDoNotUseTheLinkUp) {
  const std::string secret = token();
  EXPECT_EQ(open("HEAD", secret).status, 200);
  EXPECT_THAT(open("GET", secret).body, HasSubstr("blk_live_"));
}

TEST_F(FirstLoginTest, GuessingIsSlowedDown) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(open("GET", make_token()).status, 403);
  const http::Response limited = open("GET", make_token());
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.header("Retry-After"), "60");
}

}  // namespace
}  // namespace billing::identity
