#include "ops/import/convert_testing.h"

namespace billing::import {
namespace {

using test::of;
using test::scratch;

test::Read convert_text(const Mapping& mapping, std::string_view csv, std::size_t memory = std::size_t{1} << 20U) {
  test::Read read = test::read_text_as(mapping, csv, memory);
  EXPECT_EQ(read.error, "");
  return read;
}

std::string account(std::string_view key) { return object_id<AccountId>("test", key); }

TEST(Names, DerivedIdsNeverChange) {
  EXPECT_EQ(object_id<AccountId>("acme", "A-1"), "acc_55n6maa8y4g3tvhxb2qwamsgwq");
  EXPECT_EQ(command_id("invoice.issue", "acme", "INV/1"), "invoice.issue-0me3cds25chttv6n1xkcd0emwq");
}

TEST(Convert, RowsOfOneDocumentBecomeOneInvoiceWhereverTheyStand) {
  const auto outcome = convert_text(of(Kind::kInvoices),
                                    "number,account_key,date,description,quantity,unit_price\n"
                                    "2,A,2024-01-02,two,1,5.00\n"
                                    "1,B,2024-01-01,one,2,0.50\n"
                                    "2,A,2024-01-02,two,1,5.00\n");
  ASSERT_EQ(outcome.lines.size(), 2U);
  const std::string line = R"({"service_account":")" + account("A") +
                           R"(","description":"two","quantity":"1","unit_price":"5"})";
  EXPECT_EQ(outcome.lines[0],
            "2\t{\"id\":\"" + command_id("invoice.issue", "test", "2") + R"(","command":"invoice.issue","body":{"id":")" +
                object_id<InvoiceId>("test", "2") + R"(","account":")" + account("A") +
                R"(","currency":"USD","document_date":"2024-01-02","number":"2","lines":[)" + line + "," + line + "]}}");
  EXPECT_TRUE(outcome.lines[1].starts_with("3\t"));
}

