// The queue of what could not be booked: money from nobody, assigned to somebody later.
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct UnbookedTest : ::testing::Test {
  Story story;
  const UnbookedId id{Story::id(1, 12)};
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  }
  void TearDown() override { expect_sound(story); }
  unbooked::Report report(std::string account_number, std::int64_t amount = 600) const {
    unbooked::Report report;
    report.id = id;
    report.customer = Story::customer;
    report.account_number = std::move(account_number);
    report.amount = amount;
    report.currency = *Currency::parse("USD");
    return report;
  }
};

TEST_F(UnbookedTest, AReceiptThatNamesAnAccountIsItsPayment) {
  story.given(report("A1"));
  EXPECT_EQ(story.due(1), 400);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), 0);
  EXPECT_EQ(story.when(report("A1")), "nothing-changes");
}
TEST_F(UnbookedTest, AReceiptOfNobodyIsKeptApartUntilItIsAssigned) {
  story.given(report("A77"));
  EXPECT_EQ(story.due(1), 1000);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), -600);
  EXPECT_EQ(story.posted(Ledger::kCash), 600);
  story.given(unbooked::Assign{id, Story::account(1)});
  EXPECT_EQ(story.due(1), 400);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), 0);
  EXPECT_EQ(story.when(unbooked::Assign{id, Story::account(1)}), "already-resolved");
}
TEST_F(UnbookedTest, MoneyIsAssignedNotResolvedAway) {
  story.given(report("A77"));
  EXPECT_EQ(story.when(unbooked::Resolve{id, "nothing"}), "invalid-transition");
  EXPECT_EQ(story.when(unbooked::Resolve{UnbookedId{Story::id(9, 12)}, "nothing"}), "unknown-unbooked");
}
TEST_F(UnbookedTest, MoneyInAnotherCurrencyIsQueuedAndCannotBeAssigned) {
  auto euro = report("A1");
  euro.currency = *Currency::parse("EUR");
  story.given(euro);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "currency-mismatch");
  EXPECT_EQ(story.when(unbooked::Assign{id, Story::account(1)}), "currency-mismatch");
}
TEST_F(UnbookedTest, AWronglyAssignedReceiptIsUnidentifiedAgainOnceItIsReversed) {
  story.given(report("A77"));
  story.given(unbooked::Assign{id, Story::account(1)});
  const PaymentId payment = story.fact<payment::Recorded>().id;
  story.given(payment::Reverse{payment, "not theirs", {}});
  EXPECT_EQ(story.due(1), 1000);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), -600);
}
TEST_F(UnbookedTest, AReceiptThatDoesNotSayWhoseItIsIsTheOperators) {
  auto nobody = report("");
  nobody.customer = {};
  story.given(nobody);
  EXPECT_EQ(story.last[0].customer, kOperator);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "unknown-account");
  nobody.id = {Story::id(2, 12)};
  nobody.amount = 0;
  EXPECT_EQ(story.when(nobody), "amount-not-positive");
}
TEST_F(UnbookedTest, AReceiptForAFrozenAccountWaits) {
  story.given(account::Freeze{Story::account(1), "test", {}});
  story.given(report("A1"));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "account-frozen");
  EXPECT_EQ(story.when(unbooked::Assign{id, Story::account(1)}), "account-frozen");
}
TEST_F(UnbookedTest, WhatIsNoMoneyIsResolvedBySayingHow) {
  chargeback::Open open;
  open.id = {Story::id(9, 4)};
  open.amount = 100;
  open.currency = *Currency::parse("USD");
  story.given(open);
  const UnbookedId entry = story.fact<unbooked::Queued>().id;
  EXPECT_EQ(story.when(unbooked::Assign{entry, Story::account(1)}), "invalid-transition");
  EXPECT_EQ(story.when(unbooked::Resolve{entry, ""}), "invalid-text");
  story.given(unbooked::Resolve{entry, "another merchant's"});
  EXPECT_EQ(story.when(unbooked::Resolve{entry, "again"}), "already-resolved");
}
TEST_F(UnbookedTest, AReceiptFromBeforeTheAccountIsItsFromItsFirstDay) {
  auto early = report("A77");
  early.on = Date::clamped(2009, 12, 1);
  story.given(early);
  story.given(unbooked::Assign{id, Story::account(1)});
  EXPECT_EQ(story.fact<payment::Recorded>().received_on, Date::clamped(2010, 1, 1));
}
TEST_F(UnbookedTest, AReceiptIsAssignedAgainAfterItsPaymentWasReversed) {
  story.given(report("A77"));
  story.given(unbooked::Assign{id, Story::account(1)});
  story.given(payment::Reverse{story.fact<payment::Recorded>().id, "not theirs", {}});
  story.given(unbooked::Assign{id, Story::account(1)});
  EXPECT_EQ(story.due(1), 400);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), 0);
  EXPECT_EQ(story.posted(Ledger::kCash), 600);
}

}  // namespace
}  // namespace billing
