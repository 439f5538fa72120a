// Payments from the wish to the books: reservations, outcomes, reversal, reallocation, pay-out, settlement.
#include "tests/support/story.h"

namespace billing {
namespace {

using payment::Phase;
using testing::expect_sound;
using testing::Story;

struct PaymentTest : ::testing::Test {
  Story story;
  const PaymentId id{Story::id(1, 4)};
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }

  void given_invoice(std::uint32_t n, std::int64_t net, std::uint32_t service = 1) {
    story.given(story.issue(n, 1, {Story::line(service, net)}));
  }
  payment::Request request(std::int64_t amount, std::uint32_t n = 1) const {
    return story.request(1, amount, {Story::id(n, 4)});
  }
  payment::Progress to(Phase phase, std::uint32_t n = 1) const { return {{Story::id(n, 4)}, phase, {}, {}, {}, {}}; }
  payment::Record paid(std::int64_t amount, payment::Method method = payment::Method::kCard) const {
    auto record = story.pay(1, amount);
    record.id = id;
    record.method = method;
    return record;
  }
  payment::Reallocate reallocate(std::vector<payment::Instruction> instructions) const {
    payment::Reallocate reallocate;
    reallocate.id = id;
    reallocate.instructions = std::move(instructions);
    return reallocate;
  }
};

TEST_F(PaymentTest, ARequestReservesAndPostsNothing) {
  given_invoice(1, 24995);
  story.given(request(24995));
  EXPECT_EQ(story.due(1), 24995);
  EXPECT_EQ(story.state.invoices.at(Story::invoice(1)).reserved, 24995);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 0);
}
TEST_F(PaymentTest, ASecondAttemptOnReservedMoneyIsRefusedUntilTheOutcomeIsKnown) {
  given_invoice(1, 24995);
  story.given(request(24995));
  story.given(to(Phase::kUnknown));
  EXPECT_EQ(story.when(request(24995, 2)), "money-reserved");
  auto chosen = request(1, 2);
  chosen.instructions = {{Story::invoice(1), 1, {}}};
  EXPECT_EQ(story.when(chosen), "money-reserved");
  story.given(to(Phase::kFailed));
  EXPECT_EQ(story.due(1), 24995);
  story.given(request(24995, 2));
}
TEST_F(PaymentTest, AnUnknownOutcomeThatWasASuccessPays) {
  given_invoice(1, 24995);
  story.given(request(24995));
  story.given(to(Phase::kUnknown));
  story.given(to(Phase::kNeedsReview));
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 24995);
  EXPECT_EQ(story.state.invoices.at(Story::invoice(1)).reserved, 0);
}
TEST_F(PaymentTest, ASuccessTakesWhatIsStillOpenAndTheRestIsUnapplied) {
  given_invoice(1, 1000);
  story.given(request(1000));
  story.given(story.credit(1, {Story::credit_line(0, 400)}, Story::invoice(1)));
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 400);
}
TEST_F(PaymentTest, ALateOrRepeatedMessageOfTheProviderChangesNothing) {
  given_invoice(1, 1000);
  story.given(request(1000));
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.when(to(Phase::kSucceeded)), "nothing-changes");
  EXPECT_EQ(story.when(to(Phase::kCancelled)), "invalid-transition");
  EXPECT_EQ(story.when(to(Phase::kCancelled, 9)), "unknown-payment");
}
TEST_F(PaymentTest, APaymentThatIsPendingIsNotCancelledOnceItIsUnknown) {
  story.given(request(500));
  story.given(to(Phase::kAuthorised));
  story.given(to(Phase::kPending));
  story.given(to(Phase::kUnknown));
  EXPECT_EQ(story.when(to(Phase::kCancelled)), "invalid-transition");
  story.given(to(Phase::kAuthorised));
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "invalid-transition");
}
TEST_F(PaymentTest, ARequestWithNothingOpenIsAPrepayment) {
  story.given(request(500));
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.unapplied(1), 500);
}
TEST_F(PaymentTest, OnlyCardsAndBankDebitsAreRequestedAndTheMethodOnFileMustBeThere) {
  auto cheque = request(500);
  cheque.method = payment::Method::kCheque;
  EXPECT_EQ(story.when(cheque), "unknown-method");
  auto stray = request(500);
  stray.method_on_file = MethodId{Story::id(9, 6)};
  EXPECT_EQ(story.when(stray), "unknown-payment-method");
}

TEST_F(PaymentTest, AnInstructionMayNameOneAccountsShare) {
  story.given(story.issue(1, 1, {Story::line(1, 1000), Story::line(2, 1000)}));
  auto record = paid(600);
  record.instructions = {{Story::invoice(1), 600, Story::account(2)}};
  story.given(record);
  EXPECT_EQ(story.open(1), 1000);
  EXPECT_EQ(story.open(2), 400);
}

