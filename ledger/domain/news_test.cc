// News from outside is never refused: what a provider reports late or out of order is queued, what our own people ask for is not.
#include "tests/support/story.h"

namespace billing {
namespace {

using payment::Phase;
using testing::expect_sound;
using testing::Story;

struct NewsTest : ::testing::Test {
  Story story;
  const PaymentId id{Story::id(1, 4)};
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
  }
  void TearDown() override { expect_sound(story); }
  payment::Progress to(Phase phase, std::string reference = {}) const {
    payment::Progress progress;
    progress.id = id;
    progress.phase = phase;
    progress.provider_reference = std::move(reference);
    return progress;
  }
  // A chargeback of the payment that was lost, and is reported as won after that.
  chargeback::Win given_won_after_lost(std::int64_t amount) {
    chargeback::Open open;
    open.id = id;
    open.chargeback = {Story::id(1, 8)};
    open.amount = amount;
    open.currency = *Currency::parse("USD");
    story.given(open);
    story.given(chargeback::Lose{id, open.chargeback, {}});
    const chargeback::Win won{id, open.chargeback, {}};
    story.given(won);
    return won;
  }
  UnbookedId queued() const { return story.fact<unbooked::Queued>().id; }
};

// How a payment of 500 gets to each phase.
const std::vector<std::pair<Phase, std::vector<Phase>>> kWays{
    {Phase::kRequested, {}},
    {Phase::kAuthorised, {Phase::kAuthorised}},
    {Phase::kPending, {Phase::kPending}},
    {Phase::kUnknown, {Phase::kUnknown}},
    {Phase::kNeedsReview, {Phase::kUnknown, Phase::kNeedsReview}},
    {Phase::kSucceeded, {Phase::kSucceeded}},
    {Phase::kFailed, {Phase::kFailed}},
    {Phase::kCancelled, {Phase::kCancelled}}};
// What becomes of each report, by the phase that the payment is in: taken, queued, same (nothing changes) or refused.
constexpr std::array<Phase, 7> kReports{Phase::kAuthorised, Phase::kPending,   Phase::kUnknown,  Phase::kNeedsReview,
                                        Phase::kSucceeded,  Phase::kFailed,    Phase::kCancelled};
constexpr std::array<std::string_view, 8> kOutcomes{
    "ttt-ttt",  // requested
    "=tt-ttt",  // authorised
    "q=t-ttt",  // pending
    "qt=ttt-",  // unknown
    "qq-=tt-",  // needs_review
    "qq--=q-",  // succeeded
    "qq--q=-",  // failed
    "qq--qq=",  // cancelled
};

std::string outcome(Story& story, const Command& report) {
  const std::string code = story.when(report);
  if (code == "nothing-changes") return "=";
  if (code == "invalid-transition") return "-";
  if (!code.empty()) return code;
  return std::holds_alternative<unbooked::Queued>(story.last.front().event) ? "q" : "t";
}

TEST(NewsTableTest, EveryReportOfAPaymentIsTakenOrQueuedAndOnlyOurOwnAreRefused) {
  for (std::size_t from = 0; from < kWays.size(); ++from) {
    for (std::size_t n = 0; n < kReports.size(); ++n) {
      Story story;
      story.given_customer();
      story.given_account(1);
      story.given(story.request(1, 500, {Story::id(1, 4)}));
      payment::Progress progress;
      progress.id = {Story::id(1, 4)};
      for (const Phase phase : kWays[from].second) {
        progress.phase = phase;
        story.given(progress);
      }
      progress.phase = kReports.at(n);
      EXPECT_EQ(outcome(story, progress), std::string(1, kOutcomes.at(from).at(n)))
          << payment::phase_text(kWays[from].first) << " to " << payment::phase_text(progress.phase);
      expect_sound(story);
    }
  }
}

TEST(NewsTableTest, EveryReportOfARefundIsTakenOrQueuedAndOnlyOurOwnAreRefused) {
  using Phase = refund::Phase;
  const std::vector<std::vector<Phase>> ways{
      {}, {Phase::kPending}, {Phase::kUnknown}, {Phase::kUnknown, Phase::kNeedsReview}, {Phase::kSucceeded}, {Phase::kFailed}};
  constexpr std::array<Phase, 6> kReported{Phase::kRequested,   Phase::kPending,   Phase::kUnknown,
                                           Phase::kNeedsReview, Phase::kSucceeded, Phase::kFailed};
  constexpr std::array<std::string_view, 6> kExpected{
      "=tt-tt",  // requested
      "-=t-tt",  // pending
      "-t=ttt",  // unknown
      "-q-=tt",  // needs_review
      "-q--=q",  // succeeded
      "-q--q=",  // failed
  };
  for (std::size_t from = 0; from < ways.size(); ++from) {
    for (std::size_t n = 0; n < kReported.size(); ++n) {
      Story story;
      story.given_customer();
      story.given_account(1);
      auto pay = story.pay(1, 500);
      pay.id = {Story::id(1, 4)};
      story.given(pay);
      refund::Request request;
      request.id = pay.id;
      request.refund = {Story::id(1, 7)};
      request.amount = 200;
      story.given(request);
      refund::Progress progress;
      progress.id = pay.id;
      progress.refund = request.refund;
      for (const Phase phase : ways[from]) {
        progress.phase = phase;
        story.given(progress);
      }
      progress.phase = kReported.at(n);
      EXPECT_EQ(outcome(story, progress), std::string(1, kExpected.at(from).at(n))) << from << " to " << n;
      expect_sound(story);
    }
  }
}

TEST(NewsTableTest, EveryOutcomeOfAChargebackIsTakenOrQueued) {
  // By what happened before: nothing, opened, won, lost.
  constexpr std::array<std::string_view, 4> kExpected{"tqq", "=tt", "==q", "=q="};  // reported: opened, won, lost
  for (std::size_t from = 0; from < kExpected.size(); ++from) {
    for (std::size_t n = 0; n < 3; ++n) {
      Story story;
      story.given_customer();
      story.given_account(1);
      auto pay = story.pay(1, 500);
      pay.id = {Story::id(1, 4)};
      story.given(pay);
      const ChargebackId chargeback{Story::id(1, 8)};
      chargeback::Open open;
      open.id = pay.id;
      open.chargeback = chargeback;
      open.amount = 200;
      open.currency = *Currency::parse("USD");
      const std::array<Command, 3> reports{Command(open), Command(chargeback::Win{pay.id, chargeback, {}}),
                                           Command(chargeback::Lose{pay.id, chargeback, {}})};
      if (from > 0) story.given(reports[0]);
      if (from > 1) story.given(reports.at(from - 1));
      EXPECT_EQ(outcome(story, reports.at(n)), std::string(1, kExpected.at(from).at(n))) << from << " to " << n;
      expect_sound(story);
    }
  }
}

TEST_F(NewsTest, ALateSuccessIsBookedOnceItIsAssigned) {
  story.given(story.issue(1, 1, {Story::line(1, 500)}));
  story.given(story.request(1, 500, id));
  story.given(to(Phase::kFailed));
  story.given(to(Phase::kSucceeded, "tr_77"));
  const auto& entry = story.fact<unbooked::Queued>();
  EXPECT_EQ(entry.kind, unbooked::Kind::kLateMoney);
  EXPECT_EQ(entry.customer, Story::customer);
  EXPECT_EQ(entry.amount, 500);
  EXPECT_EQ(entry.reported_object, id.text());
  EXPECT_EQ(entry.detail, "succeeded: from failed to succeeded; possible: nothing");
  const UnbookedId late = queued();
  EXPECT_EQ(story.due(1), 500);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 0);
  story.given(unbooked::Assign{late, Story::account(1)});
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 500);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), 0);
  EXPECT_EQ(story.when(unbooked::Assign{late, Story::account(1)}), "already-resolved");
}
TEST_F(NewsTest, TheSameNewsIsQueuedOnceAndNewsWithAnotherReferenceAgain) {
  story.given(story.request(1, 500, id));
  story.given(to(Phase::kCancelled));
  story.given(to(Phase::kSucceeded, "tr_1"));
  const UnbookedId first = queued();
  EXPECT_EQ(story.when(to(Phase::kSucceeded, "tr_1")), "nothing-changes");
  story.given(to(Phase::kSucceeded, "tr_2"));
  EXPECT_NE(queued(), first);
  story.given(to(Phase::kFailed, "tr_1"));
  EXPECT_EQ(story.fact<unbooked::Queued>().kind, unbooked::Kind::kPaymentResult);
  story.given(unbooked::Resolve{first, "a mistake of the provider"});
  EXPECT_EQ(story.when(to(Phase::kSucceeded, "tr_1")), "nothing-changes");
}
TEST_F(NewsTest, NewsOfAPaymentThatWeDoNotKnowIsTheOperators) {
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "unknown-payment");
  EXPECT_EQ(story.fact<unbooked::Queued>().customer, kOperator);
  const UnbookedId unknown_amount = queued();
  EXPECT_EQ(story.when(unbooked::Assign{unknown_amount, Story::account(1)}), "invalid-transition");
  story.given(unbooked::Resolve{unknown_amount, "recorded by hand"});

  auto with_amount = to(Phase::kSucceeded, "tr_9");
  with_amount.amount = 700;
  with_amount.currency = *Currency::parse("USD");
  story.given(with_amount);
  story.given(unbooked::Assign{queued(), Story::account(1)});
  EXPECT_EQ(story.unapplied(1), 700);

  refund::Progress refunded;
  refunded.id = id;
  refunded.refund = {Story::id(1, 7)};
  refunded.phase = refund::Phase::kSucceeded;
  story.given(refunded);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "unknown-payment");
}
TEST_F(NewsTest, ASuccessOfAnotherAmountOrCurrencyIsQueued) {
  story.given(story.request(1, 500, id));
  auto success = to(Phase::kSucceeded);
  success.amount = 499;
  success.currency = *Currency::parse("USD");
  story.given(success);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "sum-mismatch");
  EXPECT_EQ(story.fact<unbooked::Queued>().amount, 499);
  success.provider_reference = "euro";
  success.currency = *Currency::parse("EUR");
  story.given(success);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "currency-mismatch");
  success.amount = 0;
  EXPECT_EQ(story.when(success), "amount-not-positive");
  success.amount = 500;
  success.currency = *Currency::parse("USD");
  story.given(success);
  EXPECT_EQ(story.unapplied(1), 500);
}
TEST_F(NewsTest, ALateSuccessOfAFrozenAccountWaitsUntilItIsUnfrozen) {
  story.given(story.request(1, 500, id));
  story.given(to(Phase::kFailed));
  story.given(account::Freeze{Story::account(1), "test", {}});
  story.given(to(Phase::kSucceeded));
  const UnbookedId late = queued();
  EXPECT_EQ(story.when(unbooked::Assign{late, Story::account(1)}), "account-frozen");
  story.given(account::Unfreeze{Story::account(1), "looked into", {"ann", "bob"}});
  story.given(unbooked::Assign{late, Story::account(1)});
  EXPECT_EQ(story.unapplied(1), 500);
}
TEST_F(NewsTest, AChargebackThatIsWonAfterItWasLostIsLateMoney) {
  auto pay = story.pay(1, 500);
  pay.id = id;
  story.given(pay);
  const chargeback::Win won = given_won_after_lost(200);
  EXPECT_EQ(story.fact<unbooked::Queued>().kind, unbooked::Kind::kLateMoney);
  EXPECT_EQ(story.fact<unbooked::Queued>().amount, 200);
  EXPECT_EQ(story.unapplied(1), 300);
  const UnbookedId late = queued();
  EXPECT_EQ(story.when(won), "nothing-changes");
  story.given(unbooked::Assign{late, Story::account(1)});
  EXPECT_EQ(story.unapplied(1), 500);
}

