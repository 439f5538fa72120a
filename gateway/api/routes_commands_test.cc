// The POST routes over a real server and a real ledger.
#include "gateway/api/routes_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "gateway/api/api_testing.h"

namespace billing::api {
namespace {

using test::open_account;
using test::Service;
using test::test_id;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string payment(const std::string& amount, const std::string& rest = {}) {
  return R"({"account":")" + test_id("acc", 1) + R"(","amount":{"amount":")" + amount +
         R"(","currency":"USD"},"method":"card")" + rest + "}";
}

TEST(RoutesCommandsTest, ANewObjectIsAnsweredWithItsPlaceAndVersion) {
  Service service;
  open_account(service);
  const http::Response response = service.post("/v1/payments", payment("12.50"));
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.header("ETag"), "\"1\"");
  EXPECT_EQ(response.header("Ledger-Position"), std::to_string(service.log().head().position));
  EXPECT_THAT(std::string(response.header("Location")), StartsWith("/v1/payments/pay_"));
  EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response.header("Cache-Control"), "no-store");
  EXPECT_THAT(response.body, HasSubstr(R"("version":1,"repeated":false,"id":"pay_)"));
  EXPECT_THAT(response.body, HasSubstr("payment.Recorded"));
}

TEST(RoutesCommandsTest, ARepeatGetsTheSameAnswerAndAddsNothing) {
  Service service;
  open_account(service);
  const std::vector<http::Pair> key = {{"Idempotency-Key", "once"}};
  const http::Response first = service.post("/v1/payments", payment("1"), key);
  const Position head = service.log().head().position;
  http::Response again = service.post("/v1/payments", "  " + payment("1"), key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_THAT(again.body, HasSubstr(R"("repeated":true)"));
  EXPECT_EQ(service.log().head().position, head);
  const http::Response other = service.post("/v1/payments", payment("2"), key);
  EXPECT_EQ(other.status, 422);
  EXPECT_THAT(other.body, HasSubstr("idempotency-key-reused"));
}

TEST(RoutesCommandsTest, ACommandOfARouteAndOfABatchAreTheSame) {
  Service service;
  open_account(service);
  const std::string path = "/v1/accounts/" + test_id("acc", 1) + "/rename";
  EXPECT_EQ(service.post(path, R"({"name":"Other"})", {{"Idempotency-Key", "r"}}).status, 200);
  const auto lines = service.batch(R"({"id":"r","command":"account.rename","body":{"name":"Other","account":")" +
                                   test_id("acc", 1) + "\"}}");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr(R"("repeated":true)"));
}

TEST(RoutesCommandsTest, TheKeyOfTheCommandIsRequiredAndStrict) {
  Service service;
  http::Client client = service.client();
  const http::Pair bearer{"Authorization", "Bearer " + service.key()};
  EXPECT_THAT(client.request("POST", "/v1/payments", {bearer}, "{}")->body, HasSubstr("missing-idempotency-key"));
  EXPECT_EQ(client.request("POST", "/v1/payments", {bearer, {"Idempotency-Key", "a b"}}, "{}")->status, 400);
  EXPECT_EQ(client.request("POST", "/v1/payments", {bearer, {"Idempotency-Key", std::string(256, 'k')}}, "{}")->status,
            400);
  EXPECT_EQ(client.request("POST", "/v1/payments", {bearer, {"Idempotency-Key", "a"}, {"idempotency-key", "a"}}, "{}")
                ->status, 400);
}

TEST(RoutesCommandsTest, NothingIsDoneWithoutTheBearerKey) {
  Service service;
  open_account(service);
  const Position head = service.log().head().position;
  http::Client client = service.client();
  for (const CommandRoute& route : command_routes()) {
    std::string path(route.pattern);
    std::erase_if(path, [](char c) { return c == '{' || c == '}'; });
    const auto response = client.request("POST", path, {{"Idempotency-Key", "k"}}, "{}");
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 401) << route.pattern;
    EXPECT_EQ(response->header("WWW-Authenticate"), "Bearer realm=\"billing\"");
  }
  EXPECT_EQ(client.request("POST", kBatchPattern, {}, "{}\n")->status, 401);
  const http::Pair bearer{"Authorization", "Bearer " + service.key()};
  EXPECT_EQ(client.request("POST", "/v1/payments", {bearer, bearer, {"Idempotency-Key", "k"}}, payment("1"))->status,
            400);
  EXPECT_EQ(service.log().head().position, head);
}

