// What rows of each kind become.
#include "ops/import/convert_testing.h"

namespace billing::import {
namespace {

using test::of;

std::vector<std::string> commands(Kind kind, std::string_view csv) {
  const auto read = test::read_text_as(of(kind), csv);
  EXPECT_EQ(read.error, "");
  std::vector<std::string> out;
  for (const std::string& line : read.lines) out.push_back(line.substr(line.find('\t') + 1));
  return out;
}

std::string line(std::string_view command, std::string_view key, const std::string& body) {
  return R"({"id":")" + command_id(command, "test", key) + R"(","command":")" + std::string(command) + R"(","body":{)" + body + "}}";
}

template <class AnyId>
std::string id(std::string_view key) {
  return "\"" + object_id<AnyId>("test", key) + "\"";
}

TEST(Kinds, EveryKindHasANameAndAKey) {
  for (std::size_t i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    EXPECT_EQ(*parse_kind(kind_text(kind)), kind);
    EXPECT_EQ(fields_of(kind)[0].name, "key");
    EXPECT_EQ(line_fields(kind).empty(), !has_lines(kind));
  }
  EXPECT_FALSE(parse_kind("bills"));
}

TEST(Kinds, ADepositIsReceived) {
  EXPECT_EQ(commands(Kind::kDeposits, "key,account_key,amount,received_on,reference\nd,A,20.00,2024-01-02,R\n"),
            std::vector{line("deposit.receive", "d", R"("id":)" + id<DepositId>("d") + R"(,"account":)" + id<AccountId>("A") +
                             R"(,"amount":{"amount":"20","currency":"USD"},"method":"wire","received_on":"2024-01-02","reference":"R")")});
}

TEST(Kinds, ARefundIsRequestedPaidOutAndSettledOnItsDay) {
  const std::string of_it = R"("payment":)" + id<PaymentId>("p") + R"(,"refund":)" + id<RefundId>("r");
  EXPECT_EQ(commands(Kind::kRefunds, "key,payment_key,amount,refunded_on,reason,reference\nr,p,4.00,2024-01-02,outage,X\n"),
            (std::vector{line("refund.request", "r", R"("payment":)" + id<PaymentId>("p") + R"(,"id":)" + id<RefundId>("r") +
                              R"(,"amount":{"amount":"4","currency":"USD"},"reason":"outage")"),
                         line("refund.progress", "r", of_it + R"(,"phase":"succeeded","provider_reference":"X","on":"2024-01-02")"),
                         line("refund.settle", "r", of_it + R"(,"on":"2024-01-02")")}));
}

TEST(Kinds, AChargebackIsOpenWonOrLost) {
  const std::string head = "key,payment_key,amount,code,opened_on,outcome,closed_on\n";
  const std::string open = line("chargeback.open", "c", R"("payment":)" + id<PaymentId>("p") + R"(,"id":)" + id<ChargebackId>("c") +
                                R"(,"amount":{"amount":"4","currency":"USD"},"code":"4853","on":"2024-01-02")");
  const std::string end = R"("payment":)" + id<PaymentId>("p") + R"(,"chargeback":)" + id<ChargebackId>("c") + R"(,"on":"2024-02-02")";
  EXPECT_EQ(commands(Kind::kChargebacks, head + "c,p,4,4853,2024-01-02,,\n"), std::vector{open});
  EXPECT_EQ(commands(Kind::kChargebacks, head + "c,p,4,4853,2024-01-02,won,2024-02-02\n"), (std::vector{open, line("chargeback.win", "c", end)}));
  EXPECT_EQ(commands(Kind::kChargebacks, head + "c,p,4,4853,2024-01-02,lost,2024-02-02\n"), (std::vector{open, line("chargeback.lose", "c", end)}));
  EXPECT_TRUE(commands(Kind::kChargebacks, head + "c,p,4,4853,2024-01-02,lost,\n")[0].starts_with("!missing-field"));
  EXPECT_TRUE(commands(Kind::kChargebacks, head + "c,p,4,4853,2024-01-02,drawn,2024-02-02\n")[0].starts_with("!invalid-parameter"));
}

TEST(Kinds, TheContactsOfAnAccountAreOneCommand) {
  EXPECT_EQ(commands(Kind::kContacts, "account_key,role,name,email,phone\nA,billing,Kim,k@x.example,\nB,billing,Lee,,+1\nA,technical,Max,,\n"),
            (std::vector{line("account.change_contacts", "A", R"("account":)" + id<AccountId>("A") +
                              R"(,"contacts":[{"role":"billing","name":"Kim","email":"k@x.example"},{"role":"technical","name":"Max"}])"),
                         line("account.change_contacts", "B", R"("account":)" + id<AccountId>("B") +
                              R"(,"contacts":[{"role":"billing","name":"Lee","phone":"+1"}])")}));
}

TEST(Kinds, AUserIsInvited) {
  EXPECT_EQ(commands(Kind::kUsers, "email,role,name\nk@x.example,viewer,Kim\n"),
            std::vector{line("user.invite", "k@x.example", R"("id":)" + id<UserId>("k@x.example") + R"(,"customer":")" +
                             of(Kind::kUsers).customer + R"(","role":"viewer","name":"Kim","email":"k@x.example")")});
}

TEST(Kinds, GroupsStandInGroupingsAndHaveAccounts) {
  const auto made = commands(Kind::kGroups,
                             "key,grouping,name,parent_key,account_key,from,with_subtree\n"
                             "n,Regions,North,,,,\n"
                             "o,Regions,Oslo,n,A,2024-01-01,yes\no,Regions,Oslo,n,B,2024-01-01,yes\no,Regions,Oslo,n,C,2024-02-01,yes\n");
  const std::string in = R"("grouping":)" + id<GroupingId>("Regions");
  ASSERT_EQ(made.size(), 5U);
  EXPECT_EQ(made[0], line("grouping.create", "Regions", R"("id":)" + id<GroupingId>("Regions") + R"(,"customer":")" +
                          of(Kind::kGroups).customer + R"(","name":"Regions")"));
  EXPECT_EQ(made[1], line("grouping.add_group", "n", in + R"(,"id":)" + id<GroupId>("n") + R"(,"name":"North")"));
  EXPECT_EQ(made[2], line("grouping.add_group", "o", in + R"(,"id":)" + id<GroupId>("o") + R"(,"name":"Oslo","parent":)" + id<GroupId>("n")));
  EXPECT_EQ(made[3], line("grouping.add_accounts", "o\n0", in + R"(,"group":)" + id<GroupId>("o") + R"(,"accounts":[)" + id<AccountId>("A") + "," +
                          id<AccountId>("B") + R"(],"with_subtree":true,"from":"2024-01-01")"));
  EXPECT_TRUE(made[4].find(R"("from":"2024-02-01")") != std::string::npos) << made[4];
}

TEST(Kinds, AGroupingThatIsThereIsNotMadeAgain) {
  const std::string there = object_id<GroupingId>("other", "x");
  const auto made = commands(Kind::kGroups, "key,grouping\nn," + there + "\n");
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0], line("grouping.add_group", "n", R"("grouping":")" + there + R"(","id":)" + id<GroupId>("n") + R"(,"name":"n")"));
}

TEST(Kinds, APaymentOfAnInvoicePaysAtMostWhatIsOpen) {
  const auto made = commands(Kind::kPayments, "key,account_key,amount,received_on,invoice_key\np,A,25.00,2024-01-02,1\n");
  EXPECT_NE(made[0].find(R"("amount":"25","at_most":true}])"), std::string::npos) << made[0];
}

TEST(Kinds, ALineMayHaveTwoTaxesAndATaxOfNothingIsNone) {
  const auto made = commands(Kind::kInvoices,
                             "number,account_key,date,amount,tax_authority,tax_code,tax_amount,tax2_authority,tax2_code,tax2_amount\n"
                             "1,A,2024-01-02,5,CA,GST,0.25,CA,PST,0.35\n2,A,2024-01-02,5,CA,,0.00,CA,,0.00\n");
  EXPECT_NE(made[0].find(R"("taxes":[{"authority":"CA","code":"GST","amount":"0.25"},{"authority":"CA","code":"PST","amount":"0.35"}])"),
            std::string::npos) << made[0];
  EXPECT_EQ(made[1].find("taxes"), std::string::npos) << made[1];
}

}  // namespace
}  // namespace billing::import
