// Questions as of a position, and of a day and a position, over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "gateway/api/read_testing.h"

namespace billing::api {
namespace {

using test::open_tree;
using test::ReadService;
using test::test_id;
using ::testing::HasSubstr;

const std::vector<std::string>& questions() {
  static const std::string customer = "customer=" + test_id("cus", 1), root = test_id("acc", 1);
  static const std::vector<std::string> all{
      "/v1/customers",
      "/v1/accounts/" + root,
      "/v1/accounts/" + root + "?as_of=2026-10-20",
      "/v1/accounts/" + root + "/hierarchy",
      "/v1/invoices?" + customer,
      "/v1/payments?" + customer,
      "/v1/activity?" + customer,
      "/v1/reports/ageing?" + customer,
      "/v1/reports/ageing?as_of=2026-10-20&" + customer,
      "/v1/reports/open-items?format=csv&" + customer,
      "/v1/reports/monthly?from=2026-09&to=2026-11&" + customer,
      "/v1/reports/statement?from=2026-10-01&to=2026-11-30&account=" + root + "&subtree=true",
      "/v1/reports/trial-balance"};
  return all;
}

std::string at(const std::string& target, Position position) {
  return target + (target.find('?') == std::string::npos ? "?" : "&") + "position=" + std::to_string(position);
}

// A payment, a name, and an invoice that is dated back.
void go_on(ReadService& service, std::uint64_t n) {
  service.post("/v1/payments", R"({"account":")" + test_id("acc", 2) +
                                   R"(","amount":{"amount":"1.00","currency":"USD"},"method":"wire"})");
  service.post("/v1/accounts/" + test_id("acc", 3) + "/rename", R"({"name":"New name )" + std::to_string(n) + "\"}");
  service.post("/v1/invoices", R"({"account":")" + test_id("acc", 2) +
                                   R"(","currency":"USD","document_date":"2026-10-01","due_date":"2026-10-15",)"
                                   R"("lines":[{"service_account":")" +
                                   test_id("acc", 2) + R"(","description":"Plan","net":"7.00"}]})");
}

TEST(ReadPositionTest, AnAnswerAsOfAPositionIsTheBytesThatWereGivenThen) {
  ReadService service;
  open_tree(service);
  std::vector<std::pair<Position, std::vector<http::Response>>> then;
  for (std::uint64_t round = 0; round < 3; ++round) {
    auto& [position, answers] = then.emplace_back(service.log().head().position, std::vector<http::Response>{});
    for (const std::string& question : questions()) {
      answers.push_back(service.get(question));
      ASSERT_EQ(answers.back().status, 200) << question << answers.back().body;
    }
    go_on(service, round);
  }
  std::size_t changed = 0;
  for (const auto& [position, answers] : then) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto again = service.request("GET", at(questions()[i], position));
      EXPECT_EQ(again.status, 200) << again.body;
      EXPECT_EQ(again.body, answers[i].body) << questions()[i];
      EXPECT_EQ(again.header("Ledger-Position"), std::to_string(position));
      EXPECT_EQ(again.header("ETag"), answers[i].header("ETag"));
      if (service.get(questions()[i]).body != again.body) ++changed;
    }
  }
  EXPECT_GE(changed, 3 * (questions().size() - 3));  // later events do change what is asked here
}

TEST(ReadPositionTest, WhatWasNotYetThereIsNotFound) {
  ReadService service;
  open_tree(service);
  const auto before = service.request("GET", at("/v1/accounts/" + test_id("acc", 3), 2));
  EXPECT_EQ(before.status, 404);
  EXPECT_THAT(before.body, HasSubstr("unknown-account"));
  EXPECT_EQ(service.request("GET", at("/v1/accounts/" + test_id("acc", 1), 2)).status, 200);
}

