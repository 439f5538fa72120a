// Reports that are tables and the lists of what accounts have, over a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "gateway/api/read_testing.h"

namespace billing::api {
namespace {

using test::FixedClock;
using test::open_tree;
using test::ReadService;
using test::test_id;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kScope = "account=" + test_id("acc", 2);
const std::string kAccount = "/v1/accounts/" + test_id("acc", 2);

std::string money(const std::string& name, const std::string& amount) {
  return "\"" + name + R"(":{"amount":")" + amount + R"(","currency":"USD"})";
}
std::string next_cursor(const std::string& body) {
  std::smatch found;
  return std::regex_search(body, found, std::regex(R"re("next_cursor":"([^"]+)")re")) ? found[1].str() : "";
}

TEST(ReadTablesTest, AStatementBeginsAndEndsWithBalances) {
  ReadService service;
  open_tree(service);
  const std::string range = "&from=2026-10-02&to=2026-11-18";
  const auto json = service.get("/v1/reports/statement?" + kScope + range);
  ASSERT_EQ(json.status, 200) << json.body;
  EXPECT_THAT(json.body, HasSubstr(money("opening", "249.95")));
  EXPECT_THAT(json.body, HasSubstr(money("credit", "100.00")));
  EXPECT_THAT(json.body, HasSubstr(money("closing", "149.95")));
  const auto csv = service.get("/v1/reports/statement?format=csv&" + kScope + range);
  EXPECT_THAT(csv.body, StartsWith("posting_date,document_date,type,number,object,note,currency,debit,credit,balance,position\r\n"
                                   "2026-10-02,,opening,,,,USD,0.00,0.00,249.95,0\r\n"
                                   "2026-11-18,2026-11-18,payment.Recorded,"));
  EXPECT_THAT(csv.body, HasSubstr("2026-11-18,,closing,,,,USD,0.00,0.00,149.95,0\r\n"));
  EXPECT_THAT(csv.header("Content-Disposition"), HasSubstr("statement-2026-10-02-2026-11-18.csv"));
}

TEST(ReadTablesTest, AStatementInPartsHasEveryLineOnce) {
  ReadService service;
  open_tree(service);
  std::string cursor;
  std::vector<std::string> types;
  do {
    const auto page = service.get("/v1/reports/statement?limit=1&from=2026-09-01&subtree=true&account=" + test_id("acc", 1) +
                                  (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200) << page.body;
    std::smatch found;
    ASSERT_TRUE(std::regex_search(page.body, found, std::regex(R"re("type":"([^"]+)")re")));
    types.push_back(found[1]);
    cursor = next_cursor(page.body);
  } while (!cursor.empty() && types.size() < 9);
  EXPECT_THAT(types, testing::ElementsAre("invoice.Issued", "payment.Recorded"));
  EXPECT_EQ(service.get("/v1/reports/statement?cursor=zz&" + kScope).status, 422);
}

TEST(ReadTablesTest, TablesOfPaymentsAndInvoicesKeepToTheirDays) {
  ReadService service;
  open_tree(service);
  EXPECT_THAT(service.get("/v1/reports/payments?" + kScope).body, HasSubstr(money("amount", "100.00")));
  EXPECT_THAT(service.get("/v1/reports/payments?" + kScope).body, HasSubstr(R"("status":"succeeded")"));
  EXPECT_THAT(service.get("/v1/reports/payments?to=2026-11-17&from=2026-01-01&" + kScope).body, HasSubstr(R"("items":[])"));
  EXPECT_THAT(service.get("/v1/reports/invoices?from=2026-10-01&to=2026-10-01&" + kScope).body,
              HasSubstr(money("total", "249.95")));
  EXPECT_THAT(service.get("/v1/reports/invoices?" + kScope).body, HasSubstr(R"("items":[])"));  // this month's
  EXPECT_EQ(service.get("/v1/reports/invoices?from=2026-10-02&to=2026-10-01&" + kScope).status, 422);
}

TEST(ReadTablesTest, TaxesAndRevenueAreThoseOfTheRange) {
  ReadService service;
  open_tree(service);
  service.post("/v1/invoices",
               R"({"account":")" + test_id("acc", 3) + R"(","currency":"USD","lines":[{"service_account":")" + test_id("acc", 3) +
                   R"(","description":"Plan","net":"100.00","taxes":[{"authority":"EU","code":"VAT","rate":"0.2",)" +
                   R"("amount":"20.00"}],"service_period":{"from":"2026-11-01","to":"2027-11-01"}}]})");
  const std::string whole = "customer=" + test_id("cus", 1);
  EXPECT_THAT(service.get("/v1/reports/taxes?" + whole).body, HasSubstr(money("tax", "20.00")));
  EXPECT_THAT(service.get("/v1/reports/taxes?" + kScope).body, HasSubstr(R"("items":[])"));
  for (const std::string& scope : {whole, "account=" + test_id("acc", 3)}) {
    const auto csv = service.get("/v1/reports/revenue?format=csv&from=2026-10&to=2026-11&" + scope);
    EXPECT_THAT(csv.body, HasSubstr("2300,Deferred revenue,USD,0.00,100.00,0.00,0.00,100.00\r\n")) << scope;
  }
  EXPECT_THAT(service.get("/v1/reports/revenue?from=2026-10&to=2026-11&" + whole).body, HasSubstr(money("closing", "249.95")));
}

TEST(ReadTablesTest, CreditThatAccountsHoldIsListed) {
  ReadService service;
  open_tree(service);
  service.post("/v1/payments", R"({"account":")" + test_id("acc", 3) +
                                   R"(","amount":{"amount":"30.00","currency":"USD"},"method":"wire"})");
  const auto table = service.get("/v1/reports/credit-balances?format=csv&customer=" + test_id("cus", 1));
  EXPECT_THAT(table.body, HasSubstr("A-3,'=South,"));
  EXPECT_THAT(table.body, HasSubstr(",false,USD,30.00\r\n"));
  EXPECT_THAT(service.get("/v1/accounts/" + test_id("acc", 3) + "/credits").body, HasSubstr(money("amount", "30.00")));
  EXPECT_THAT(service.get(kAccount + "/credits").body, HasSubstr(R"("items":[])"));
}

TEST(ReadTablesTest, AnAccountSaysWhatItOwesAndHowItStands) {
  ReadService service;
  open_tree(service);
  const auto owed = service.get(kAccount + "/owed?as_of=2026-12-10");
  EXPECT_THAT(owed.body, HasSubstr(money("open", "149.95")));
  EXPECT_THAT(owed.body, HasSubstr(R"("days_overdue":40,"stage":2,"billing_flag":true,"payer":null)"));
  EXPECT_THAT(owed.body, HasSubstr(R"("stages":{"days":[30,40,50],"billing_flag_from":2})"));
  EXPECT_THAT(owed.body, HasSubstr(money("suspended", "0.00")));
  EXPECT_THAT(service.get(kAccount + "/owed?as_of=2026-10-31").body, HasSubstr(R"("stage":0)"));
  const auto together = service.get("/v1/accounts/" + test_id("acc", 1) + "/owed?subtree=true&as_of=2026-12-10");
  EXPECT_THAT(together.body, HasSubstr(money("open", "149.95")));
  EXPECT_THAT(together.body, HasSubstr(R"("days_overdue":null,"stage":null,"billing_flag":null)"));
  const auto standing = service.get(kAccount + "/standing");
  EXPECT_THAT(standing.body, HasSubstr(R"("role":"payer")"));
  EXPECT_THAT(standing.body, HasSubstr(R"("paid_by":")" + test_id("acc", 2)));
  EXPECT_THAT(service.get(kAccount).body, HasSubstr(R"("standing":{"role":"payer")"));
}

TEST(ReadTablesTest, TheAuditTrailNamesActorAndCommand) {
  ReadService service;
  open_tree(service);
  const auto csv = service.get("/v1/reports/audit?format=csv&customer=" + test_id("cus", 1));
  EXPECT_THAT(csv.body, StartsWith("recorded,position,actor,command_id,type,object,version,"));
  EXPECT_THAT(csv.body, HasSubstr(",payment.Recorded," + test_id("pay", 1) + ",1,"));
  EXPECT_THAT(service.get("/v1/reports/audit?to=2026-01-01&customer=" + test_id("cus", 1)).body,
              HasSubstr(R"("items":[])"));
}

TEST(ReadTablesTest, TheDaysOfTheAuditTrailAreTheOperators) {
  ReadService service;
  open_tree(service);  // on 2026-11-18, some hours after midnight in UTC
  const std::string path = "/v1/reports/audit?customer=" + test_id("cus", 1);
  const std::string day = service.clock().now().date().text(), before = service.clock().now().date().plus_days(-1).text();
  EXPECT_THAT(service.get(path + "&from=" + day + "&to=" + day).body, HasSubstr("account.Opened"));
  EXPECT_THAT(service.get(path + "&to=" + before).body, HasSubstr(R"("items":[])"));
  service.clock().ahead = -FixedClock::kDay;  // there it was the day before
  EXPECT_THAT(service.get(path + "&from=" + day).body, HasSubstr(R"("items":[])"));
  EXPECT_THAT(service.get(path + "&from=" + before + "&to=" + before).body, HasSubstr("account.Opened"));
}

TEST(ReadTablesTest, EmptyListsAndUnknownObjectsAreSaid) {
  ReadService service;
  open_tree(service);
  for (const std::string& path : {kAccount + "/payment-methods", kAccount + "/plans", "/v1/deposits?" + kScope,
                                 std::string("/v1/unbooked"), std::string("/v1/periods")}) {
    const auto response = service.get(path);
    EXPECT_EQ(response.status, 200) << path << response.body;
    EXPECT_THAT(response.body, HasSubstr(R"("items":[])")) << path;
  }
  EXPECT_EQ(service.get("/v1/plans/" + test_id("pln", 9)).status, 404);
  EXPECT_EQ(service.get("/v1/deposits/" + test_id("dep", 9)).status, 404);
  EXPECT_EQ(service.get("/v1/payment-methods/" + test_id("pmt", 9)).status, 404);
  EXPECT_EQ(service.get("/v1/unbooked/" + test_id("ubk", 9)).status, 404);
}

}  // namespace
}  // namespace billing::api
