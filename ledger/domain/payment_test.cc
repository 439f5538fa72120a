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
    payment::Request request;
    request.id = {Story::id(n, 4)};
    request.account = Story::account(1);
    request.amount = amount;
    request.currency = *Currency::parse("USD");
    return request;
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
  EXPECT_EQ(story.when(to(Phase::kPending)), "invalid-transition");
  EXPECT_EQ(story.when(to(Phase::kFailed)), "invalid-transition");
  EXPECT_EQ(story.when(to(Phase::kPending, 9)), "unknown-payment");
}
TEST_F(PaymentTest, APaymentThatIsPendingIsNotCancelledOnceItIsUnknown) {
  story.given(request(500));
  story.given(to(Phase::kAuthorised));
  story.given(to(Phase::kPending));
  story.given(to(Phase::kUnknown));
  EXPECT_EQ(story.when(to(Phase::kCancelled)), "invalid-transition");
  EXPECT_EQ(story.when(to(Phase::kAuthorised)), "invalid-transition");
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
  EXPECT_EQ(story.due(1), 1000);
  EXPECT_EQ(story.due(2), 300);
  EXPECT_EQ(story.unapplied(1), 300);
  EXPECT_EQ(story.when(reallocate({{Story::invoice(2), 700, {}}})), "nothing-changes");
  EXPECT_EQ(story.when(reallocate({{Story::invoice(2), 1001, {}}})), "allocation-exceeds-open");
  story.given(reallocate({{Story::invoice(1), 300, {}}, {Story::invoice(2), 700, {}}}));
  EXPECT_EQ(story.unapplied(1), 0);
  EXPECT_EQ(story.due(1), 700);
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

}  // namespace
}  // namespace billing