TEST(ReadPositionTest, APositionThatMakesNoSenseIsRefused) {
  ReadService service;
  open_tree(service);
  for (const char* query : {"position=0", "position=-1", "position=last", "position=", "position=2&position=2"}) {
    const auto response = service.request("GET", std::string("/v1/customers?") + query);
    EXPECT_EQ(response.status, 422) << query;
    EXPECT_THAT(response.body, HasSubstr("position")) << query;
  }
  const auto both = service.request("GET", "/v1/customers?position=2&min_position=1");
  EXPECT_EQ(both.status, 422);
  EXPECT_THAT(both.body, HasSubstr("leave out min_position"));
  EXPECT_EQ(service.request("GET", "/v1/customers?position=2", {}, {{"Ledger-Position", "1"}}).status, 422);
  const auto later = service.request("GET", at("/v1/customers", service.log().head().position + 1));
  EXPECT_EQ(later.status, 504);
  EXPECT_THAT(later.body, HasSubstr("position-not-reached"));
  EXPECT_EQ(service.request("GET", "/v1/events?position=2").status, 422);  // the feed is the log itself
}

TEST(ReadPositionTest, AJobThatTakesLongerThanTheWaitGoesOnAndIsThereWhenAskedAgain) {
  ReadService service({.position_wait = std::chrono::milliseconds(50)});
  open_tree(service);
  go_on(service, 1);
  service.get("/v1/customers");  // the views are there, and their first checkpoint
  service.checkpoints_held() = true;
  const auto early = service.request("GET", at("/v1/customers", 5));
  EXPECT_EQ(early.status, 503);
  EXPECT_THAT(early.body, HasSubstr("past-not-ready"));
  EXPECT_EQ(early.header("Retry-After"), "1");
  service.checkpoints_held() = false;
  http::Response response = early;
  for (int i = 0; i < 200 && response.status != 200; ++i) response = service.request("GET", at("/v1/customers", 5));
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.header("Ledger-Position"), "5");
}

TEST(ReadPositionTest, AWaitingQuestionHoldsNoThreadAndIsAnsweredWhenItsRowsAreThere) {
  ReadService service;
  open_tree(service);
  go_on(service, 1);
  service.get("/v1/customers");
  service.checkpoints_held() = true;
  std::vector<std::thread> waiting;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i) {  // more than the server has threads
    waiting.emplace_back([&] {
      if (service.request("GET", at("/v1/customers", 6)).status == 200) ++answered;
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(service.request("GET", "/v1/customers").status, 200);
  EXPECT_EQ(answered, 0);
  service.checkpoints_held() = false;
  for (auto& thread : waiting) thread.join();
  EXPECT_EQ(answered, 8);
}

TEST(ReadPositionTest, TooManyPositionsAtOnceAreTurnedAway) {
  ReadService service({.position_wait = std::chrono::milliseconds(1)}, true, {.waiting_max = 1});
  open_tree(service);
  go_on(service, 1);
  service.get("/v1/customers");
  service.checkpoints_held() = true;
  int refused = 0;
  for (const Position position : {Position{5}, Position{6}, Position{7}, Position{4}}) {
    const auto response = service.request("GET", at("/v1/customers", position));
    if (response.status == 429) ++refused;
  }
  service.checkpoints_held() = false;
  EXPECT_GE(refused, 2);
}

TEST(ReadPositionTest, PagesOfAPastListFollowEachOther) {
  ReadService service;
  open_tree(service);
  go_on(service, 1);
  const Position position = service.log().head().position;
  service.get("/v1/customers");
  go_on(service, 2);
  const std::string list = "/v1/payments?limit=1&customer=" + test_id("cus", 1);
  const auto first = service.request("GET", at(list, position));
  const std::string key = R"("next_cursor":")";
  const auto begin = first.body.find(key);
  ASSERT_NE(begin, std::string::npos) << first.body;
  const auto from = begin + key.size();
  const std::string cursor = first.body.substr(from, first.body.find('"', from) - from);
  const auto second = service.request("GET", at(list + "&cursor=" + cursor, position));
  EXPECT_THAT(second.body, HasSubstr(test_id("pay", 1)));
  EXPECT_THAT(second.body, HasSubstr(R"("next_cursor":null)"));
  EXPECT_EQ(second.header("Ledger-Position"), std::to_string(position));
}

}  // namespace
}  // namespace billing::api
