// Chargebacks and returns: reports that are booked or queued, never refused for what they say.
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct ChargebackTest : ::testing::Test {
  Story story;
  const PaymentId id{Story::id(1, 4)};
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given(story.issue(1, 1, {Story::line(1, 24995)}));
  }
  void TearDown() override { expect_sound(story); }

  void given_payment(std::int64_t amount, std::optional<Settlement> settled = {}) {
    auto record = story.pay(1, amount);
    record.id = id;
    record.settled = std::move(settled);
    story.given(record);
  }
  chargeback::Open open(std::uint32_t n, std::int64_t amount) const {
    chargeback::Open open;
    open.id = id;
    open.chargeback = {Story::id(n, 8)};
    open.amount = amount;
    open.currency = *Currency::parse("USD");
    open.code = "10.4";
    return open;
  }
  chargeback::Win win(std::uint32_t n) const { return {id, {Story::id(n, 8)}, {}}; }
};

TEST_F(ChargebackTest, APartPaymentThatIsChargedBackIsDueAgainUntilItIsWon) {
  given_payment(1000);
  story.given(open(1, 1000));
  EXPECT_EQ(story.due(1), 24995);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 0);
  story.given(win(1));
  EXPECT_EQ(story.due(1), 23995);
  EXPECT_EQ(story.when(win(1)), "nothing-changes");
}
TEST_F(ChargebackTest, ALostChargebackStaysLost) {
  given_payment(1000);
  story.given(open(1, 1000));
  story.given(chargeback::Lose{id, {Story::id(1, 8)}, {}});
  story.given(win(1));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "invalid-transition");
  EXPECT_EQ(story.due(1), 24995);
}
TEST_F(ChargebackTest, SettledInEuroItGoesBackAtThePaymentsOwnRate) {
  given_payment(24995, Settlement{22544, *Currency::parse("EUR"), {}, "bank"});
  EXPECT_EQ(story.due(1), 0);
  story.given(open(1, 24995));
  EXPECT_EQ(story.due(1), 24995);
  EXPECT_EQ(story.fact<chargeback::Opened>().takeback.settled->amount, 22544);
  story.given(win(1));
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(ChargebackTest, OneThatWouldOverflowTheSettledCurrencyIsQueued) {
  given_payment(24995, Settlement{INT64_MAX, *Currency::parse("EUR"), {}, "bank"});
  story.given(open(1, 24995));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "overflow");
}
TEST_F(ChargebackTest, FourOfFiftyPassAndTheFifthIsQueued) {
  given_payment(24995);
  for (std::uint32_t n = 1; n <= 4; ++n) {
    story.given(open(n, 5000));
    EXPECT_TRUE(std::holds_alternative<chargeback::Opened>(story.last[0].event));
  }
  story.given(open(5, 5000));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "exceeds-captured");
  EXPECT_EQ(story.due(1), 20000);
  EXPECT_EQ(story.when(open(5, 5000)), "nothing-changes");
}
TEST_F(ChargebackTest, AReportOfAnUnknownPaymentIsQueuedForTheOperator) {
  story.given(open(1, 5000));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "unknown-payment");
  EXPECT_EQ(story.last[0].customer, kOperator);
}
TEST_F(ChargebackTest, OfAFrozenAccountItIsQueuedToo) {
  given_payment(1000);
  story.given(account::Freeze{Story::account(1), "test", {}});
  story.given(open(1, 1000));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "account-frozen");
}
TEST_F(ChargebackTest, TheSameReportTwiceChangesNothingTwice) {
  given_payment(1000);
  story.given(open(1, 500));
  EXPECT_EQ(story.when(open(1, 500)), "nothing-changes");
  EXPECT_EQ(story.due(1), 24495);
}
TEST_F(ChargebackTest, ABouncedChequeTakesBackAllThatIsLeft) {
  auto record = story.pay(1, 1000);
  record.id = id;
  record.method = payment::Method::kCheque;
  story.given(record);
  chargeback::Return bounced;
  bounced.id = id;
  bounced.return_id = {Story::id(1, 9)};
  bounced.code = "NSF";
  story.given(bounced);
  EXPECT_EQ(story.due(1), 24995);
  EXPECT_EQ(story.posted(Ledger::kCash), 0);
  bounced.return_id = {Story::id(2, 9)};
  story.given(bounced);
  EXPECT_EQ(story.fact<unbooked::Queued>().kind, unbooked::Kind::kReturn);
}
TEST_F(ChargebackTest, AReportOfNothingIsMalformed) {
  given_payment(1000);
  EXPECT_EQ(story.when(open(1, 0)), "amount-not-positive");
}
TEST_F(ChargebackTest, AWinTakesWhatIsStillOpenAndTheRestIsUnapplied) {
  given_payment(24995);
  story.given(open(1, 10000));
  story.given(story.pay(1, 4000));
  story.given(win(1));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 4000);
  EXPECT_EQ(story.fact<chargeback::Won>().unapplied, 4000);
}
TEST_F(ChargebackTest, CreditOfCreditNotesIsOutOfItsReach) {
  given_payment(24995);
  story.given(story.credit(1, {Story::credit_line(0, 1000)}, Story::invoice(1)));
  story.given(open(1, 500));
  const auto& takeback = story.fact<chargeback::Opened>().takeback;
  EXPECT_TRUE(takeback.credits.empty());
  EXPECT_EQ(takeback.reopened, (std::vector<Allocation>{{Story::invoice(1), Story::account(1), 500}}));
  EXPECT_EQ(story.fact<receivables::CreditApplied>(1).source, CreditSource::kCreditNote) << "it pays what is open again";
  EXPECT_EQ(story.unapplied(1), 500);
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(ChargebackTest, ThePaymentsOwnUnappliedMoneyGoesFirst) {
  given_payment(25995);
  story.given(open(1, 1500));
  EXPECT_EQ(story.unapplied(1), 0);
  EXPECT_EQ(story.due(1), 500);
}
TEST_F(ChargebackTest, AReportThatCameTooEarlyIsBookedWhenItComesAgain) {
  story.given(open(1, 1000));
  given_payment(1000);
  story.given(open(1, 1000));
  EXPECT_EQ(story.due(1), 24995);
  EXPECT_EQ(story.when(open(1, 1000)), "nothing-changes");
}
TEST_F(ChargebackTest, WhatCannotBeBookedIsQueuedWithItsReason) {
  story.given(story.request(1, 1000, id));
  story.given(open(1, 1000));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "payment-not-succeeded");
  EXPECT_EQ(story.last[0].customer, Story::customer);
  story.given(payment::Progress{id, payment::Phase::kSucceeded, {}, {}, {}, {}});
  auto euro = open(2, 1000);
  euro.currency = *Currency::parse("EUR");
  story.given(euro);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "currency-mismatch");
  story.given(payment::Reverse{id, "keyed twice", {}});
  story.given(open(3, 1000));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "payment-reversed");
}
TEST_F(ChargebackTest, ARequestedRefundKeepsItsMoneyFromAChargeback) {
  given_payment(1000);
  refund::Request refund;
  refund.id = id;
  refund.amount = 600;
  story.given(refund);
  story.given(open(1, 500));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "exceeds-captured");
}
TEST_F(ChargebackTest, AWinOfAFrozenAccountIsQueuedAndLosingIsNot) {
  given_payment(1000);
  story.given(open(1, 500));
  story.given(open(2, 500));
  story.given(account::Freeze{Story::account(1), "test", {}});
  story.given(win(1));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "account-frozen");
  EXPECT_EQ(story.when(win(1)), "nothing-changes");
  story.given(chargeback::Lose{id, {Story::id(2, 8)}, {}});
  EXPECT_EQ(story.when(chargeback::Lose{id, {Story::id(2, 8)}, {}}), "nothing-changes");
  story.given(win(9));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "unknown-chargeback");
}
TEST_F(ChargebackTest, ItsDateIsNeverARefusalAndNeverBeforeThePayment) {
  given_payment(1000);
  auto early = open(1, 500);
  early.on = story.today.plus_days(-400);
  story.given(early);
  EXPECT_EQ(story.fact<chargeback::Opened>().on, story.today);
  auto late = open(2, 500);
  late.on = story.today.plus_days(2);
  story.given(late);
  EXPECT_EQ(story.fact<chargeback::Opened>().on, story.today);
}
TEST_F(ChargebackTest, AReturnOfAnUnknownPaymentIsQueuedWithoutAnAmount) {
  chargeback::Return bounced;
  bounced.id = id;
  bounced.code = "AC04";
  story.given(bounced);
  EXPECT_EQ(story.fact<unbooked::Queued>().amount, 0);
  EXPECT_FALSE(story.fact<unbooked::Queued>().currency.valid());
}

}  // namespace
}  // namespace billing
