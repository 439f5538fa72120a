// Invoices, credit notes, payments and disputes together, with the known numbers of the domain's scenarios.
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct ReceivablesTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
    story.given_account(3, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }
};

TEST_F(ReceivablesTest, TheParentPaysItsChildrensChargesOnce) {
  story.given(story.issue(1, 1, {Story::line(2, 24995), Story::line(3, 2995)}));
  EXPECT_EQ(story.open(2), 24995);
  EXPECT_EQ(story.open(3), 2995);
  story.given(story.pay(1, 27990));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.balance(1) + story.balance(2) + story.balance(3), 0);
}
TEST_F(ReceivablesTest, AChildsCreditBeforeIssueReducesWhatTheParentPays) {
  story.given(story.credit(2, {Story::line(2, 1000)}));
  EXPECT_EQ(story.unapplied(2), 1000);
  story.given(story.issue(1, 1, {Story::line(2, 2995)}));
  EXPECT_EQ(story.due(1), 1995);
  EXPECT_EQ(story.unapplied(2), 0);
}
TEST_F(ReceivablesTest, AChildsCreditAfterTheParentPaidStaysWithTheChild) {
  story.given(story.issue(1, 1, {Story::line(2, 2995)}));
  story.given(story.pay(1, 2995));
  story.given(story.credit(2, {Story::credit_line(0, 1000)}, Story::invoice(1)));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(2), 1000);
}
TEST_F(ReceivablesTest, FiveAdjustmentsOfAnUnpaidInvoiceLeaveTheRestOpen) {
  story.given(story.issue(1, 1, {Story::line(2, 24995)}));
  for (const std::int64_t amount : {1000, 500, 1000, 500, 1000}) {
    story.given(story.credit(2, {Story::credit_line(0, amount)}, Story::invoice(1)));
  }
  EXPECT_EQ(story.due(1), 20995);
}
TEST_F(ReceivablesTest, AnEarlyCancelLeavesTwoDaysOpen) {
  story.given(story.issue(1, 1, {Story::line(1, 24995)}));
  story.given(story.credit(1, {Story::credit_line(0, 23329)}, Story::invoice(1)));
  EXPECT_EQ(story.due(1), 1666);
}
TEST_F(ReceivablesTest, CreditBeyondTheInvoiceCarriesOverToTheNextOne) {
  story.given(story.issue(1, 1, {Story::line(1, 24995)}));
  story.given(story.credit(1, {Story::line(1, 30000)}));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.balance(1), -5005);
  story.given(story.issue(2, 1, {Story::line(1, 24995)}));
  EXPECT_EQ(story.due(2), 19990);
  story.given(story.pay(1, 19990));
  EXPECT_EQ(story.balance(1), 0);
}
TEST_F(ReceivablesTest, APaymentGoesToTheOldestDueFirst) {
  story.given(story.issue(1, 1, {Story::line(1, 24995)}));
  story.given(story.pay(1, 1000));
  EXPECT_EQ(story.due(1), 23995);
  story.today = story.today.plus_days(31);
  story.given(story.issue(2, 1, {Story::line(1, 24995)}));
  story.given(story.pay(1, 24995));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.due(2), 23995);
}
TEST_F(ReceivablesTest, ATaxedLineIsAdjustedWithItsTax) {
  story.given(story.issue(1, 1, {Story::line(1, 2995, 300)}));
  story.given(story.pay(1, 3295));
  story.given(story.credit(1, {Story::credit_line(0, 1000, 100)}, Story::invoice(1)));
  EXPECT_EQ(story.unapplied(1), 1100);
  EXPECT_EQ(story.posted(Ledger::kTaxPayable), -200);
}
TEST_F(ReceivablesTest, MoreThanTheDebtIsUnapplied) {
  story.given(story.issue(1, 1, {Story::line(1, 1500)}));
  story.given(story.pay(1, 1000));
  EXPECT_EQ(story.due(1), 500);
  story.given(story.pay(1, 1000));
  EXPECT_EQ(story.unapplied(1), 500);
}
TEST_F(ReceivablesTest, NotesTogetherNeverExceedTheLine) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.credit(1, {Story::credit_line(0, 600)}, Story::invoice(1)));
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 401)}, Story::invoice(1))), "credit-exceeds-line");
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 200), Story::credit_line(0, 201)}, Story::invoice(1))),
            "credit-exceeds-line");
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(1, 1)}, Story::invoice(1))), "unknown-line");
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 400)}, Story::invoice(1))), "");
}
TEST_F(ReceivablesTest, APartPaymentOfASharedInvoiceIsSplitProRata) {
  story.given(story.issue(1, 1, {Story::line(2, 1000), Story::line(3, 2000)}));
  story.given(story.pay(1, 100));
  EXPECT_EQ(story.open(2), 967);
  EXPECT_EQ(story.open(3), 1933);
}
TEST_F(ReceivablesTest, ThePayersCreditPaysWhatTheChildrensCreditLeft) {
  story.given(story.pay(1, 500));
  story.given(story.credit(2, {Story::line(2, 100)}));
  story.given(story.issue(1, 1, {Story::line(2, 300), Story::line(3, 200)}));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 100);
  EXPECT_EQ(story.unapplied(2), 0);
}
TEST_F(ReceivablesTest, AnExplicitAllocationIsFollowedAndItsRestPaysWhatElseIsOpen) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.issue(2, 1, {Story::line(1, 1000)}));
  auto pay = story.pay(1, 900);
  pay.instructions = {{Story::invoice(2), 700}};
  story.given(pay);
  EXPECT_EQ(story.fact<payment::Recorded>().allocations,
            (std::vector<Allocation>{{Story::invoice(2), Story::account(1), 700}}));
  EXPECT_EQ(story.fact<payment::Recorded>().unapplied, 200);
  EXPECT_EQ(story.due(2), 300);
  EXPECT_EQ(story.due(1), 800);
  EXPECT_EQ(story.unapplied(1), 0);
}
TEST_F(ReceivablesTest, AnAllocationOfAtMostSoMuchTakesWhatIsOpenAndLeavesTheRestUnapplied) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto pay = story.pay(1, 2500);
  pay.instructions = {{Story::invoice(1), 2500, {}, true}};
  story.given(pay);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 1500);
  auto again = story.pay(2, 300);  // nothing is open any more
  again.instructions = {{Story::invoice(1), 300, {}, true}};
  story.given(again);
  EXPECT_EQ(story.unapplied(2), 300);
}
TEST_F(ReceivablesTest, AnAllocationOfAtMostSoMuchIsRefusedForAllElseThatAnyOtherIs) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto pay = story.pay(1, 100);
  const auto at_most = [](std::uint32_t invoice, std::int64_t amount) { return payment::Instruction{Story::invoice(invoice), amount, {}, true}; };
  pay.instructions = {at_most(1, 0)};
  EXPECT_EQ(story.when(pay), "amount-not-positive");
  pay.instructions = {at_most(9, 100)};
  EXPECT_EQ(story.when(pay), "unknown-invoice");
  pay.instructions = {at_most(1, 50), at_most(1, 50)};
  EXPECT_EQ(story.when(pay), "duplicate-allocation");
  pay.instructions = {at_most(1, 500)};
  EXPECT_EQ(story.when(pay), "allocations-exceed-amount");
}
TEST_F(ReceivablesTest, BadAllocationsAreRefusedByName) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto pay = story.pay(1, 2000);
  pay.instructions = {{Story::invoice(1), 1001}};
  EXPECT_EQ(story.when(pay), "allocation-exceeds-open");
  EXPECT_EQ(story.refusal.pointer, "/allocations/0/amount");
  pay.instructions = {{Story::invoice(1), 500}, {Story::invoice(1), 500}};
  EXPECT_EQ(story.when(pay), "duplicate-allocation");
  pay.instructions = {{Story::invoice(9), 500}};
  EXPECT_EQ(story.when(pay), "unknown-invoice");
  pay.amount = 100;
  pay.instructions = {{Story::invoice(1), 500}};
  EXPECT_EQ(story.when(pay), "allocations-exceed-amount");
  pay.amount = 0;
  EXPECT_EQ(story.when(pay), "amount-not-positive");
  pay.amount = 1;
  pay.currency = *Currency::parse("EUR");
  EXPECT_EQ(story.when(pay), "currency-mismatch");
}
TEST_F(ReceivablesTest, AnInvoiceOfZeroIsPaidAtOnce) {
  story.given(story.issue(1, 1, {Story::line(1, 0)}));
  EXPECT_EQ(story.state.accounts.at(Story::account(1)).open_items, 0U);
  EXPECT_TRUE(postings_for(story.last[0].event).empty());
}
TEST_F(ReceivablesTest, NegativeLinesAreLegitimateButNotANegativeTotal) {
  story.given(story.issue(1, 1, {Story::line(1, 1000), Story::line(1, -400)}));
  EXPECT_EQ(story.due(1), 600);
  EXPECT_EQ(story.when(story.issue(2, 1, {Story::line(1, -1)})), "negative-total");
  EXPECT_EQ(story.when(story.issue(2, 1, {Story::line(1, 100), Story::line(2, -1)})), "negative-total");
}
TEST_F(ReceivablesTest, NumbersOfASeriesAreGaplessAndRefusalsTakeNone) {
  story.given(story.issue(1, 1, {Story::line(1, 100)}));
  EXPECT_EQ(story.fact<invoice::Issued>().number, "INV-2026-000001");
  EXPECT_NE(story.when(story.issue(2, 1, {})), "");
  story.given(story.issue(3, 1, {Story::line(1, 100)}));
  EXPECT_EQ(story.fact<invoice::Issued>().number, "INV-2026-000002");
}
TEST_F(ReceivablesTest, AnImportedNumberIsKeptAndUnique) {
  auto import = story.issue(1, 1, {Story::line(1, 100)});
  import.imported_number = "0015752855";
  story.given(import);
  EXPECT_EQ(story.fact<invoice::Issued>().number, "0015752855");
  EXPECT_EQ(story.fact<invoice::Issued>().series, "imported");
  import.header.id = Story::invoice(2);
  EXPECT_EQ(story.when(import), "number-taken");
}
TEST_F(ReceivablesTest, ADocumentBeforeTheAccountsOpeningOrAfterTodayIsRefused) {
  auto issue = story.issue(1, 1, {Story::line(1, 100)});
  issue.document_date = Date::clamped(2009, 12, 31);
  EXPECT_EQ(story.when(issue), "before-opening");
  issue.document_date = story.today.plus_days(1);
  EXPECT_EQ(story.when(issue), "posting-in-future");
}
TEST_F(ReceivablesTest, QuantityTimesPriceMustEqualTheNetAmount) {
  Line line = Story::line(1, 1530);
  line.quantity = Decimal::from_int(6);
  line.unit_price = *Decimal::parse("2.55");
  EXPECT_EQ(story.when(story.issue(1, 1, {line})), "");
  line.net = 1531;
  EXPECT_EQ(story.when(story.issue(2, 1, {line})), "sum-mismatch");
}
TEST_F(ReceivablesTest, ASumThatWouldOverflowIsRefused) {
  const std::int64_t huge = INT64_MAX / 2;
  story.given(story.issue(1, 1, {Story::line(1, huge)}));
  EXPECT_EQ(story.when(story.issue(2, 1, {Story::line(1, huge), Story::line(1, huge)})), "overflow");
  EXPECT_EQ(story.when(story.pay(1, INT64_MAX)), "overflow");
}
TEST_F(ReceivablesTest, ADraftWhoseSumWouldOverflowTakesNoMoreLines) {
  invoice::Header header;
  header.id = Story::invoice(1);
  header.account = Story::account(1);
  story.given(invoice::Draft{header, {Story::line(1, INT64_MAX - 10)}});
  EXPECT_EQ(story.when(invoice::AddLines{Story::invoice(1), {Story::line(1, 11)}}), "overflow");
  EXPECT_EQ(story.when(invoice::AddLines{Story::invoice(1), {Story::line(1, 10)}}), "");
}
TEST_F(ReceivablesTest, RevenueOfAPeriodThatIsNotOverIsDeferred) {
  Line line = Story::line(1, 1000);
  line.service_period = Period{story.today, story.today.plus_days(30)};
  story.given(story.issue(1, 1, {line, Story::line(1, 500)}));
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), -1000);
  EXPECT_EQ(story.posted(Ledger::kServiceRevenue), -500);
  story.given(story.credit(1, {Story::credit_line(0, 1000)}, Story::invoice(1)));
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), 0);
}
TEST_F(ReceivablesTest, CashIsPostedByMethod) {
  story.given(story.pay(1, 100));
  EXPECT_EQ(story.posted(Ledger::kPaymentsInTransit), 100);
  auto wire = story.pay(1, 50);
  wire.method = payment::Method::kWire;
  story.given(wire);
  EXPECT_EQ(story.posted(Ledger::kCash), 50);
}

