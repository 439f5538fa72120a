// Bodies of invoices, credit notes and disputes: with every field, with the least, and each field spoilt.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/api/commands_testing.h"

namespace billing::api {
namespace {

using test::good;
using test::parse;
using test::refused;
using test::test_id;

TEST(DocumentCommandsTest, LinesHaveANetOrAQuantityAndAPrice) {
  const auto issue = good<invoice::Issue>("invoice.issue", R"({"id":"inv:1","account":"acc:1","currency":"USD",
      "purchase_order":"p","memo":"m","external_id":"e","document_date":"2026-01-31","due_date":"2026-02-28",
      "number":"N-1","lines":[
      {"service_account":"acc:2","description":"Calls","product_code":"c","revenue_code":4100,"quantity":"3",
       "unit_price":"0.335","service_period":{"from":"2026-01-01","to":"2026-02-01"},
       "taxes":[{"authority":"US-NY","code":"sales","rate":"0.08","amount":"0.08"}]},
      {"service_account":"acc:2","net":"-5.00","taxes":[{"authority":"a","code":"b","basis":"4","amount":"0",
       "exempt_reason":"x"}],"credited_line":2}]})");
  EXPECT_EQ(issue.header.purchase_order + issue.header.memo + issue.header.external_id, "pme");
  EXPECT_EQ(issue.imported_number, "N-1");
  EXPECT_EQ(issue.due_date->text(), "2026-02-28");
  ASSERT_EQ(issue.lines.size(), 2U);
  EXPECT_EQ(issue.lines[0].net, 101);  // 3 x 0.335 = 1.005, half away from zero
  EXPECT_EQ(issue.lines[0].revenue_code, 4100);
  EXPECT_EQ(issue.lines[0].taxes[0].basis, 101);
  EXPECT_EQ(issue.lines[0].taxes[0].rate.text(), "0.08");
  EXPECT_EQ(issue.lines[0].service_period->to.text(), "2026-02-01");
  EXPECT_EQ(issue.lines[1].net, -500);
  EXPECT_EQ(issue.lines[1].taxes[0].basis, 400);
  EXPECT_EQ(issue.lines[1].credited_line, 2U);
  const auto line = [](const std::string& fields) {
    return R"({"account":"acc:1","currency":"USD","lines":[{"service_account":"acc:1",)" + fields + "}]}";
  };
  refused("invoice.issue",
          {{line(R"("description":"d")"), Code::kMissingField, "/lines/0/net"},
           {line(R"("quantity":"1")"), Code::kMissingField, "/lines/0/unit_price"},
           {line(R"("unit_price":"1","net":"1")"), Code::kMissingField, "/lines/0/quantity"},
           {line(R"("quantity":1,"unit_price":"1")"), Code::kWrongType, "/lines/0/quantity"},
           {line(R"("quantity":"1.0000000001","unit_price":"1")"), Code::kTooManyDecimals, "/lines/0/quantity"},
           {line(R"("net":"1","revenue_code":70000)"), Code::kWrongType, "/lines/0/revenue_code"},
           {line(R"("net":"1","service_period":{"from":"2026-01-01"})"), Code::kMissingField,
            "/lines/0/service_period/to"},
           {line(R"("net":"1","taxes":[{"authority":"a","code":"b"}])"), Code::kMissingField,
            "/lines/0/taxes/0/amount"},
           {line(R"("net":"1","taxes":[{"authority":"a","code":"b","amount":"1","percent":"8"}])"),
            Code::kUnknownField, "/lines/0/taxes/0/percent"},
           {R"({"account":"acc:1","lines":[]})", Code::kMissingField, "/currency"},
           {R"({"account":"acc:1","currency":"USD"})", Code::kMissingField, "/lines"}});
}

TEST(DocumentCommandsTest, DraftsAreMadeFilledIssuedAndDiscarded) {
  EXPECT_TRUE(good<invoice::Draft>("invoice.draft", R"({"account":"acc:1","currency":"USD"})").lines.empty());
  EXPECT_EQ(good<invoice::AddLines>("invoice.add_lines", R"({"invoice":"inv:1","currency":"KWD","lines":[
      {"service_account":"acc:1","net":"1.001"}]})").lines.at(0).net, 1'001);
  const auto issue = good<invoice::Issue>("invoice.issue", R"({"draft":"inv:1","due_date":"2026-05-01"})");
  EXPECT_TRUE(issue.draft);
  EXPECT_EQ(issue.header.id.text(), test_id("inv", 1));
  refused("invoice.issue", {{R"({"draft":"inv:1","lines":[]})", Code::kUnknownField, "/lines"}});
  EXPECT_FALSE(good<invoice::Discard>("invoice.discard", R"({"invoice":"inv:1"})").id.nil());
  std::string many = R"({"invoice":"inv:1","currency":"USD","lines":[{})";
  for (int i = 0; i < 1'000; ++i) many += ",{}";
  refused("invoice.add_lines", {{many + "]}", Code::kTooManyLines, "/lines"}});
}

TEST(DocumentCommandsTest, CreditNotesAndDisputesAreRead) {
  const auto note = good<credit_note::Issue>("credit_note.issue", R"({"id":"crn:1","account":"acc:1","invoice":"inv:1",
      "currency":"USD","reason":"r","lines":[{"service_account":"acc:1","net":"2","credited_line":0}]})");
  EXPECT_EQ(note.lines.at(0).credited_line, 0U);
  EXPECT_EQ(note.reason, "r");
  refused("credit_note.issue", {{R"({"account":"acc:1","currency":"USD","lines":[]})", Code::kMissingField, "/reason"}});
  const auto open = good<dispute::Open>(
      "dispute.open", R"({"invoice":"inv:1","reason":"r","amount":{"amount":"3","currency":"USD"}})");
  EXPECT_EQ(open.amount, 300);
  EXPECT_FALSE(good<dispute::Open>("dispute.open", R"({"invoice":"inv:1","reason":"r"})").amount.has_value());
  EXPECT_EQ(good<dispute::Close>("dispute.close", R"({"dispute":"dsp:1","outcome":"rejected"})").outcome,
            dispute::Outcome::kRejected);
  const auto outcome = parse("dispute.close", R"({"dispute":"dsp:1","outcome":"won"})");
  EXPECT_EQ(outcome.error().pointer, "/outcome");
}

