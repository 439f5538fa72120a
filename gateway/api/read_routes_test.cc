// The GET routes over a real server, a real ledger and real views.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <thread>

#include "gateway/api/read_testing.h"

namespace billing::api {
namespace {

using test::open_tree;
using test::ReadService;
using test::test_id;
using testing::HasSubstr;
using testing::Not;

const std::string kAccount = "/v1/accounts/" + test_id("acc", 2);

std::string money(const std::string& name, const std::string& amount) {
  return "\"" + name + R"(":{"amount":")" + amount + R"(","currency":"USD"})";
}
std::string next_cursor(const std::string& body) {
  std::smatch found;
  return std::regex_search(body, found, std::regex(R"re("next_cursor":"([^"]+)")re")) ? found[1].str() : "";
}

TEST(ReadRoutesTest, AnAccountShowsWhatWasJustWritten) {
  ReadService service;
  open_tree(service);
  const auto response = service.get(kAccount);
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.header("ETag"), "\"1\"");
  EXPECT_EQ(response.header("Ledger-Position"), std::to_string(service.log().head().position));
  EXPECT_EQ(response.header("Cache-Control"), "no-store");
  EXPECT_THAT(response.body, HasSubstr(money("balance", "149.95")));
  EXPECT_THAT(response.body, HasSubstr(money("overdue", "149.95")));
  EXPECT_THAT(response.body, HasSubstr(R"("parent":")" + test_id("acc", 1) + "\""));
}

TEST(ReadRoutesTest, OverdueIsThatOfTheAskedDay) {
  ReadService service;
  open_tree(service);
  const auto before = service.get(kAccount + "?as_of=2026-10-31");
  EXPECT_THAT(before.body, HasSubstr(money("overdue", "0.00")));
  EXPECT_THAT(before.body, HasSubstr(R"("next_due_date":"2026-10-31")"));
  const auto after = service.get("/v1/reports/ageing?as_of=2026-11-18&account=" + test_id("acc", 2));
  EXPECT_THAT(after.body, HasSubstr(R"({"days_late":"1-30",)" + money("open", "149.95")));
}

TEST(ReadRoutesTest, TheSubtreeCountsWhatIsBelow) {
  ReadService service;
  open_tree(service);
  const std::string root = "/v1/accounts/" + test_id("acc", 1) + "/summary";
  EXPECT_THAT(service.get(root).body, HasSubstr(money("balance", "0.00")));
  EXPECT_THAT(service.get(root + "?subtree=true").body, HasSubstr(money("balance", "149.95")));
}

TEST(ReadRoutesTest, FiguresAreThoseOfTheAskedDay) {
  ReadService service;
  open_tree(service);
  const std::string root = "/v1/accounts/" + test_id("acc", 1);
  EXPECT_THAT(service.get(root + "/summary?subtree=true&as_of=2026-09-30").body, HasSubstr(money("balance", "0.00")));
  EXPECT_THAT(service.get(root + "/children?as_of=2026-09-30").body, Not(HasSubstr(money("billed", "249.95"))));
  EXPECT_THAT(service.get(root + "/children").body, HasSubstr(money("billed", "249.95")));
  EXPECT_THAT(service.get(root + "/hierarchy?as_of=2026-09-30").body, Not(HasSubstr(money("billed", "249.95"))));
  EXPECT_THAT(service.get(root + "/hierarchy").body, HasSubstr(money("billed", "249.95")));
}

TEST(ReadRoutesTest, AWalkInPartsGivesEveryNodeOnceAndParentsFirst) {
  ReadService service;
  open_tree(service);
  service.post("/v1/accounts", R"({"id":")" + test_id("acc", 4) + R"(","customer":")" + test_id("cus", 1) +
                                   R"(","number":"A-4","name":"Shop","parent":")" + test_id("acc", 2) + "\"}");
  const std::string path = "/v1/accounts/" + test_id("acc", 1) + "/hierarchy?limit=";
  for (const std::string limit : {"1", "2", "3", "100"}) {
    std::vector<std::string> seen;
    std::string cursor;
    do {
      const auto response = service.get(path + limit + (cursor.empty() ? "" : "&cursor=" + cursor));
      ASSERT_EQ(response.status, 200) << response.body;
      const std::regex node(R"re("depth":(\d+),"id":"acc_\w{22}(\w{4})")re");
      for (std::sregex_iterator at(response.body.begin(), response.body.end(), node), end; at != end; ++at)
        seen.push_back((*at)[1].str() + (*at)[2].str());
      cursor = next_cursor(response.body);
    } while (!cursor.empty() && seen.size() < 20);
    EXPECT_THAT(seen, testing::ElementsAre("00001", "10002", "20004", "10003")) << "limit " << limit;
  }
  EXPECT_THAT(service.get(path + "1&cursor=nonsense").body, HasSubstr("invalid-cursor"));
  EXPECT_THAT(service.get(path + "9&depth=1").body, Not(HasSubstr(test_id("acc", 4))));
}

TEST(ReadRoutesTest, ListsGoOnWithTheirCursor) {
  ReadService service;
  open_tree(service);
  const std::string path = "/v1/customers/" + test_id("cus", 1) + "/accounts";
  const auto first = service.get(path + "?limit=2");
  EXPECT_THAT(first.body, Not(HasSubstr("A-3")));
  const auto rest = service.get(path + "?limit=2&cursor=" + next_cursor(first.body));
  EXPECT_THAT(rest.body, HasSubstr("A-3"));
  EXPECT_THAT(rest.body, HasSubstr(R"("next_cursor":null)"));
  EXPECT_THAT(service.get(path + "?number=A-2").body, HasSubstr(test_id("acc", 2)));
  EXPECT_THAT(service.get(path + "?number=A-9").body, HasSubstr(R"("items":[])"));
}

TEST(ReadRoutesTest, DocumentsShowTheirLinesAndTheCreditThatReducedThem) {
  ReadService service;
  open_tree(service);
  const auto invoice = service.get("/v1/invoices/" + test_id("inv", 1));
  EXPECT_THAT(invoice.body, HasSubstr(R"("status":"overdue")"));
  EXPECT_THAT(invoice.body, HasSubstr(R"("source":"payment","source_id":")" + test_id("pay", 1)));
  EXPECT_THAT(invoice.body, HasSubstr(R"("description":"Plan")"));
  const auto payment = service.get("/v1/payments/" + test_id("pay", 1));
  EXPECT_THAT(payment.body, HasSubstr(R"("used":[{"invoice":")" + test_id("inv", 1)));
  EXPECT_THAT(service.get("/v1/invoices?status=overdue&customer=" + test_id("cus", 1)).body, HasSubstr(test_id("inv", 1)));
  EXPECT_THAT(service.get("/v1/invoices?status=paid&customer=" + test_id("cus", 1)).body, HasSubstr(R"("items":[])"));
}

TEST(ReadRoutesTest, AMisspeltParameterIsRefused) {
  ReadService service;
  open_tree(service);
  const auto response = service.get("/v1/invoices?acount=" + test_id("acc", 2));
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(response.body, HasSubstr("invalid-parameter"));
  EXPECT_THAT(response.body, HasSubstr("acount"));
}

TEST(ReadRoutesTest, ObjectsThatAreNotThereHaveCodesOfTheirOwn) {
  ReadService service;
  for (const auto& [path, code] : std::vector<std::pair<std::string, std::string>>{
           {"/v1/customers/" + test_id("cus", 9), "unknown-customer"},
           {"/v1/accounts/" + test_id("acc", 9) + "/hierarchy", "unknown-account"},
           {"/v1/invoices/" + test_id("inv", 9), "unknown-invoice"},
           {"/v1/credit-notes/" + test_id("crn", 9), "unknown-credit-note"},
           {"/v1/payments/" + test_id("pay", 9), "unknown-payment"},
           {"/v1/disputes/" + test_id("dsp", 9), "unknown-dispute"},
           {"/v1/groupings/" + test_id("gpg", 9), "unknown-grouping"},
           {"/v1/users/" + test_id("usr", 9), "unknown-user"}}) {
    const auto response = service.get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_THAT(response.body, HasSubstr("\"" + code + "\"")) << path;
  }
  EXPECT_THAT(service.get("/v1/accounts/acc_short").body, HasSubstr("invalid-id"));
}

TEST(ReadRoutesTest, NothingIsReadWithoutTheKey) {
  ReadService service;
  http::ClientOptions options;
  options.port = service.port();
  http::Client client(options);
  for (const auto* path : {"/v1/customers", "/v1/events", "/v1/reports/trial-balance"})
    EXPECT_EQ(client.request("GET", path)->status, 401) << path;
}

TEST(ReadRoutesTest, AViewThatDoesNotGetThereIsSaidAfterTheWait) {
  ReadService service({.position_wait = std::chrono::milliseconds(60)}, false);
  service.post("/v1/customers", R"({"name":"Ada","currency":"USD"})");
  const auto response = service.get("/v1/customers");
  EXPECT_EQ(response.status, 504);
  EXPECT_THAT(response.body, HasSubstr("position-not-reached"));
  EXPECT_EQ(service.request("GET", "/v1/customers").status, 200);
}

TEST(ReadRoutesTest, AReadWaitsUntilTheViewsHaveItsPosition) {
  ReadService service({}, false);
  service.post("/v1/customers", R"({"name":"Ada","currency":"USD"})");
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    service.start_views();
  });
  EXPECT_THAT(service.request("GET", "/v1/customers?min_position=1").body, HasSubstr("Ada"));
  later.join();
}

TEST(ReadRoutesTest, TheFeedGivesEventsInOrderAndWaitsForMore) {
  ReadService service;
  open_tree(service);
  const auto first = service.request("GET", "/v1/events?limit=2");
  EXPECT_THAT(first.body, HasSubstr("customer.Created"));
  EXPECT_THAT(first.body, HasSubstr(R"("next_after":2)"));
  const auto head = service.log().head().position;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    service.post("/v1/customers", R"({"name":"Late","currency":"USD"})");
  });
  const auto waited = service.request("GET", "/v1/events?wait=10&after=" + std::to_string(head));
  later.join();
  EXPECT_THAT(waited.body, HasSubstr("Late"));
  EXPECT_EQ(service.request("GET", "/v1/events?wait=21").status, 422);
}