TEST(Convert, TheSameRowsGiveTheSameCommandsHoweverLittleFitsInMemory) {
  std::string csv = "number,account_key,date,amount\n";
  for (int i = 0; i < 3'000; ++i) csv += std::to_string(i * 37 % 500) + ",A,2024-01-02," + std::to_string(i) + "\n";
  const auto whole = convert_text(of(Kind::kInvoices), csv);
  EXPECT_EQ(whole.converted.commands, 500U);
  EXPECT_EQ(convert_text(of(Kind::kInvoices), csv, 4'000).lines, whole.lines);
}

TEST(Convert, ADocumentWithOneBadRowIsRefusedWhole) {
  const auto outcome = convert_text(of(Kind::kInvoices),
                                    "number,account_key,date,amount\n"
                                    "1,A,2024-01-02,5\n"
                                    "2,A,2024-01-02,5\n"
                                    "1,A,2024-01-02,five\n"
                                    "2,A,2024-01-02\n"
                                    "3,A,2024-01-02,5\n"
                                    "3,B,2024-01-02,5\n");
  ASSERT_EQ(outcome.lines.size(), 3U);
  EXPECT_EQ(outcome.converted.commands, 0U);
  EXPECT_EQ(outcome.converted.refused, 3U);
  EXPECT_NE(outcome.lines[0].find("line 4: amount: 'five'"), std::string::npos) << outcome.lines[0];
  EXPECT_NE(outcome.lines[1].find("columns"), std::string::npos);
  EXPECT_NE(outcome.lines[2].find("line 7 says 'B' for account, line 6 says 'A'"), std::string::npos) << outcome.lines[2];
}

TEST(Convert, LongInvoicesBecomeADraftInPartsAndItsIssue) {
  std::string csv = "number,account_key,date,amount\n";
  for (int i = 0; i < 2'500; ++i) csv += "1,A,2024-01-02,1\n";
  const auto outcome = convert_text(of(Kind::kInvoices), csv);
  ASSERT_EQ(outcome.lines.size(), 4U);
  EXPECT_NE(outcome.lines[0].find("invoice.draft"), std::string::npos);
  EXPECT_NE(outcome.lines[2].find("invoice.add_lines"), std::string::npos);
  EXPECT_NE(outcome.lines[3].find("\"draft\":\""), std::string::npos);
}

TEST(Convert, EqualPaymentsWithKeysOfTheirOwnAreTwo) {
  const auto outcome = convert_text(of(Kind::kPayments),
                                    "key,account_key,amount,received_on,invoice_key\n"
                                    "p1,A,5.00,2024-01-02,1\n"
                                    "p2,A,5.00,2024-01-02,1\n"
                                    ",A,5.00,2024-01-02,1\n");
  ASSERT_EQ(outcome.lines.size(), 3U);
  EXPECT_NE(outcome.lines[0], outcome.lines[1]);
  EXPECT_NE(outcome.lines[0].find(R"("amount":{"amount":"5","currency":"USD"},"method":"wire")"), std::string::npos);
  EXPECT_NE(outcome.lines[0].find(R"("allocations":[{"invoice":")" + object_id<InvoiceId>("test", "1")), std::string::npos);
  EXPECT_NE(outcome.lines[2].find("!missing-field"), std::string::npos);
}

TEST(Convert, AccountsHaveARoleFromAColumnOrForAll) {
  EXPECT_NE(convert_text(of(Kind::kAccounts), "key,role\nA,owner\n").lines.at(0).find(R"("role":"owner")"),
            std::string::npos);
  Mapping mapping = of(Kind::kAccounts);
  mapping.steps[0].fields["role"].constant = "payer";
  mapping.accounts.push_back({.key = "root", .number = {}, .name = {}, .parent = {}, .opened_on = {}, .role = "owner"});
  const auto outcome = convert_text(mapping, "key\nA\n");
  ASSERT_EQ(outcome.lines.size(), 2U);
  EXPECT_NE(outcome.lines[0].find(R"("role":"owner")"), std::string::npos) << outcome.lines[0];
  EXPECT_NE(outcome.lines[1].find(R"("role":"payer")"), std::string::npos) << outcome.lines[1];
}

TEST(Convert, LinesHaveADiscountAndATaxThatIsComputedWhereItHasNoAmount) {
  const auto outcome = convert_text(of(Kind::kInvoices),
                                    "number,account_key,date,quantity,unit_price,discount,tax_authority,tax_code,"
                                    "tax_rate,tax_amount\n"
                                    "1,A,2024-01-02,1,5.00,0.50,X,Y,0.2,\n"
                                    "1,A,2024-01-02,1,5.00,,X,Y,0.2,1.00\n"
                                    "1,A,2024-01-02,1,5.00,,,,,\n");
  ASSERT_EQ(outcome.lines.size(), 1U);
  const std::string lines = outcome.lines[0].substr(outcome.lines[0].find(R"("lines":)"));
  EXPECT_NE(lines.find(R"("discount":"0.5","taxes":[{"authority":"X","code":"Y","rate":"0.2"}]})"), std::string::npos)
      << lines;
  EXPECT_NE(lines.find(R"("rate":"0.2","amount":"1"}]})"), std::string::npos) << lines;
  EXPECT_TRUE(lines.ends_with(R"("unit_price":"5"}]}})")) << lines;
}

TEST(Convert, PaymentsSayWhatMovedAtTheBank) {
  const auto outcome = convert_text(of(Kind::kPayments),
                                    "key,account_key,amount,received_on,settled_amount,settled_currency,settled_rate\n"
                                    "p1,A,10.00,2024-01-02,9.00,EUR,0.9\np2,A,10.00,2024-01-02,,,\n");
  ASSERT_EQ(outcome.lines.size(), 2U);
  EXPECT_NE(outcome.lines[0].find(R"("settled":{"amount":"9","currency":"EUR","rate":"0.9"})"), std::string::npos)
      << outcome.lines[0];
  EXPECT_EQ(outcome.lines[1].find("settled"), std::string::npos);
}

TEST(Convert, DistinctRowsMakeEachObjectOnce) {
  Mapping mapping = of(Kind::kAccounts);
  Step& step = mapping.steps[0];
  step.distinct = true;
  FieldSpec& key = step.fields["key"];
  key.columns = {"customer", "country"};
  key.strip = ".0";
  key.empty = "cash";
  const auto outcome = convert_text(mapping, "customer,country\n17850.0,UK\n,UK\n17850.0,UK\n17850.0,FR\n");
  ASSERT_EQ(outcome.lines.size(), 3U);
  EXPECT_NE(outcome.lines[0].find(R"("number":"17850/UK")"), std::string::npos);
  EXPECT_NE(outcome.lines[1].find(R"("number":"cash/UK")"), std::string::npos);
}

TEST(Convert, AColumnThatIsNotThereIsSaidBeforeAnythingIsSent) {
  Mapping mapping = of(Kind::kAccounts);
  mapping.steps[0].fields["name"].columns = {"nmae"};
  EXPECT_NE(test::read_text_as(mapping, "key,name\n1,x\n").error.find("no column 'nmae'"), std::string::npos);
}

}  // namespace
}  // namespace billing::import