TEST_F(PaymentTest, AWronglyKeyedPaymentIsReversedOnce) {
  given_invoice(1, 1000);
  story.given(paid(1500, payment::Method::kCheque));
  story.given(payment::Reverse{id, "keyed twice", {}});
  EXPECT_EQ(story.due(1), 1000);
  EXPECT_EQ(story.unapplied(1), 0);
  EXPECT_EQ(story.posted(Ledger::kCash), 0);
  EXPECT_EQ(story.when(payment::Reverse{id, "again", {}}), "payment-reversed");
}
TEST_F(PaymentTest, APaymentThatWasPaidOutOrPartlyRefundedIsNotReversed) {
  story.given(paid(1000));
  payment::PayOut out;
  out.id = id;
  out.fee = 30;
  story.given(out);
  EXPECT_EQ(story.posted(Ledger::kCash), 970);
  EXPECT_EQ(story.posted(Ledger::kPaymentFees), 30);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 0);
  EXPECT_EQ(story.when(out), "already-paid-out");
  EXPECT_EQ(story.when(payment::Reverse{id, "late", {}}), "already-paid-out");
}
TEST_F(PaymentTest, AFeeIsAtMostTheAmountAndCashIsNotPaidOut) {
  story.given(paid(1000));
  payment::PayOut out;
  out.id = id;
  out.fee = 1001;
  EXPECT_EQ(story.when(out), "fee-exceeds-amount");
  auto cash = story.pay(1, 100);
  cash.id = {Story::id(2, 4)};
  cash.method = payment::Method::kCash;
  story.given(cash);
  out.id = cash.id;
  out.fee = 0;
  EXPECT_NE(story.when(out), "");
}

TEST_F(PaymentTest, AReallocationMovesMoneyBetweenInvoicesThroughUnappliedCredit) {
  given_invoice(1, 1000);
  given_invoice(2, 1000);
  story.given(paid(1000));
  EXPECT_EQ(story.due(1), 0);
  story.given(reallocate({{Story::invoice(2), 700, {}}}));
  EXPECT_EQ(story.fact<payment::Reallocated>().unapplied_change, 300);
  EXPECT_EQ(story.due(2), 300);
  EXPECT_EQ(story.due(1), 700) << "what the payer left unapplied pays the oldest again";
  EXPECT_EQ(story.unapplied(1), 0);
  EXPECT_EQ(story.when(reallocate({{Story::invoice(1), 300, {}}, {Story::invoice(2), 700, {}}})), "nothing-changes");
  EXPECT_EQ(story.when(reallocate({{Story::invoice(2), 1001, {}}})), "allocation-exceeds-open");
}