// In euro; the customer's books are in US dollars.
Settlement in_euro(std::int64_t amount) { return {amount, *Currency::parse("EUR"), {}, "bank"}; }

TEST_F(NewsTest, LateMoneyKeepsTheCurrencyInWhichItCame) {
  story.given(story.request(1, 24995, id));
  story.given(to(Phase::kFailed));
  auto late = to(Phase::kSucceeded);
  late.settled = in_euro(22544);
  story.given(late);
  ASSERT_EQ(story.fact<unbooked::Queued>().settled, in_euro(22544));
  story.given(unbooked::Assign{queued(), Story::account(1)});
  EXPECT_EQ(story.fact<payment::Recorded>().settled, in_euro(22544));
}
TEST_F(NewsTest, WhatALostChargebackGivesBackKeepsTheCurrencyInWhichItWasTaken) {
  auto record = story.pay(1, 24995);
  record.id = id;
  record.method = payment::Method::kCard;
  record.settled = in_euro(22544);
  story.given(record);
  given_won_after_lost(24995);
  ASSERT_EQ(story.fact<unbooked::Queued>().settled.value_or(Settlement{}).amount, 22544);
  story.given(unbooked::Assign{queued(), Story::account(1)});
  EXPECT_EQ(story.fact<payment::Recorded>().settled.value_or(Settlement{}).currency, *Currency::parse("EUR"));
}
TEST_F(NewsTest, ASuccessWhoseSettlementDoesNotFitIsQueued) {
  story.given(story.request(1, 24995, id));
  auto odd = to(Phase::kSucceeded);
  odd.settled = in_euro(22544);
  odd.settled->rate = *Decimal::parse("0.5");
  story.given(odd);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "settlement-mismatch");
  EXPECT_EQ(story.state.payments.at(id).phase, Phase::kRequested);
}
TEST_F(NewsTest, APayOutOfWhatTheProviderDoesNotHoldForUsIsQueued) {
  payment::PayOut out;
  out.id = id;
  out.reference = "po_1";
  story.given(out);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "unknown-payment");
  EXPECT_EQ(story.fact<unbooked::Queued>().customer, kOperator);
  EXPECT_EQ(story.when(out), "nothing-changes") << "the same news again";
  story.given(story.request(1, 500, id));
  out.reference = "po_2";
  story.given(out);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "payment-not-succeeded");
  EXPECT_EQ(story.fact<unbooked::Queued>().amount, 500);
  story.given(to(Phase::kSucceeded));
  out.fee = -1;
  EXPECT_EQ(story.when(out), "amount-not-positive");
  out.fee = 0;
  story.given(out);
  EXPECT_EQ(story.fact<payment::PaidOut>().amount, 500);
  EXPECT_EQ(story.when(out), "already-paid-out");
}
TEST_F(NewsTest, ASettlementOfARefundThatHasNotSucceededIsQueued) {
  refund::Settle settle;
  settle.id = id;
  settle.refund = {Story::id(1, 7)};
  story.given(settle);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "unknown-payment");
  EXPECT_EQ(story.when(settle), "nothing-changes") << "the same news again";
  auto pay = story.pay(1, 500);
  pay.id = id;
  story.given(pay);
  settle.refund = {Story::id(2, 7)};
  story.given(settle);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "unknown-refund");
  refund::Request request;
  request.id = id;
  request.refund = {Story::id(3, 7)};
  request.amount = 200;
  story.given(request);
  settle.refund = request.refund;
  story.given(settle);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "invalid-transition");
  EXPECT_EQ(story.fact<unbooked::Queued>().amount, 200);
}
TEST_F(NewsTest, ASecondSuccessOfAnotherAmountIsOtherMoney) {
  story.given(story.request(1, 500, id));
  story.given(to(Phase::kSucceeded, "tr_1"));
  auto second = to(Phase::kSucceeded, "tr_2");
  second.amount = 600;
  story.given(second);
  EXPECT_EQ(story.fact<unbooked::Queued>().amount, 600);
  EXPECT_EQ(story.when(second), "nothing-changes") << "the same news again";
}

}  // namespace
}  // namespace billing
