// The description and the binary say the same.
#include "gateway/api/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "gateway/api/commands.h"
#include "gateway/api/json_input.h"
#include "gateway/api/read_testing.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

namespace billing::api {
namespace {

using testing::HasSubstr;
using testing::Not;

std::optional<JsonValue> member(JsonValue object, std::string_view key) {
  if (object.size() == 0) return std::nullopt;
  JsonValue at = object.first();
  for (std::size_t i = 0; i < object.size(); ++i, at = at.next())
    if (at.key() == key) return at;
  return std::nullopt;
}
std::set<std::string> keys_of(JsonValue object) {
  std::set<std::string> keys;
  if (object.size() == 0) return keys;
  JsonValue at = object.first();
  for (std::size_t i = 0; i < object.size(); ++i, at = at.next()) keys.emplace(at.key());
  return keys;
}

TEST(OpenapiTest, RoutesAndDescriptionAreTheSameSet) {
  test::ReadService service;
  const http::Router router = service.router();
  std::set<std::string> served;
  for (const http::Route* route : router.routes()) served.insert(route->method + " " + route->pattern);

  JsonParser parser;
  const auto document = parser.parse(openapi_json());
  ASSERT_TRUE(document.has_value());
  const JsonValue paths = *member(*document, "paths");
  std::set<std::string> described;
  JsonValue path = paths.first();
  for (std::size_t i = 0; i < paths.size(); ++i, path = path.next())
    for (const auto& method : keys_of(path))
      described.insert((method == "get" ? "GET " : method == "post" ? "POST " : "?? ") + std::string(path.key()));
  EXPECT_EQ(served, described);
}

TEST(OpenapiTest, EveryCommandHasItsSchemaAndEveryCodeIsListed) {
  JsonParser parser;
  const auto document = parser.parse(openapi_json());
  ASSERT_TRUE(document.has_value());
  const JsonValue schemas = *member(*member(*document, "components"), "schemas");
  const auto names = keys_of(schemas);
  for (const auto& kind : command_kinds()) EXPECT_TRUE(names.contains(std::string(kind.name))) << kind.name;

  const JsonValue codes = *member(*member(*member(*member(schemas, "Problem"), "properties"), "code"), "enum");
  std::set<std::string_view> listed;
  JsonValue code = codes.first();
  for (std::size_t i = 0; i < codes.size(); ++i, code = code.next()) listed.insert(code.text());
#define X(name, text, kind, title) EXPECT_TRUE(listed.contains(text)) << text;
  BILLING_ERROR_CODES(X)
#undef X
}

TEST(OpenapiTest, TheDescriptionAndItsPageAreOpenAndSelfContained) {
  test::ReadService service;
  http::ClientOptions options;
  options.port = service.port();
  http::Client client(options);
  const auto json = client.request("GET", "/openapi.json");
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->body, openapi_json());
  const auto page = client.request("GET", "/docs");
  ASSERT_TRUE(page.has_value());
  const std::string policy(page->header("Content-Security-Policy"));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  // The policy names the script and the style by their content, and there is one of each.
  const auto content = [&](std::string_view name) {
    const std::string begin = "<" + std::string(name) + ">";
    const auto from = page->body.find(begin) + begin.size();
    EXPECT_EQ(page->body.find(begin, from), std::string::npos) << name;
    const auto digest = crypto::sha256(std::string_view(page->body).substr(from, page->body.find("</" + std::string(name) + ">", from) - from));
    return "'sha256-" + crypto::base64(digest) + "'";
  };
  EXPECT_THAT(policy, HasSubstr("script-src " + content("script") + ";"));
  EXPECT_THAT(policy, HasSubstr("style-src " + content("style") + ";"));
  EXPECT_THAT(page->body, Not(HasSubstr("@OPENAPI@")));
  EXPECT_THAT(page->body, Not(testing::ContainsRegex("(src|href)=\"https?:")));
}

TEST(OpenapiTest, ADescriptionIsSentCompressedToWhoTakesIt) {
  test::ReadService service;
  for (const auto* path : {"/openapi.json", "/docs"}) {
    const auto plain = service.request("GET", path);
    const auto packed = service.request("GET", path, {}, {{"Accept-Encoding", "br, gzip"}});
    EXPECT_EQ(plain.header("Content-Encoding"), "") << path;
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip") << path;
    EXPECT_EQ(packed.header("Vary"), "Accept-Encoding") << path;
    EXPECT_LT(packed.body.size() * 8, plain.body.size()) << path;
    EXPECT_TRUE(packed.body.starts_with("\x1F\x8B")) << path;
  }
}

}  // namespace
}  // namespace billing::api