TEST(RoutesCommandsTest, IfMatchTakesTheVersionThatWasRead) {
  Service service;
  open_account(service);
  const std::string path = "/v1/accounts/" + test_id("acc", 1) + "/rename";
  const auto rename = [&](const std::string& name, const std::string& tag) {
    return service.post(path, R"({"name":")" + name + "\"}", {{"If-Match", tag}});
  };
  const http::Response renamed = rename("One", "\"1\"");
  EXPECT_EQ(renamed.status, 200);
  EXPECT_EQ(renamed.header("ETag"), "\"2\"");
  EXPECT_EQ(renamed.header("Location"), "");
  EXPECT_EQ(rename("Two", "\"1\"").status, 412);
  for (const std::string tag : {"2", "W/\"2\"", "*", "\"2\", \"3\"", "\"\"", "\"x\"", "\"02\""})
    EXPECT_EQ(rename("Two", tag).status, 400) << tag;
  EXPECT_EQ(rename("Two", "\"0\"").status, 412) << "no object was ever at it";
  EXPECT_EQ(rename("Two", "\"2\"").status, 200);
  EXPECT_EQ(service.post("/v1/payments", payment("1"), {{"If-Match", "\"1\""}}).status, 400);
}

TEST(RoutesCommandsTest, ThePathSaysWhichObjectAndTheBodyMayNot) {
  Service service;
  open_account(service);
  const std::string account = test_id("acc", 1);
  const std::string path = "/v1/accounts/" + account;
  EXPECT_THAT(service.post(path + "/rename", R"({"name":"N","account":")" + account + "\"}").body,
              HasSubstr(R"("code":"unknown-field","pointer":"/account")"));
  EXPECT_THAT(service.post("/v1/accounts/acc_1/rename", R"({"name":"N"})").body, HasSubstr("invalid-id"));
  EXPECT_EQ(service.post("/v1/accounts/" + test_id("acc", 9) + "/rename", R"({"name":"N"})").status, 404);
  EXPECT_EQ(service.post(path + "/close", "").status, 200);
  EXPECT_EQ(service.post(path + "/close", "[]").status, 422);
  EXPECT_EQ(service.post(path + "/close", "{").status, 400);
}

TEST(RoutesCommandsTest, ARefusalOfTheDeciderIsAProblem) {
  Service service;
  open_account(service);
  const http::Response response = service.post("/v1/payments", payment("0"));
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_THAT(response.body, HasSubstr(R"("code":"amount-not-positive")"));
}

TEST(RoutesCommandsTest, AGroupIsFoundWithItsGrouping) {
  Service service;
  open_account(service);
  const http::Response made =
      service.post("/v1/groupings", R"({"customer":")" + test_id("cus", 1) + R"(","name":"Regions"})");
  const std::string place(made.header("Location"));
  EXPECT_THAT(place, StartsWith("/v1/groupings/gpg_"));
  const http::Response group = service.post(place + "/groups", R"({"name":"North"})");
  EXPECT_EQ(group.status, 201);
  EXPECT_EQ(group.header("Location"), place);
  EXPECT_THAT(group.body, HasSubstr(R"("id":"grp_)"));
}

TEST(RoutesCommandsTest, ADraftIsFilledAndIssued) {
  Service service;
  open_account(service);
  const std::string account = test_id("acc", 1);
  const http::Response draft =
      service.post("/v1/invoices/drafts", R"({"currency":"USD","account":")" + account + "\"}");
  EXPECT_EQ(draft.status, 201) << draft.body;
  const std::string place(draft.header("Location"));
  EXPECT_THAT(place, StartsWith("/v1/invoices/inv_"));
  const http::Response lines = service.post(
      place + "/lines", R"({"currency":"USD","lines":[{"service_account":")" + account + R"(","net":"10.00"}]})");
  EXPECT_EQ(lines.status, 200) << lines.body;
  const http::Response issued = service.post(place + "/issue", "");
  EXPECT_EQ(issued.status, 200) << issued.body;
  EXPECT_THAT(issued.body, HasSubstr("invoice.Issued"));
}