TEST(DocumentCommandsTest, ADiscountIsTakenOffAndTaxesMayBeComputed) {
  const auto line = [](const std::string& fields) {
    return R"({"account":"acc:1","currency":"USD","lines":[{"service_account":"acc:1",)" + fields + "}]}";
  };
  const auto first = [&](const std::string& fields) {
    return good<invoice::Issue>("invoice.issue", line(fields)).lines.at(0);
  };
  EXPECT_EQ(first(R"("quantity":"2","unit_price":"10","discount":"2.50")").net, 1'750);
  EXPECT_EQ(first(R"("net":"5","discount":"2.50")").net, 500);  // as given
  for (const char* discount : {R"(,"discount":"2.50")", R"(,"discount":"-2.50")"}) {  // of a returned piece: taken back
    EXPECT_EQ(first(std::string(R"("quantity":"-2","unit_price":"10")") + discount).net, -1'750);
    EXPECT_EQ(first(std::string(R"("net":"-5")") + discount).discount, -250);
  }
  EXPECT_EQ(first(R"("net":"5","discount":"2.50")").discount, 250);
  const Tax computed = first(R"("net":"5","taxes":[{"authority":"a","code":"b","rate":"0.2"}])").taxes.at(0);
  EXPECT_TRUE(computed.computed);
  EXPECT_EQ(computed.amount + computed.basis, 0);
  EXPECT_EQ(computed.rate.text(), "0.2");
  const Tax exempt = first(R"("net":"5","taxes":[{"authority":"a","code":"b","exempt_reason":"x"}])").taxes.at(0);
  EXPECT_TRUE(exempt.computed);
  EXPECT_FALSE(first(R"("net":"5","taxes":[{"authority":"a","code":"b","amount":"0"}])").taxes.at(0).computed);
  refused("invoice.issue",
          {{line(R"("net":"1","taxes":[{"authority":"a","code":"b","rate":"0.2","basis":"1"}])"), Code::kUnknownField,
            "/lines/0/taxes/0/basis"},
           {line(R"("net":"1","discount":1)"), Code::kWrongType, "/lines/0/discount"},
           {line(R"("quantity":"300000000","unit_price":"300000000","discount":"-5000000000000000")"), Code::kOverflow,
            "/lines/0/discount"}});
}

TEST(DocumentCommandsTest, ADebitNoteSaysWhichInvoiceItIsAbout) {
  const auto draft = good<invoice::Draft>("invoice.draft",
                                          R"({"account":"acc:1","currency":"USD","kind":"debit","about":"inv:2"})");
  EXPECT_EQ(draft.header.kind, invoice::Kind::kDebit);
  EXPECT_EQ(draft.header.about->text(), test_id("inv", 2));
  const auto plain = good<invoice::Draft>("invoice.draft", R"({"account":"acc:1","currency":"USD"})");
  EXPECT_EQ(plain.header.kind, invoice::Kind::kAdHoc);
  EXPECT_FALSE(plain.header.about);
  const std::string at = R"({"account":"acc:1","currency":"USD",)";
  refused("invoice.draft", {{at + R"("kind":"late_fee"})", Code::kInvalidParameter, "/kind"},
                            {at + R"("about":"crn:1"})", Code::kInvalidId, "/about"}});
}

TEST(DocumentCommandsTest, LinesOfADraftAreReplacedOrTakenOut) {
  const auto replace = good<invoice::ReplaceLines>("invoice.replace_lines", R"({"invoice":"inv:1","first":3,"count":2,
      "currency":"USD","lines":[{"service_account":"acc:1","net":"1"}]})");
  EXPECT_EQ(replace.first * 10 + replace.count, 32U);
  EXPECT_EQ(replace.lines.size(), 1U);
  EXPECT_EQ(replace.currency->code(), "USD");
  const std::string at = R"({"invoice":"inv:1","currency":"USD","lines":[],)";
  EXPECT_TRUE(good<invoice::ReplaceLines>("invoice.replace_lines", at + R"("first":0,"count":1})").lines.empty());
  refused("invoice.replace_lines", {{at + R"("count":1})", Code::kMissingField, "/first"},
                                    {at + R"("first":0})", Code::kMissingField, "/count"},
                                    {at + R"("first":-1,"count":1})", Code::kWrongType, "/first"},
                                    {at + R"("first":0,"count":"1"})", Code::kWrongType, "/count"}});
}

TEST(DocumentCommandsTest, InvoicesAreVoidedWrittenOffAndRecovered) {
  EXPECT_EQ(good<invoice::Void>("invoice.void", R"({"invoice":"inv:1","reason":"r"})").reason, "r");
  refused("invoice.void", {{R"({"invoice":"inv:1"})", Code::kMissingField, "/reason"}});
  const auto full = good<invoice::WriteOff>("invoice.write_off", R"({"invoice":"inv:1","reason":"r","on":"2026-01-02",
      "amount":{"amount":"12","currency":"USD"},"tax_relief":{"amount":"2","currency":"USD"}})");
  EXPECT_EQ(full.amount, 1'200);
  EXPECT_EQ(full.tax_relief, 200);
  EXPECT_EQ(full.currency->code(), "USD");
  EXPECT_EQ(full.on->text(), "2026-01-02");
  const auto least = good<invoice::WriteOff>("invoice.write_off", R"({"invoice":"inv:1","reason":"r"})");
  EXPECT_FALSE(least.amount || least.currency || least.on);
  refused("invoice.write_off",
          {{R"({"invoice":"inv:1","reason":"r","amount":"12"})", Code::kWrongType, "/amount"},
           {R"({"invoice":"inv:1","reason":"r","amount":{"amount":"12","currency":"USD"},
                "tax_relief":{"amount":"2","currency":"EUR"}})", Code::kCurrencyMismatch, "/tax_relief"},
           {R"({"invoice":"inv:1"})", Code::kMissingField, "/reason"}});
  EXPECT_EQ(good<invoice::Recover>("invoice.recover", R"({"invoice":"inv:1","amount":{"amount":"1","currency":"JPY"}})")
                .amount, 1);
  refused("invoice.recover", {{R"({"invoice":"inv:1"})", Code::kMissingField, "/amount"}});
}