TEST_F(ReceivablesTest, ADraftTakesLinesAndIsIssuedOnce) {
  invoice::Draft draft;
  draft.header.id = Story::invoice(1);
  draft.header.account = Story::account(1);
  draft.lines = {Story::line(1, 100)};
  story.given(draft);
  EXPECT_EQ(story.balance(1), 0);
  story.given(invoice::AddLines{Story::invoice(1), {Story::line(2, 50)}, {}});
  invoice::Issue issue;
  issue.header.id = Story::invoice(1);
  issue.draft = true;
  story.given(issue);
  EXPECT_EQ(story.due(1), 150);
  EXPECT_EQ(story.when(issue), "not-a-draft");
  EXPECT_EQ(story.when(invoice::AddLines{Story::invoice(1), {Story::line(2, 50)}, {}}), "not-a-draft");
}
TEST_F(ReceivablesTest, ADraftInAnotherCurrencyThanTheCustomersIsRefused) {
  invoice::Draft draft;
  draft.header.id = Story::invoice(1);
  draft.header.account = Story::account(1);
  draft.currency = *Currency::parse("JPY");
  EXPECT_EQ(story.when(draft), "currency-mismatch");
  draft.currency = *Currency::parse("USD");
  story.given(draft);
  EXPECT_EQ(story.when(invoice::AddLines{Story::invoice(1), {Story::line(1, 1)}, Currency::parse("JPY").value()}),
            "currency-mismatch");
}
TEST_F(ReceivablesTest, ADiscardedDraftIsGone) {
  invoice::Draft draft;
  draft.header.id = Story::invoice(1);
  draft.header.account = Story::account(1);
  story.given(draft);
  story.given(invoice::Discard{Story::invoice(1)});
  EXPECT_EQ(story.when(invoice::Discard{Story::invoice(1)}), "unknown-invoice");
}
TEST_F(ReceivablesTest, ADraftsHeaderSurvivesItsIssue) {
  invoice::Draft draft;
  draft.header = {Story::invoice(1), Story::account(1), "PO-7", "Thank you", "ext-1"};
  draft.lines = {Story::line(1, 100)};
  story.given(draft);
  invoice::Issue issue;
  issue.header.id = Story::invoice(1);
  issue.draft = true;
  story.given(issue);
  EXPECT_EQ(story.fact<invoice::Issued>().header, draft.header);
}