TEST_F(PaymentTest, APaymentSettledInAnotherCurrencyBalancesInBoth) {
  given_invoice(1, 24995);
  auto record = paid(24995, payment::Method::kWire);
  record.settled = Settlement{22544, *Currency::parse("EUR"), {}, "bank"};
  story.given(record);
  EXPECT_EQ(story.due(1), 0);
  std::map<std::string, std::int64_t> cash;
  for (const Posting& posting : postings_for(story.last[0].event)) {
    const std::string currency(posting.currency.valid() ? posting.currency.code() : "USD");
    if (posting.ledger == Ledger::kCash || posting.ledger == Ledger::kCurrencyClearing) {
      cash[currency + std::to_string(static_cast<int>(posting.ledger))] += posting.amount;
    }
  }
  EXPECT_EQ(cash, (std::map<std::string, std::int64_t>{{"EUR1000", 22544}, {"EUR1900", -22544}, {"USD1900", 24995}}));
}
TEST_F(PaymentTest, ASettlementThatDoesNotFollowFromItsRateIsRefused) {
  auto record = paid(10000);
  record.settled = Settlement{9000, *Currency::parse("EUR"), *Decimal::parse("0.91"), "bank"};
  EXPECT_EQ(story.when(record), "settlement-mismatch");
  record.settled->amount = 9100;
  story.given(record);
}
TEST_F(PaymentTest, AFailureAfterTheDueDateLeavesItOverdue) {
  given_invoice(1, 24995);
  story.given(request(24995));
  story.given(to(Phase::kUnknown));
  story.today = story.today.plus_days(60);
  story.given(to(Phase::kFailed));
  EXPECT_EQ(story.due(1), 24995);
  EXPECT_LT(story.state.invoices.at(Story::invoice(1)).due_date, story.today);
}
TEST_F(PaymentTest, BesideAReservationAPrepaymentSaysSo) {
  given_invoice(1, 1000);
  given_invoice(2, 500);
  auto first = request(1000);
  first.instructions = {{Story::invoice(1), 1000, {}}};
  story.given(first);
  story.given(request(500, 2));
  EXPECT_EQ(story.fact<payment::Requested>().reserved.front().invoice, Story::invoice(2));
  EXPECT_EQ(story.when(request(1, 3)), "money-reserved");
  auto prepaid = request(1, 3);
  prepaid.instructions.emplace();
  story.given(prepaid);
}
TEST_F(PaymentTest, ARequestLeavesDisputedMoneyAlone) {
  given_invoice(1, 1000);
  auto dispute = story.dispute(1);
  dispute.amount = 600;
  story.given(dispute);
  story.given(request(1000));
  EXPECT_EQ(story.fact<payment::Requested>().reserved, (std::vector<payment::Instruction>{{Story::invoice(1), 400, {}}}));
}
TEST_F(PaymentTest, AReservationOfASharedInvoiceIsSplitProRataOnSuccess) {
  story.given(story.issue(1, 1, {Story::line(1, 1000), Story::line(2, 2000)}));
  story.given(request(100));
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.open(1), 967);
  EXPECT_EQ(story.open(2), 1933);
}
TEST_F(PaymentTest, ASuccessThatPaysInFullClosesTheDispute) {
  given_invoice(1, 1000);
  story.given(story.dispute(1));
  auto chosen = request(1000);
  chosen.instructions = {{Story::invoice(1), 1000, {}}};
  story.given(chosen);
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.fact<dispute::Closed>(1).outcome, dispute::Outcome::kPaid);
}
TEST_F(PaymentTest, AFrozenAccountTakesNoMoneyAndASuccessIsQueued) {
  story.given(request(500));
  story.given(account::Freeze{Story::account(1), "test", {}});
  EXPECT_EQ(story.when(story.pay(1, 100)), "account-frozen");
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.fact<unbooked::Queued>().kind, unbooked::Kind::kPaymentResult);
  EXPECT_EQ(story.when(to(Phase::kSucceeded)), "nothing-changes");
  story.given(account::Unfreeze{Story::account(1), "looked into", {"ann", "bob"}});
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.unapplied(1), 500);
}
TEST_F(PaymentTest, AClosedAccountStillTakesMoney) {
  story.given(account::Close{Story::account(2)});
  auto late = story.pay(2, 100);
  story.given(late);
  EXPECT_EQ(story.unapplied(2), 100);
  EXPECT_EQ(story.unapplied(1), 0);
  refund::Request refund;
  refund.id = story.fact<payment::Recorded>().id;
  refund.refund = {Story::id(1, 7)};
  refund.amount = 100;
  story.given(refund);
  story.given(refund::Progress{refund.id, refund.refund, payment::ClaimPhase::kSucceeded, {}, {}, {}});
  EXPECT_EQ(story.unapplied(2), 0);
}
TEST_F(PaymentTest, ASuccessThatComesAfterTheClosingIsTakenToo) {
  auto wish = request(100);
  wish.account = Story::account(2);
  story.given(wish);
  story.given(account::Close{Story::account(2)});
  story.given(to(Phase::kSucceeded));
  EXPECT_EQ(story.unapplied(2), 100);
}
TEST_F(PaymentTest, TheProvidersDateIsNeverARefusal) {
  story.given(request(500));
  auto success = to(Phase::kSucceeded);
  success.on = story.today.plus_days(1);
  story.given(success);
  EXPECT_EQ(story.fact<payment::Succeeded>().received_on, story.today);
}
TEST_F(PaymentTest, MoneyOfAClosedPeriodCountsInTheNextOne) {
  const Date received = story.today;
  story.today = Date::clamped(2026, 3, 2);
  story.given(books::BeginClose{received.month_index()});
  auto record = paid(100);
  record.received_on = received;
  story.given(record);
  EXPECT_EQ(story.fact<payment::Recorded>().received_on, received);
  EXPECT_EQ(story.fact<payment::Recorded>().posting_date, Date::clamped(2026, 2, 1));
  EXPECT_EQ(story.when(payment::Reverse{id, "before it came", received.plus_days(-1)}), "invalid-date");
  story.given(payment::Reverse{id, "keyed twice", received});
  EXPECT_EQ(story.fact<payment::Reversed>().posting_date, Date::clamped(2026, 2, 1));
}

