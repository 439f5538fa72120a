// Refunds: what they reserve, what they take back, in which order, with and without an adjustment.
#include "tests/support/story.h"

namespace billing {
namespace {

using refund::Phase;
using testing::expect_sound;
using testing::Story;

struct RefundTest : ::testing::Test {
  Story story;
  const PaymentId id{Story::id(1, 4)};
  std::uint32_t serial = 0;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }

  void given_paid(std::vector<Line> lines, std::int64_t amount) {
    story.given(story.issue(1, 1, std::move(lines)));
    auto record = story.pay(1, amount);
    record.id = id;
    story.given(record);
  }
  refund::Request request(std::int64_t amount, bool with_adjustment = false) {
    refund::Request request;
    request.id = id;
    request.refund = {Story::id(++serial, 7)};
    request.amount = amount;
    request.with_adjustment = with_adjustment;
    return request;
  }
  refund::Progress to(Phase phase, std::uint32_t n) const { return {id, {Story::id(n, 7)}, phase, {}, {}, {}}; }
  void refund_now(std::int64_t amount, bool with_adjustment = false) {
    story.given(request(amount, with_adjustment));
    story.given(to(Phase::kSucceeded, serial));
  }
};

TEST_F(RefundTest, RefundsWithoutAndWithAdjustmentLeaveTenDue) {
  given_paid({Story::line(1, 24995)}, 24995);
  refund_now(1000);
  EXPECT_EQ(story.due(1), 1000);
  refund_now(100, true);
  refund_now(1000, true);
  EXPECT_EQ(story.due(1), 1000);
  EXPECT_EQ(story.state.payments.at(id).claimed(), 2100);
}
TEST_F(RefundTest, ARefundOf29Of31DaysIsDueWithoutAndNotWithAdjustment) {
  given_paid({Story::line(1, 24995)}, 24995);
  refund_now(23382);
  EXPECT_EQ(story.due(1), 23382);
}
TEST_F(RefundTest, WithAdjustmentTheSameRefundLeavesNothingDue) {
  given_paid({Story::line(1, 24995)}, 24995);
  refund_now(23382, true);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.balance(1), 0);
}
TEST_F(RefundTest, CreditThatANoteLeftOnThePaidInvoiceGoesFirst) {
  given_paid({Story::line(1, 500), Story::line(1, 2000)}, 2500);
  story.given(story.credit(1, {Story::credit_line(1, 1000)}, Story::invoice(1)));
  EXPECT_EQ(story.balance(1), -1000);
  refund_now(700);
  EXPECT_EQ(story.balance(1), -300);
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(RefundTest, WithAdjustmentTheNotesCreditStays) {
  given_paid({Story::line(1, 500), Story::line(1, 2000)}, 2500);
  story.given(story.credit(1, {Story::credit_line(1, 1000)}, Story::invoice(1)));
  refund_now(700, true);
  EXPECT_EQ(story.balance(1), -1000);
}
TEST_F(RefundTest, BeyondTheNotesCreditTheInvoiceIsOpenAgain) {
  given_paid({Story::line(1, 500), Story::line(1, 2000)}, 2500);
  story.given(story.credit(1, {Story::credit_line(1, 1000)}, Story::invoice(1)));
  refund_now(2000);
  EXPECT_EQ(story.balance(1), 1000);
  EXPECT_EQ(story.due(1), 1000);
}
TEST_F(RefundTest, ThePaymentsOwnUnappliedMoneyGoesFirst) {
  given_paid({Story::line(1, 1000)}, 1500);
  refund_now(500);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 0);
}
TEST_F(RefundTest, ARefundReservesAndPostsOnlyOnSuccess) {
  given_paid({Story::line(1, 1000)}, 1000);
  story.given(request(800));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.posted(Ledger::kRefundsInTransit), 0);
  EXPECT_EQ(story.when(request(300)), "exceeds-captured");
  story.given(to(Phase::kFailed, 1));
  EXPECT_EQ(story.due(1), 0);
  refund_now(300);
  EXPECT_EQ(story.due(1), 300);
  EXPECT_EQ(story.posted(Ledger::kRefundsInTransit), -300);
}
TEST_F(RefundTest, ARefundIsSettledAtTheBankOnce) {
  given_paid({Story::line(1, 1000)}, 1000);
  refund_now(400);
  story.given(refund::Settle{id, {Story::id(1, 7)}, true, {}});
  EXPECT_EQ(story.posted(Ledger::kRefundsInTransit), 0);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 600);
  EXPECT_EQ(story.when(refund::Settle{id, {Story::id(1, 7)}, true, {}}), "nothing-changes");
}
TEST_F(RefundTest, ARefundOfAPaymentThatHasNotSucceededIsRefused) {
  story.given(story.request(1, 1000, id));
  EXPECT_EQ(story.when(request(100)), "payment-not-succeeded");
}
TEST_F(RefundTest, AfterAFullRefundTheInvoiceMayBeVoided) {
  given_paid({Story::line(1, 24995)}, 24995);
  EXPECT_EQ(story.when(invoice::Void{Story::invoice(1), "wrong"}), "invoice-paid");
  refund_now(24995);
  EXPECT_EQ(story.due(1), 24995);
  story.given(invoice::Void{Story::invoice(1), "wrong"});
  EXPECT_EQ(story.balance(1), 0);
}
TEST_F(RefundTest, AnUnpaidInvoiceMayBeVoided) {
  story.given(story.issue(1, 1, {Story::line(1, 24995)}));
  story.given(invoice::Void{Story::invoice(1), "wrong"});
  EXPECT_EQ(story.balance(1), 0);
  EXPECT_EQ(story.when(invoice::Void{Story::invoice(1), "wrong"}), "invoice-void");
}
TEST_F(RefundTest, AllocationsGoNewestFirstAndPartly) {
  given_paid({Story::line(1, 1000)}, 1800);
  story.given(story.issue(2, 1, {Story::line(1, 800)}));
  EXPECT_EQ(story.due(2), 0);
  refund_now(900);
  EXPECT_EQ(story.due(2), 800);
  EXPECT_EQ(story.due(1), 100);
}
TEST_F(RefundTest, CreditIsTakenWhereverItWasTransferred) {
  given_paid({Story::line(1, 1000)}, 1500);
  story.given(story.credit(1, {Story::credit_line(0, 300)}, Story::invoice(1)));
  story.given(receivables::TransferCredit{Story::account(1), Story::account(2), {}, {}, {}});
  EXPECT_EQ(story.unapplied(2), 800);
  refund_now(800);
  EXPECT_EQ(story.unapplied(2), 0);
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(RefundTest, CreditOfANoteAgainstAnotherInvoiceIsNotTaken) {
  given_paid({Story::line(1, 1000)}, 1000);
  story.given(story.credit(1, {Story::line(1, 300)}));
  refund_now(100);
  const auto& takeback = story.fact<refund::Succeeded>().takeback;
  EXPECT_TRUE(takeback.credits.empty());
  EXPECT_EQ(takeback.reopened, (std::vector<Allocation>{{Story::invoice(1), Story::account(1), 100}}));
  EXPECT_EQ(story.due(1), 0) << "the note's credit pays what is open again";
  EXPECT_EQ(story.unapplied(1), 200);
}
TEST_F(RefundTest, AnAdjustmentOfLinesIsANoteAgainstThemThatTheRefundPaysOut) {
  given_paid({Story::line(1, 1000, 100)}, 1100);
  story.given(story.issue(2, 1, {Story::line(1, 500)}));
  auto with_lines = request(550, true);
  with_lines.invoice = Story::invoice(1);
  with_lines.adjustment_lines = {Story::credit_line(0, 500, 49)};
  EXPECT_EQ(story.when(with_lines), "sum-mismatch");
  with_lines.adjustment_lines = {Story::credit_line(0, 500, 50)};
  story.given(with_lines);
  story.given(to(Phase::kSucceeded, serial));
  EXPECT_EQ(story.fact<credit_note::Issued>(0).invoice, Story::invoice(1));
  EXPECT_EQ(story.fact<refund::Succeeded>(1).credit_note, story.fact<credit_note::Issued>(0).id);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.due(2), 500);
  EXPECT_EQ(story.posted(Ledger::kTaxPayable), -50);
}
TEST_F(RefundTest, LinesThatCannotBeCreditedAnyMoreBecomeGoodwill) {
  given_paid({Story::line(1, 1000)}, 1000);
  auto with_lines = request(600, true);
  with_lines.invoice = Story::invoice(1);
  with_lines.adjustment_lines = {Story::credit_line(0, 600)};
  story.given(with_lines);
  story.given(story.credit(1, {Story::credit_line(0, 600)}, Story::invoice(1)));
  story.given(to(Phase::kSucceeded, serial));
  EXPECT_FALSE(story.fact<credit_note::Issued>(0).invoice.has_value());
  EXPECT_EQ(story.posted(Ledger::kAdjustments), 600);
  EXPECT_EQ(story.balance(1), -600);
}
TEST_F(RefundTest, AnAdjustmentIsOnlyMadeWhereItIsAskedFor) {
  given_paid({Story::line(1, 1000)}, 1000);
  auto stray = request(600);
  stray.adjustment_lines = {Story::line(1, 600)};
  EXPECT_EQ(story.when(stray), "invalid-parameter");
  stray = request(600, true);
  stray.invoice = Story::invoice(1);
  EXPECT_EQ(story.when(stray), "no-lines");
}
TEST_F(RefundTest, RefundsAtThePaymentsOwnRateAddUpToWhatWasSettled) {
  const Currency euro = *Currency::parse("EUR");
  story.given(story.issue(1, 1, {Story::line(1, 100)}));
  auto record = story.pay(1, 100);
  record.id = id;
  record.method = payment::Method::kWire;
  record.settled = Settlement{91, euro, {}, "bank"};
  story.given(record);
  std::int64_t sum = 0;
  for (const std::int64_t amount : {33, 33, 34}) {
    refund_now(amount);
    EXPECT_EQ(story.posted(Ledger::kRefundsInTransit), -amount);
    story.given(refund::Settle{id, {Story::id(serial, 7)}, false, {}});
    sum += story.fact<refund::Settled>().settled->amount;
  }
  EXPECT_EQ(sum, 91);
  EXPECT_EQ(story.posted(Ledger::kCash, euro), 0);
}
TEST_F(RefundTest, ASuccessOfAFrozenAccountIsQueuedAndBookedLater) {
  given_paid({Story::line(1, 1000)}, 1000);
  story.given(request(400));
  story.given(account::Freeze{Story::account(1), "test", {}});
  story.given(to(Phase::kSucceeded, 1));
  EXPECT_EQ(story.fact<unbooked::Queued>().amount, 400);
  EXPECT_EQ(story.due(1), 0);
  story.given(account::Unfreeze{Story::account(1), "looked into", {"ann", "bob"}});
  story.given(to(Phase::kSucceeded, 1));
  EXPECT_EQ(story.due(1), 400);
}
TEST_F(RefundTest, ARefundIsResolvedOnceAndGoesNoWayBack) {
  given_paid({Story::line(1, 1000)}, 1000);
  story.given(request(400));
  story.given(to(Phase::kUnknown, 1));
  story.given(to(Phase::kNeedsReview, 1));
  EXPECT_EQ(story.when(to(Phase::kUnknown, 1)), "invalid-transition");
  story.given(to(Phase::kSucceeded, 1));
  EXPECT_EQ(story.when(to(Phase::kSucceeded, 1)), "nothing-changes");
  EXPECT_EQ(story.when(to(Phase::kNeedsReview, 1)), "invalid-transition");
  EXPECT_EQ(story.when(to(Phase::kNeedsReview, 7)), "unknown-refund");
}
TEST_F(RefundTest, APaymentWithARefundIsNotReversedUntilItFailed) {
  given_paid({Story::line(1, 1000)}, 1000);
  story.given(request(400));
  EXPECT_EQ(story.when(payment::Reverse{id, "keyed twice", {}}), "exceeds-captured");
  story.given(to(Phase::kFailed, 1));
  story.given(payment::Reverse{id, "keyed twice", {}});
  EXPECT_EQ(story.when(request(400)), "payment-reversed");
}

}  // namespace
}  // namespace billing
