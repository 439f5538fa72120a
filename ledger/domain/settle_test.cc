// Void, write-off and recovery of issued invoices; late fees.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct SettleTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
    story.given_account(3, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }

  static invoice::Void void_of(std::uint32_t n) { return {Story::invoice(n), "entered twice"}; }
  static invoice::WriteOff write_off(std::uint32_t n, std::optional<std::int64_t> amount = {}, std::int64_t relief = 0) {
    return {Story::invoice(n), amount, relief, {}, "insolvent", {}};
  }
  static invoice::Recover recover(std::uint32_t n, std::int64_t amount) { return {Story::invoice(n), amount, {}, {}}; }
  const invoice::State& invoice(std::uint32_t n) const { return story.state.invoices.at(Story::invoice(n)); }
  void given_dispute(std::uint32_t n, std::optional<std::int64_t> amount = {}) {
    dispute::Open open;
    open.invoice = Story::invoice(n);
    open.amount = amount;
    open.reason = "not delivered";
    story.given(open);
  }
};

struct VoidTest : SettleTest {};
TEST_F(VoidTest, AVoidCreditsAllThatIsLeftAndKeepsTheNumber) {
  story.given(story.issue(1, 1, {Story::line(2, 24995, 2500), Story::taxed_line(3, 2995, {"0.2"})}));
  story.given(void_of(1));
  const auto& note = story.fact<credit_note::Issued>();
  EXPECT_EQ(note.total, 24995 + 2500 + 2995 + 599);
  EXPECT_EQ(note.lines[0].taxes[0].authority, "US-NY");
  EXPECT_EQ(story.fact<invoice::Voided>(1).credit_note, note.id);
  EXPECT_EQ(invoice(1).phase, invoice::Phase::kVoid);
  EXPECT_EQ(invoice(1).number, "INV-2026-000001");
  EXPECT_EQ(story.balance(2) + story.balance(3), 0);
  EXPECT_EQ(story.posted(Ledger::kTaxPayable), 0);
  EXPECT_EQ(story.posted(Ledger::kServiceRevenue), 0);
}
TEST_F(VoidTest, AVoidInvoiceTakesNothingMore) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(void_of(1));
  EXPECT_EQ(story.when(void_of(1)), "invoice-void");
  EXPECT_EQ(story.when(write_off(1)), "invoice-void");
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 1)}, Story::invoice(1))), "invoice-void");
  EXPECT_EQ(story.when(invoice::Void{Story::invoice(7), {}}), "unknown-invoice");
}
TEST_F(VoidTest, APaidInvoiceIsNotVoided) {  // scenario 13
  story.given(story.issue(1, 1, {Story::line(1, 24995)}));
  story.given(story.pay(1, 100));
  EXPECT_EQ(story.when(void_of(1)), "invoice-paid");
}
TEST_F(VoidTest, AnInvoiceOnWhichCreditWasUsedIsNotVoided) {
  story.given(story.credit(1, {Story::line(1, 300)}));
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  EXPECT_EQ(story.when(void_of(1)), "invoice-paid");
}
TEST_F(VoidTest, APartlyCreditedInvoiceIsVoidedByTheRest) {
  const Date from = story.today;
  story.given(story.issue(1, 1, {Story::period_line(1, 1000, from, from.plus_days(30)), Story::taxed_line(2, 1000, {"0.2"})}));
  story.given(story.credit(1, {Story::credit_line(0, 400), Story::credit_line(1, 333)}, Story::invoice(1)));
  story.given(void_of(1));
  EXPECT_EQ(story.fact<credit_note::Issued>().net, 1267);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1) + story.unapplied(2), 0);
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), 0);
}
TEST_F(VoidTest, NegativeLinesAreVoidedToo) {
  story.given(story.issue(1, 1, {Story::taxed_line(1, 1000, {"0.2"}), Story::taxed_line(1, -400, {"0.2"})}));
  story.given(void_of(1));
  EXPECT_EQ(story.fact<credit_note::Issued>().total, 720);
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(VoidTest, AnInvoiceThatNotesCreditedInFullOrOfZeroIsVoidedWithoutANote) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.credit(1, {Story::credit_line(0, 1000)}, Story::invoice(1)));
  story.given(void_of(1));
  EXPECT_TRUE(story.fact<invoice::Voided>().credit_note.nil());
  story.given(story.issue(2, 1, {Story::line(1, 0)}));
  story.given(void_of(2));
}
TEST_F(VoidTest, AVoidClosesTheDisputeAsCredited) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  given_dispute(1);
  story.given(void_of(1));
  EXPECT_EQ(story.fact<dispute::Closed>(1).outcome, dispute::Outcome::kCredited);
  EXPECT_FALSE(invoice(1).dispute);
}
TEST_F(VoidTest, AWriteOffStandsAgainstAVoid) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(write_off(1, 400));
  EXPECT_EQ(story.when(void_of(1)), "invoice-paid");
  story.given(recover(1, 400));
  story.given(void_of(1));
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(VoidTest, ReservedMoneyStandsAgainstAVoid) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.request(1, 1, {Story::id(1, 4)}));
  EXPECT_EQ(story.when(void_of(1)), "money-reserved");
  EXPECT_EQ(story.when(write_off(1)), "money-reserved");
  story.given(write_off(1, 999));
}