TEST(RoutesCommandsTest, EachNewKindOfObjectHasItsPlace) {
  Service service;
  open_account(service);
  const std::string account = R"({"account":")" + test_id("acc", 1) + R"(",)";
  const std::string ten = R"("amount":{"amount":"10","currency":"USD"})";
  const auto place = [&](const std::string& path, const std::string& body) {
    const http::Response response = service.post(path, account + body + "}");
    EXPECT_EQ(response.status, 201) << path << ": " << response.body;
    return std::string(response.header("Location"));
  };
  EXPECT_THAT(place("/v1/deposits", ten + R"(,"method":"wire")"), StartsWith("/v1/deposits/dep_"));
  const std::string line = R"({"service_account":")" + test_id("acc", 1) + R"(","net":"10"})";
  EXPECT_THAT(place("/v1/invoices", R"("currency":"USD","lines":[)" + line + "]"), StartsWith("/v1/invoices/inv_"));
  EXPECT_THAT(place("/v1/plans", ten + R"(,"kind":"promise","instalments":[{"due":"2026-12-01","amount":"10"}])"),
              StartsWith("/v1/plans/pln_"));
  EXPECT_THAT(place("/v1/payment-methods", R"("kind":"card","token":"tok_1","brand":"visa","last_four":"4242",
                                              "expires":"2028-05")"), StartsWith("/v1/payment-methods/pmt_"));
  EXPECT_THAT(place("/v1/payments/requests", ten + R"(,"method":"card")"), StartsWith("/v1/payments/pay_"));
  const std::string payment = place("/v1/payments", ten + R"(,"method":"card")");
  const http::Response refund = service.post(payment + "/refunds", "{" + ten + "}");
  EXPECT_EQ(refund.status, 201) << refund.body;
  EXPECT_EQ(refund.header("Location"), payment);
  EXPECT_THAT(refund.body, HasSubstr(R"("id":"rfd_)"));
}

TEST(RoutesCommandsTest, AReportThatCannotBeBookedIsAnsweredWithItsPlaceInTheQueue) {
  Service service;
  open_account(service);
  const std::string money = R"("amount":{"amount":"10","currency":"USD"})";
  const http::Response receipt = service.post("/v1/receipts", R"({"method":"wire",)" + money + "}");
  EXPECT_EQ(receipt.status, 201) << receipt.body;
  EXPECT_THAT(std::string(receipt.header("Location")), StartsWith("/v1/unbooked/ubk_"));
  const http::Response chargeback = service.post("/v1/payments/" + test_id("pay", 7) + "/chargebacks",
                                                 R"({"code":"10.4",)" + money + "}");
  EXPECT_EQ(chargeback.status, 201) << chargeback.body;
  EXPECT_THAT(chargeback.body, HasSubstr(R"("id":"ubk_)"));
}

TEST(RoutesCommandsTest, AReportTakesNoVersion) {
  Service service;
  open_account(service);
  const http::Response response = service.post("/v1/payments/" + test_id("pay", 7) + "/returns", R"({"code":"NSF"})",
                                               {{"If-Match", "\"1\""}});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("If-Match"));
}

TEST(RoutesCommandsTest, ThePeriodOfThePathIsAMonth) {
  Service service;
  EXPECT_THAT(service.post("/v1/periods/2026-13/close", "").body,
              HasSubstr(R"("code":"invalid-date","pointer":"/period")"));
  const http::Response early = service.post("/v1/periods/2026-11/close", "");
  EXPECT_EQ(early.status, 409) << early.body;
}

TEST(RoutesCommandsTest, ANumberOfACardIsRefusedAndNotRepeated) {
  Service service;
  open_account(service);
  const http::Response response = service.post(
      "/v1/payment-methods", R"({"kind":"card","token":"4242 4242 4242 4242","brand":"visa","last_four":"4242",
                                 "expires":"2028-05","account":")" + test_id("acc", 1) + "\"}");
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(response.body, HasSubstr(R"("code":"card-number")"));
  EXPECT_THAT(response.body, Not(HasSubstr("4242 4242")));
}

TEST(RoutesCommandsTest, EveryCommandHasARoute) {
  std::set<std::string_view> commands;
  for (const CommandRoute& route : command_routes()) {
    EXPECT_NE(find_command(route.command), nullptr) << route.command;
    commands.insert(route.command);
  }
  EXPECT_EQ(commands.size(), command_kinds().size());
}

}  // namespace
}  // namespace billing::api
