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
  EXPECT_EQ(story.when(refund::Settle{id, {Story::id(9, 7)}, false, {}}), "unknown-refund");
  story.given(refund::Settle{id, {Story::id(1, 7)}, true, {}});
  EXPECT_EQ(story.posted(Ledger::kRefundsInTransit), 0);
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 600);
  EXPECT_EQ(story.when(refund::Settle{id, {Story::id(1, 7)}, true, {}}), "nothing-changes");
}
TEST_F(RefundTest, ARefundOfAPaymentThatHasNotSucceededIsRefused) {
  payment::Request pending;
  pending.id = id;
  pending.account = Story::account(1);
  pending.amount = 1000;
  pending.currency = *Currency::parse("USD");
  story.given(pending);
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

}  // namespace
}  // namespace billing