struct WriteOffTest : SettleTest {};
TEST_F(WriteOffTest, AWriteOffIsBadDebtAndTaxRelief) {
  story.given(story.issue(1, 1, {Story::line(1, 1000, 200)}));
  story.given(write_off(1, {}, 200));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.posted(Ledger::kBadDebt), 1000);
  EXPECT_EQ(story.posted(Ledger::kTaxPayable), 0);
  EXPECT_EQ(story.posted(Ledger::kReceivables), 0);
}
TEST_F(WriteOffTest, APartIsSplitOverTheSharesProRata) {
  story.given(story.issue(1, 1, {Story::line(2, 1000), Story::line(3, 2000)}));
  story.given(write_off(1, 100));
  EXPECT_EQ(story.open(2), 967);
  EXPECT_EQ(story.open(3), 1933);
}
TEST_F(WriteOffTest, ARecoveryReopensWhatWasWrittenOffAndAPaymentTakesIt) {
  story.given(story.issue(1, 1, {Story::line(2, 1000), Story::line(3, 2000)}));
  story.given(write_off(1));
  EXPECT_EQ(story.state.accounts.at(Story::account(2)).open_items, 0U);
  story.given(recover(1, 100));
  EXPECT_EQ(story.open(2), 33);
  EXPECT_EQ(story.open(3), 67);
  EXPECT_EQ(story.posted(Ledger::kRecoveries), -100);
  EXPECT_EQ(story.when(recover(1, 2901)), "recovery-exceeds-write-off");
  story.given(story.pay(1, 100));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 0);
}
TEST_F(WriteOffTest, ARecoveryInPartsGivesBackAllTheTaxReliefAndNoMore) {
  story.given(story.issue(1, 1, {Story::line(1, 1000, 200)}));
  story.given(write_off(1, {}, 200));
  story.given(recover(1, 100));
  EXPECT_EQ(story.fact<invoice::Recovered>().tax_relief, 17);
  EXPECT_EQ(story.posted(Ledger::kRecoveries), -83);
  story.given(recover(1, 1100));
  EXPECT_EQ(story.fact<invoice::Recovered>().tax_relief, 183);
  EXPECT_EQ(story.posted(Ledger::kRecoveries), -1000);
  EXPECT_EQ(story.posted(Ledger::kBadDebt), 1000);
  EXPECT_EQ(story.posted(Ledger::kTaxPayable), -200);
  story.given(write_off(1, {}, 200));
  EXPECT_EQ(story.posted(Ledger::kTaxPayable), 0);
}
// Write-offs and recoveries of random parts, with random relief; in the end all is recovered.
RC_GTEST_PROP(WriteOffs, WriteOffsThatAreRecoveredInFullLeaveNoTax, ()) {
  const auto up_to = [](std::int64_t most) { return *rc::gen::inRange<std::int64_t>(1, most + 1); };
  Story story;
  story.given_customer();
  story.given_account(1);
  const std::int64_t tax = *rc::gen::inRange<std::int64_t>(1, 10'000);
  story.given(story.issue(1, 1, {Story::line(1, up_to(100'000), tax)}));
  const std::int64_t total = story.due(1);
  const auto recover = [&](std::int64_t amount) {
    story.given(invoice::Recover{Story::invoice(1), amount, {}, {}});
    const std::int64_t given_back = story.fact<invoice::Recovered>().tax_relief;
    RC_ASSERT(given_back >= 0 && given_back <= amount);
  };
  for (int n = 0; n < 10; ++n) {
    if (story.due(1) > 0 && *rc::gen::arbitrary<bool>()) {
      const std::int64_t amount = up_to(story.due(1));
      const std::int64_t left = tax - story.state.invoices.at(Story::invoice(1)).tax_relief;
      const std::int64_t relief = *rc::gen::inRange<std::int64_t>(0, std::min(left, amount) + 1);
      story.given(invoice::WriteOff{Story::invoice(1), amount, relief, {}, "gone", {}});
    } else if (story.due(1) < total) {
      recover(up_to(total - story.due(1)));
    }
    const std::int64_t relief = story.state.invoices.at(Story::invoice(1)).tax_relief;
    RC_ASSERT(relief >= 0 && relief <= total - story.due(1));
    RC_ASSERT(story.posted(Ledger::kTaxPayable) == relief - tax);
  }
  if (story.due(1) < total) recover(total - story.due(1));
  RC_ASSERT(story.posted(Ledger::kTaxPayable) == -tax);
  RC_ASSERT(story.posted(Ledger::kBadDebt) + story.posted(Ledger::kRecoveries) == 0);
  expect_sound(story);
}
TEST_F(WriteOffTest, MoreThanIsOpenOrMoreReliefThanTaxIsRefused) {
  story.given(story.issue(1, 1, {Story::line(1, 1000, 200)}));
  EXPECT_EQ(story.when(write_off(1, 1201)), "write-off-exceeds-open");
  EXPECT_EQ(story.when(write_off(1, 0)), "amount-not-positive");
  EXPECT_EQ(story.when(write_off(1, 1200, 201)), "sum-mismatch");
  EXPECT_EQ(story.when(write_off(1, 100, 101)), "sum-mismatch");
  EXPECT_EQ(story.when(write_off(1, 100, -1)), "invalid-amount");
  EXPECT_EQ(story.when(recover(1, 1)), "recovery-exceeds-write-off");
  story.given(write_off(1, 200, 150));
  EXPECT_EQ(story.when(write_off(1, 200, 51)), "sum-mismatch");
  story.given(write_off(1));
  EXPECT_EQ(story.when(write_off(1)), "write-off-exceeds-open");
}
TEST_F(WriteOffTest, WhatWasWrittenOffIsNotCredited) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(write_off(1, 400));
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 601)}, Story::invoice(1))), "credit-exceeds-line");
  story.given(story.credit(1, {Story::credit_line(0, 600)}, Story::invoice(1)));
  EXPECT_EQ(story.unapplied(1), 0);
}
TEST_F(WriteOffTest, AWriteOffOfAllClosesTheDispute) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  given_dispute(1);
  story.given(write_off(1, 400));
  EXPECT_EQ(story.last.size(), 1U);
  EXPECT_EQ(invoice(1).disputed, 600);
  story.given(write_off(1));
  EXPECT_EQ(story.fact<dispute::Closed>(1).outcome, dispute::Outcome::kCredited);
}
TEST_F(WriteOffTest, ARecoveryOnAClosedAccountIsPossible) {
  story.given(story.issue(1, 1, {Story::line(2, 1000)}));
  story.given(write_off(1));
  story.given(account::Close{Story::account(2)});
  story.given(recover(1, 1000));
  story.given(story.pay(1, 1000));
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(WriteOffTest, AFrozenAccountIsNeitherVoidedNorWrittenOff) {
  story.given(story.issue(1, 1, {Story::line(2, 1000)}));
  story.given(account::Freeze{Story::account(2), "open-items", {}});
  EXPECT_EQ(story.when(write_off(1)), "account-frozen");
  EXPECT_EQ(story.when(void_of(1)), "account-frozen");
}
TEST_F(WriteOffTest, AWriteOffIsNotOlderThanTheInvoice) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto early = write_off(1);
  early.on = story.today.plus_days(-1);
  EXPECT_EQ(story.when(early), "invalid-date");
  early.on = story.today.plus_days(1);
  EXPECT_EQ(story.when(early), "posting-in-future");
}