TEST(ReadRoutesTest, AnAnswerOfTheFeedEndsEarlyWhereItWouldBeTooLargeAndTheNextGoesOnThere) {
  ReadService service;
  for (int i = 0; i < 700; ++i)
    service.post("/v1/customers", R"({"name":")" + std::string(150, 'n') + R"(","currency":"USD"})");
  const auto head = service.log().head().position;
  Position after = 0;
  int answers = 0;
  while (after < head && answers < 10) {
    const auto answer = service.request("GET", "/v1/events?limit=1000&after=" + std::to_string(after));
    ASSERT_EQ(answer.status, 200);
    EXPECT_LT(answer.body.size(), 300'000U);
    const auto at = answer.body.rfind(R"("next_after":)");
    ASSERT_NE(at, std::string::npos);
    const auto first = R"("position":)" + std::to_string(after + 1);
    EXPECT_THAT(answer.body.substr(0, 1'000), HasSubstr(first));  // no gap
    after = std::stoull(answer.body.substr(at + 13));
    ++answers;
  }
  EXPECT_EQ(after, head);
  EXPECT_GT(answers, 1);
}

TEST(ReadRoutesTest, ReportsAreCsvForSpreadsheetsThatRunNoFormula) {
  ReadService service;
  open_tree(service);
  service.post("/v1/invoices", R"({"account":")" + test_id("acc", 3) +
                                   R"(","currency":"USD","lines":[{"service_account":")" + test_id("acc", 3) +
                                   R"(","description":"Plan","net":"1.00"}]})");
  const std::string customer = "customer=" + test_id("cus", 1);
  const auto items = service.get("/v1/reports/open-items?format=csv&" + customer);
  EXPECT_EQ(items.status, 200);
  EXPECT_THAT(items.content_type, HasSubstr("text/csv"));
  EXPECT_THAT(items.body, HasSubstr("A-3,'=South,"));
  EXPECT_THAT(items.body, HasSubstr(",249.95,149.95,0.00,"));
  EXPECT_EQ(items.header("X-Content-Type-Options"), "nosniff");
  const auto monthly =
      service.get("/v1/reports/monthly?by=account&from=2026-10&to=2026-11&" + customer, {{"Accept", "text/csv"}});
  EXPECT_THAT(monthly.body, HasSubstr("2026-10," + test_id("acc", 2) + ",A-2,North,USD,249.95,"));
}

TEST(ReadRoutesTest, TheTrialBalanceBalances) {
  ReadService service;
  open_tree(service);
  const auto response = service.get("/v1/reports/trial-balance?currency=USD");
  EXPECT_THAT(response.body, HasSubstr(R"("balanced":true)"));
  EXPECT_THAT(response.body, HasSubstr(R"({"ledger":1100,)"));
  EXPECT_THAT(service.get("/v1/reports/trial-balance?currency=JPY").body, HasSubstr(R"("items":[])"));
}

TEST(ReadRoutesTest, AGroupingCountsAnAccountOfTwoGroupsOnce) {
  ReadService service;
  open_tree(service);
  const std::string grouping = "/v1/groupings/" + test_id("gpg", 1);
  service.post("/v1/groupings", R"({"id":")" + test_id("gpg", 1) + R"(","customer":")" + test_id("cus", 1) + R"(","name":"Regions"})");
  for (const std::uint64_t n : {1U, 2U}) {
    service.post(grouping + "/groups", R"({"id":")" + test_id("grp", n) + R"(","name":"G)" + std::to_string(n) + "\"}");
    service.post(grouping + "/groups/" + test_id("grp", n) + "/accounts", R"({"accounts":[")" + test_id("acc", 2) + "\"]}");
  }
  const auto response = service.get(grouping + "?totals=true");
  EXPECT_THAT(response.body, HasSubstr(R"("accounts":1,"totals":{)" + money("balance", "149.95")));
  EXPECT_THAT(response.body, Not(HasSubstr("299.90")));
  EXPECT_THAT(service.get(grouping + "/groups/" + test_id("grp", 2)).body, HasSubstr(money("balance", "149.95")));
}

}  // namespace
}  // namespace billing::api