TEST_F(PaymentTest, TwoAccountsSharesOfOneInvoiceAreChosenApartButNoShareTwice) {
  story.given(story.issue(1, 1, {Story::line(1, 1000), Story::line(2, 1000)}));
  auto record = paid(900);
  record.instructions = {{Story::invoice(1), 600, Story::account(2)}, {Story::invoice(1), 300, {}}};
  EXPECT_EQ(story.when(record), "duplicate-allocation");
  record.instructions->back().account = Story::account(1);
  story.given(record);
  EXPECT_EQ(story.open(1), 700);
  EXPECT_EQ(story.open(2), 400);
  EXPECT_EQ(story.when(reallocate({{Story::invoice(1), 1001, Story::account(2)}})), "allocation-exceeds-open");
}
TEST_F(PaymentTest, AReallocationKeepsTheSplitOfWhatItLeaves) {
  story.given(story.issue(1, 1, {Story::line(1, 1000), Story::line(2, 1000)}));
  given_invoice(2, 1000);
  auto record = paid(600);
  record.instructions = {{Story::invoice(1), 500, Story::account(2)}, {Story::invoice(2), 100, {}}};
  story.given(record);
  story.given(reallocate({{Story::invoice(1), 500, {}}, {Story::invoice(2), 60, {}}}));
  const auto& moved = story.fact<payment::Reallocated>();
  EXPECT_EQ(moved.released, (std::vector<Allocation>{{Story::invoice(2), Story::account(1), 40}}));
  EXPECT_TRUE(moved.allocations.empty());
  EXPECT_EQ(moved.unapplied_change, 40);
}
TEST_F(PaymentTest, CreditOfAPaymentThatMeetsALaterInvoiceIsPartOfThePayment) {
  story.given(paid(1000));
  given_invoice(1, 700);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.state.invoices.at(Story::invoice(1)).paid, 700);
  story.given(payment::Reverse{id, "keyed twice", {}});
  EXPECT_EQ(story.due(1), 700);
  EXPECT_EQ(story.unapplied(1), 0);
}
TEST_F(PaymentTest, AReversalFindsMoneyThatWasTransferred) {
  story.given(paid(1000));
  story.given(receivables::TransferCredit{Story::account(1), Story::account(2), 400, {}, {}});
  story.given(payment::Reverse{id, "keyed twice", {}});
  EXPECT_EQ(story.unapplied(1), 0);
  EXPECT_EQ(story.unapplied(2), 0);
}

TEST_F(PaymentTest, ARateMindsTheMinorUnitsOfBothCurrencies) {
  auto record = paid(10000);
  record.settled = Settlement{15000, *Currency::parse("JPY"), *Decimal::parse("150"), "bank"};
  story.given(record);
  auto dinars = story.pay(1, 10000);
  dinars.settled = Settlement{30750, *Currency::parse("KWD"), *Decimal::parse("0.3075"), "bank"};
  story.given(dinars);
  dinars.settled->amount = 3075;
  EXPECT_EQ(story.when(dinars), "settlement-mismatch");
  dinars.settled = Settlement{10000, *Currency::parse("USD"), {}, "bank"};
  EXPECT_EQ(story.when(dinars), "settlement-mismatch");
  dinars.settled = Settlement{0, *Currency::parse("EUR"), {}, "bank"};
  EXPECT_EQ(story.when(dinars), "amount-not-positive");
}
TEST_F(PaymentTest, WhatWasSettledInEuroIsPaidOutInEuroLessWhatWasTakenBack) {
  const Currency euro = *Currency::parse("EUR");
  auto record = paid(10000);
  record.settled = Settlement{9000, euro, {}, "provider"};
  story.given(record);
  chargeback::Open open;
  open.id = id;
  open.amount = 2000;
  open.currency = *Currency::parse("USD");
  story.given(open);
  payment::PayOut out;
  out.id = id;
  out.fee = 100;
  out.currency = *Currency::parse("USD");
  EXPECT_EQ(story.when(out), "currency-mismatch");
  out.currency = euro;
  story.given(out);
  EXPECT_EQ(story.posted(Ledger::kCash, euro), 7100);
  EXPECT_EQ(story.posted(Ledger::kPaymentFees, euro), 100);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit, euro), 0);
}
TEST_F(PaymentTest, AReversalOfASettledPaymentLeavesNothingOnClearing) {
  const Currency euro = *Currency::parse("EUR");
  auto record = paid(10000, payment::Method::kWire);
  record.settled = Settlement{9000, euro, {}, "bank"};
  story.given(record);
  story.given(payment::Reverse{id, "keyed twice", {}});
  EXPECT_EQ(story.posted(Ledger::kCash, euro), 0);
  EXPECT_EQ(story.posted(Ledger::kCurrencyClearing, euro), 0);
  EXPECT_EQ(story.posted(Ledger::kCurrencyClearing), 0);
}

}  // namespace
}  // namespace billing