TEST_F(WriteOffTest, AWriteOffIsPostedOnTheDayFromWhichSoMuchIsOpen) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.pay(1, 1000));
  const PaymentId paid = story.fact<payment::Recorded>().id;
  story.today = story.today.plus_days(20);
  story.given(payment::Reverse{paid, "keyed wrongly", story.today.plus_days(-5)});
  auto early = write_off(1);
  early.on = story.today.plus_days(-10);
  story.given(early);
  EXPECT_EQ(story.fact<invoice::WrittenOff>().on, story.today.plus_days(-10));
  EXPECT_EQ(story.fact<invoice::WrittenOff>().posting_date, story.today.plus_days(-5));
}
TEST_F(WriteOffTest, ARecoveryIsNotOlderThanTheWriteOff) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.today = story.today.plus_days(20);
  story.given(write_off(1));
  invoice::Recover recover;
  recover.id = Story::invoice(1);
  recover.amount = 400;
  recover.on = story.today.plus_days(-1);
  EXPECT_EQ(story.when(recover), "invalid-date");
  recover.on.reset();
  story.given(recover);
}
struct LateFeeTest : SettleTest {
  invoice::ChargeLateFees charge(std::string cycle = "2026-03") const {
    invoice::ChargeLateFees charge;
    charge.account = Story::account(1);
    charge.cycle = std::move(cycle);
    charge.flat = 100;
    charge.rate = *Decimal::parse("0.015");
    charge.minimum = 500;
    charge.grace_days = 5;
    return charge;
  }
  void later(std::int32_t days) { story.today = story.today.plus_days(days); }
};
TEST_F(LateFeeTest, AnOverdueInvoiceIsChargedAfterTheDaysOfGrace) {
  story.given(story.issue(1, 1, {Story::line(2, 100033)}));
  later(35);
  EXPECT_EQ(story.when(charge()), "nothing-overdue");
  later(1);
  story.given(charge());
  const auto& issued = story.fact<invoice::Issued>();
  EXPECT_EQ(issued.header.kind, invoice::Kind::kLateFee);
  EXPECT_EQ(issued.cycle, "2026-03");
  EXPECT_EQ(issued.number, "INV-2026-000002");
  ASSERT_EQ(issued.lines.size(), 1U);
  EXPECT_EQ(issued.lines[0].net, 100 + 1500);  // 15.00495 rounded half up
  EXPECT_EQ(issued.lines[0].late_fee_for, Story::invoice(1));
  EXPECT_EQ(issued.lines[0].service_account, Story::account(1));
  EXPECT_EQ(story.posted(Ledger::kLateFees), -1600);
}
TEST_F(LateFeeTest, OncePerInvoiceAndCycleAndNeverOnALateFee) {
  story.given(story.issue(1, 1, {Story::line(1, 100000)}));
  later(60);
  story.given(charge());
  EXPECT_EQ(story.when(charge()), "nothing-overdue");
  later(60);
  story.given(charge("2026-04"));
  ASSERT_EQ(story.fact<invoice::Issued>().lines.size(), 1U);
  EXPECT_EQ(story.fact<invoice::Issued>().lines[0].late_fee_for, Story::invoice(1));
}
TEST_F(LateFeeTest, TheMinimumHoldsForEachInvoiceOldestFirst) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto older = story.issue(2, 1, {Story::line(1, 2000)});
  older.document_date = story.today.plus_days(-10);
  story.given(older);
  later(60);
  story.given(charge());
  const auto& lines = story.fact<invoice::Issued>().lines;
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].late_fee_for, Story::invoice(2));
  EXPECT_EQ(lines[0].net + lines[1].net, 1000);
}
TEST_F(LateFeeTest, WhatIsDisputedOrPaidIsNotCharged) {
  story.given(story.issue(1, 1, {Story::line(1, 100000)}));
  given_dispute(1, 60000);
  later(60);
  story.given(charge());
  EXPECT_EQ(story.fact<invoice::Issued>().net, 100 + 600);
  story.given(story.issue(3, 1, {Story::line(1, 1000)}));
  story.given(story.pay(1, 40000));
  later(5);
  EXPECT_EQ(story.when(charge("2026-05")), "nothing-overdue");
}
TEST_F(LateFeeTest, AFeeIsForWhatWasOverdueOnItsDayNotForWhatIsOpenNow) {
  story.given(story.issue(1, 1, {Story::line(1, 100000)}));
  auto pay = story.pay(1, 100000);
  pay.method = payment::Method::kCard;
  story.given(pay);
  const PaymentId paid = story.fact<payment::Recorded>().id;
  later(60);
  chargeback::Open open;
  open.id = paid;
  open.amount = 100000;
  open.currency = *Currency::parse("USD");
  story.given(open);
  auto before = charge();
  before.as_of = story.today.plus_days(-10);
  EXPECT_EQ(story.when(before), "nothing-overdue") << "on that day it was paid";
  story.given(charge());
}
TEST_F(LateFeeTest, WhatWasOverdueOnTheDayIsChargedThoughItIsPaidSince) {
  story.given(story.issue(1, 1, {Story::line(1, 100000)}));
  later(60);
  const Date day = story.today.plus_days(-10);
  story.given(story.pay(1, 100000));
  auto then = charge();
  then.as_of = day;
  story.given(then);
  EXPECT_EQ(story.fact<invoice::Issued>().document_date, day);
  EXPECT_EQ(story.fact<invoice::Issued>().net, 100 + 1500);
  EXPECT_EQ(story.when(charge("2026-04")), "nothing-overdue") << "today it is paid";
}
TEST_F(LateFeeTest, WhatWasDisputedOnTheDayIsNotChargedThoughTheDisputeIsOverSince) {
  story.given(story.issue(1, 1, {Story::line(1, 100000)}));
  given_dispute(1, 100000);
  const DisputeId dispute = story.fact<dispute::Opened>().id;
  later(60);
  const Date day = story.today.plus_days(-10);
  story.given(dispute::Close{dispute, dispute::Outcome::kRejected, {}});
  auto then = charge();
  then.as_of = day;
  EXPECT_EQ(story.when(then), "nothing-overdue");
  story.given(charge());
}
TEST_F(LateFeeTest, WhatFreeCreditOfThePayerCoversIsNotCharged) {
  story.given(story.issue(1, 1, {Story::line(1, 100000)}));
  auto request = story.request(1, 100000);
  story.given(request);
  auto prepaid = story.pay(1, 40000);
  prepaid.instructions.emplace();
  story.given(prepaid);
  EXPECT_EQ(story.unapplied(1), 40000) << "all that is open is reserved by the payment that is under way";
  later(60);
  story.given(charge());
  EXPECT_EQ(story.fact<invoice::Issued>().net, 100 + 900);
}
TEST_F(LateFeeTest, OnlyThePayerIsChargedAndNotInTheFuture) {
  story.given(story.issue(1, 1, {Story::line(2, 1000)}));
  later(60);
  auto child = charge();
  child.account = Story::account(2);
  EXPECT_EQ(story.when(child), "not-invoice-owner");
  story.given(account::ChangeRole{Story::account(2), account::InvoicingRole::kPayer, {}});
  EXPECT_EQ(story.when(child), "nothing-overdue");
  auto future = charge();
  future.as_of = story.today.plus_days(1);
  EXPECT_EQ(story.when(future), "posting-in-future");
}
TEST_F(LateFeeTest, TermsThatMakeNoFeeAreRefused) {
  auto none = charge();
  none.flat = none.minimum = 0;
  none.rate = {};
  EXPECT_EQ(story.when(none), "amount-not-positive");
  none.flat = -1;
  EXPECT_EQ(story.when(none), "invalid-amount");
  none = charge();
  none.grace_days = 366;
  EXPECT_EQ(story.when(none), "invalid-parameter");
  none = charge("");
  EXPECT_EQ(story.when(none), "invalid-text");
}

}  // namespace
}  // namespace billing