TEST_F(ReceivablesTest, DefaultAllocationSkipsWhatIsDisputed) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.issue(2, 1, {Story::line(1, 1000)}));
  auto open = story.dispute(1);
  open.amount = 600;
  story.given(open);
  story.given(story.pay(1, 1000));
  EXPECT_EQ(story.due(1), 600);
  EXPECT_EQ(story.due(2), 400);
}
TEST_F(ReceivablesTest, WhatIsReopenedOfADisputedInvoiceIsMetAgain) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto open = story.dispute(1);
  open.amount = 600;
  story.given(open);
  story.given(story.pay(1, 400));
  const PaymentId paid = story.fact<payment::Recorded>().id;
  expect_sound(story);  // all that is left is disputed
  chargeback::Return back;
  back.id = paid;
  back.amount = 100;
  story.given(back);
  expect_sound(story);
  story.given(story.pay(1, 150));
  EXPECT_EQ(story.due(1), 600);
  EXPECT_EQ(story.unapplied(1), 50);
}
TEST_F(ReceivablesTest, PaidInFullClosesTheDispute) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto open = story.dispute(1);
  story.given(open);
  const DisputeId id = story.fact<dispute::Opened>().id;
  EXPECT_EQ(story.when(open), "already-disputed");
  auto pay = story.pay(1, 1000);
  pay.instructions = {{Story::invoice(1), 1000}};
  story.given(pay);
  EXPECT_EQ(story.fact<dispute::Closed>(1).outcome, dispute::Outcome::kPaid);
  EXPECT_EQ(story.when(dispute::Close{id, dispute::Outcome::kRejected, {}}), "dispute-closed");
}
TEST_F(ReceivablesTest, ADisputeIsRaisedWithin180Days) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto open = story.dispute(1);
  story.today = story.today.plus_days(181);
  EXPECT_EQ(story.when(open), "dispute-too-late");
  open.opened_on = story.today.plus_days(-1);
  EXPECT_EQ(story.when(open), "");
}
TEST_F(ReceivablesTest, ADisputeIsNotClosedBeforeItsOpeningNorInTheFuture) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto open = story.dispute(1);
  story.today = story.today.plus_days(2);
  open.opened_on = story.today.plus_days(-1);
  story.given(open);
  dispute::Close close{story.fact<dispute::Opened>().id, dispute::Outcome::kRejected, story.today.plus_days(-2)};
  EXPECT_EQ(story.when(close), "invalid-date");
  close.closed_on = story.today.plus_days(1);
  EXPECT_EQ(story.when(close), "posting-in-future");
  close.closed_on = open.opened_on;
  EXPECT_EQ(story.when(close), "");
}
TEST_F(ReceivablesTest, ARejectedDisputeCountsAgain) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.dispute(1));
  story.given(dispute::Close{story.fact<dispute::Opened>().id, dispute::Outcome::kRejected, {}});
  story.given(story.pay(1, 1000));
  EXPECT_EQ(story.due(1), 0);
}

}  // namespace
}  // namespace billing