TEST(DocumentCommandsTest, LateFeesAreFlatOrARate) {
  const auto full = good<invoice::ChargeLateFees>("invoice.charge_late_fees", R"({"id":"inv:3","account":"acc:1",
      "cycle":"2026-11","as_of":"2026-11-23","flat":{"amount":"1","currency":"USD"},"rate":"0.015",
      "minimum":{"amount":"5","currency":"USD"},"grace_days":7})");
  EXPECT_EQ(full.id.text(), test_id("inv", 3));
  EXPECT_EQ(full.flat * 1'000 + full.minimum, 100'500);
  EXPECT_EQ(full.rate.text(), "0.015");
  EXPECT_EQ(full.cycle + full.as_of->text(), "2026-112026-11-23");
  EXPECT_EQ(full.grace_days, 7);
  const auto least = good<invoice::ChargeLateFees>("invoice.charge_late_fees", R"({"account":"acc:1","cycle":"c"})");
  EXPECT_EQ(least.flat + least.minimum + least.grace_days, 0);
  EXPECT_FALSE(least.currency);
  const std::string at = R"({"account":"acc:1","cycle":"c",)";
  refused("invoice.charge_late_fees", {{R"({"account":"acc:1"})", Code::kMissingField, "/cycle"},
                                       {at + R"("rate":0.015})", Code::kWrongType, "/rate"},
                                       {at + R"("grace_days":-1})", Code::kWrongType, "/grace_days"}});
}

TEST(DocumentCommandsTest, ADisputeMayBeOverLines) {
  const auto open = good<dispute::Open>("dispute.open", R"({"invoice":"inv:1","reason":"r","lines":[0,2]})");
  EXPECT_EQ(open.lines, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_TRUE(good<dispute::Open>("dispute.open", R"({"invoice":"inv:1","reason":"r"})").lines.empty());
  const std::string at = R"({"invoice":"inv:1","reason":"r","lines":)";
  refused("dispute.open", {{at + "[0,-1]}", Code::kWrongType, "/lines/1"},
                           {at + "[1.5]}", Code::kWrongType, "/lines/0"},
                           {at + "1}", Code::kWrongType, "/lines"}});
}

}  // namespace
}  // namespace billing::api
