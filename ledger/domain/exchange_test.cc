// Later differences of what was settled in another currency: gains and losses between 1900 and 7900.
#include "ledger/domain/checks.h"
#include "tests/support/story.h"

namespace billing {
namespace {

using payment::DifferenceKind;
using testing::expect_sound;
using testing::Story;

struct ExchangeTest : ::testing::Test {
  Story story;
  const PaymentId id{Story::id(1, 4)};
  const Currency euro = *Currency::parse("EUR");
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
  }
  void TearDown() override { expect_sound(story); }

  void given_settled(std::int64_t amount, std::int64_t settled) {
    auto record = story.pay(1, amount);
    record.id = id;
    record.method = payment::Method::kCard;
    record.settled = Settlement{settled, euro, {}, "bank"};
    story.given(record);
  }
  payment::RecordExchangeDifference gain(std::int64_t amount) const {
    return {id, DifferenceKind::kGain, amount, {}, "FX 1", {}};
  }
  payment::RecordExchangeDifference loss(std::int64_t amount) const {
    return {id, DifferenceKind::kLoss, amount, {}, "FX 2", {}};
  }
  chargeback::Open chargeback(std::int64_t amount) const {
    chargeback::Open open;
    open.id = id;
    open.chargeback = {Story::id(1, 8)};
    open.amount = amount;
    open.currency = *Currency::parse("USD");
    return open;
  }
};

TEST_F(ExchangeTest, ALossLeavesCurrencyClearingAndAGainComesToIt) {
  given_settled(24995, 22544);
  story.given(loss(120));
  EXPECT_EQ(story.posted(Ledger::kCurrencyClearing), 24875);
  EXPECT_EQ(story.posted(Ledger::kExchangeDifference), 120);
  story.given(gain(200));
  EXPECT_EQ(story.posted(Ledger::kCurrencyClearing), 25075);
  EXPECT_EQ(story.posted(Ledger::kExchangeDifference), -80);
  EXPECT_EQ(story.posted(Ledger::kCurrencyClearing, euro), -22544);
  EXPECT_EQ(story.unapplied(1), 24995) << "the payer is not concerned";
}

TEST_F(ExchangeTest, LossesTogetherAreAtMostWhatClearingHolds) {
  given_settled(1000, 900);
  story.given(loss(600));
  EXPECT_EQ(story.when(loss(401)), "loss-exceeds-clearing");
  story.given(gain(100));
  story.given(loss(500));
  EXPECT_EQ(story.when(loss(1)), "loss-exceeds-clearing");
}

TEST_F(ExchangeTest, WhatWasTakenBackCanNoLongerBeLost) {
  given_settled(1000, 900);
  story.given(chargeback(700));
  EXPECT_EQ(story.when(loss(301)), "loss-exceeds-clearing");
  refund::Request request;
  request.id = id;
  request.refund = {Story::id(1, 7)};
  request.amount = 200;
  story.given(request);
  story.given(loss(150));  // what is asked for is not taken yet
  story.given(refund::Progress{id, request.refund, refund::Phase::kSucceeded, {}, {}, {}});
  EXPECT_EQ(story.when(loss(1)), "loss-exceeds-clearing");
  story.given(gain(51));
  EXPECT_EQ(story.when(loss(2)), "loss-exceeds-clearing");
  story.given(loss(1));
  story.given(chargeback::Win{id, {Story::id(1, 8)}, {}});
  story.given(loss(700));
}

TEST_F(ExchangeTest, OnlyASuccessThatWasSettledInAnotherCurrencyHasADifference) {
  EXPECT_EQ(story.when(gain(1)), "unknown-payment");
  story.given(story.request(1, 1000, id));
  EXPECT_EQ(story.when(gain(1)), "payment-not-succeeded");
  story.given(payment::Progress{id, payment::Phase::kSucceeded, {}, {}, {}, {}});
  EXPECT_EQ(story.when(gain(1)), "not-exchanged");
}

TEST_F(ExchangeTest, ADifferenceIsAPositiveAmountInTheCustomersCurrency) {
  given_settled(1000, 900);
  EXPECT_EQ(story.when(gain(0)), "amount-not-positive");
  EXPECT_EQ(story.when(loss(-1)), "amount-not-positive");
  EXPECT_EQ(story.when(gain(INT64_MAX)), "overflow");
  auto in_euro = gain(1);
  in_euro.currency = euro;
  EXPECT_EQ(story.when(in_euro), "currency-mismatch");
  auto spoken = gain(1);
  spoken.reference = std::string(201, 'x');
  EXPECT_EQ(story.when(spoken), "invalid-text");
}

TEST_F(ExchangeTest, AReversalWaitsUntilNoDifferenceStands) {
  given_settled(1000, 900);
  story.given(loss(30));
  EXPECT_EQ(story.when(payment::Reverse{id, "keyed twice", {}}), "exchange-difference-stands");
  story.given(gain(30));
  story.given(payment::Reverse{id, "keyed twice", {}});
  EXPECT_EQ(story.posted(Ledger::kCurrencyClearing), 0);
  EXPECT_EQ(story.posted(Ledger::kExchangeDifference), 0);
  EXPECT_EQ(story.when(gain(1)), "payment-reversed");
}

TEST_F(ExchangeTest, ItsDateIsNotBeforeTheReceiptAndItIsPostedInAnOpenPeriod) {
  given_settled(1000, 900);
  const Date received = story.today;
  auto early = loss(10);
  early.on = received.plus_days(-1);
  EXPECT_EQ(story.when(early), "invalid-date");
  early.on = received.plus_days(1);
  EXPECT_EQ(story.when(early), "posting-in-future");
  const std::int32_t month = received.month_index();
  while (story.today.month_index() == month) story.today = story.today.plus_days(1);
  story.given(books::BeginClose{month});
  early.on = received;
  story.given(early);
  EXPECT_EQ(story.last[0].document_date, received);
  EXPECT_EQ(story.last[0].posting_date, story.today);
}

TEST_F(ExchangeTest, OfAFrozenAccountNothingIsRecorded) {
  given_settled(1000, 900);
  story.given(account::Freeze{Story::account(1), "open-items", {}});
  EXPECT_EQ(story.when(gain(1)), "account-frozen");
}

TEST_F(ExchangeTest, ALossThatNoDeciderWouldAllowIsABreach) {
  given_settled(1000, 900);
  const auto found = [&](std::int64_t amount) {
    const payment::ExchangeDifferenceRecorded recorded{id, Story::account(1), amount, story.today, story.today,
                                                       *Currency::parse("USD"), {}};
    const std::vector events{money_fact({StreamKind::kPayment, id.uuid}, Story::customer, recorded, story.today,
                                        story.today, recorded.currency)};
    const std::vector<std::vector<Posting>> postings{postings_for(events[0].event)};
    const auto breach = checks::check(story.state, events, postings);
    return breach ? breach->check : std::string();
  };
  EXPECT_EQ(found(-1000), "");
  EXPECT_EQ(found(-1001), "currency-clearing");
  EXPECT_EQ(found(1001), "");
}

}  // namespace
}  // namespace billing
