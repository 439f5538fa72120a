// Every body of the JSON test suite (y_ must be read, n_ must be refused as malformed, i_ is free) as a payment.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gateway/api/api_testing.h"
#include "gateway/api/commands.h"
#include "gateway/api/problem.h"

namespace billing::api {
namespace {

std::string suite_directory() {
  const char* const data = std::getenv("BILLING_TEST_DATA");
  const std::string root = data != nullptr ? data : std::string(BILLING_SOURCE_DIR) + "/../shared/data";
  return root + "/json/test_parsing";
}

std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void check_status(char kind, int status, const std::string& name) {
  if (kind == 'y') {
    EXPECT_EQ(status, 422) << name;  // read, and not a payment
  } else if (kind == 'n') {
    EXPECT_EQ(status, 400) << name;
  } else {
    EXPECT_TRUE(status == 400 || status == 422) << name << ' ' << status;
  }
}

TEST(JsonSuiteTest, EveryBodyIsReadOrRefusedAsItShould) {
  if (!std::filesystem::exists(suite_directory())) GTEST_SKIP() << "no test data";
  const auto keys = *codec::PersonKeys::open("");
  JsonParser parser;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(suite_directory())) {
    const std::string name = entry.path().filename();
    const auto body = parser.parse(slurp(entry.path()));
    const auto command = body ? parse_command("payment.record", *body, {*keys}) : std::unexpected(body.error());
    ASSERT_FALSE(command.has_value()) << name;
    check_status(name.front(), status_of(command.error()), name);
    ++files;
  }
  EXPECT_EQ(files, 318);
}

TEST(JsonSuiteTest, EveryBodyGetsTheSameOverHttp) {
  if (!std::filesystem::exists(suite_directory())) GTEST_SKIP() << "no test data";
  test::Service service;
  http::Client client = service.client();
  for (const auto& entry : std::filesystem::directory_iterator(suite_directory())) {
    const std::string name = entry.path().filename();
    const auto response = client.request(
        "POST", "/v1/payments", {{"Authorization", "Bearer " + service.key()}, {"Idempotency-Key", "k"}},
        slurp(entry.path()));
    ASSERT_TRUE(response.has_value()) << name;
    check_status(name.front(), response->status, name);
    EXPECT_EQ(response->content_type, "application/problem+json") << name;
  }
}

}  // namespace
}  // namespace billing::api
