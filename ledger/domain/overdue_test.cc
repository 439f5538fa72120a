// What is overdue on a day, and what a late fee is charged on: free credit and plans that are on track.
#include "ledger/domain/overdue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/support/story.h"

namespace billing {
namespace {

using overdue::Item;
using testing::Story;

// One invoice of 1000.00 that was due 30 days after the beginning; the day is 60 days after it.
struct OverdueTest : ::testing::Test {
  OverdueTest() {
    story.given_customer();
    story.given_account(1);
    story.given(story.issue(1, 1, {Story::line(1, 100000)}));
    later(40);
  }
  void later(std::int32_t days) { story.today = story.today.plus_days(days); }
  Date ago(std::int32_t days) const { return story.today.plus_days(-days); }

  void agree(std::int64_t amount, std::vector<plan::Instalment> instalments, std::vector<InvoiceId> invoices = {}) {
    plan::Agree agree;
    agree.account = Story::account(1);
    agree.amount = amount;
    agree.currency = *Currency::parse("USD");
    agree.instalments = std::move(instalments);
    agree.invoices = std::move(invoices);
    story.given(agree);
    plan = story.fact<plan::Agreed>().id;
  }
  invoice::ChargeLateFees charge(Date as_of, std::string cycle = "1") const {
    invoice::ChargeLateFees charge;
    charge.account = Story::account(1);
    charge.cycle = std::move(cycle);
    charge.rate = *Decimal::parse("0.01");
    charge.as_of = as_of;
    return charge;
  }
  // What stages and late fees count on a day.
  std::int64_t pressing(Date day) const {
    std::int64_t sum = 0;
    for (const Item& item : overdue::items_on(story.state, Story::account(1), day)) sum += item.pressing();
    return sum;
  }

  Story story;
  PlanId plan;
};

TEST_F(OverdueTest, APlanOnTrackSuspendsTheLateFeeUntilItIsBroken) {
  EXPECT_EQ(pressing(story.today), 100000);
  agree(100000, {{story.today.plus_days(10), 40000}, {story.today.plus_days(30), 60000}});
  EXPECT_EQ(story.when(charge(story.today)), "nothing-overdue");
  EXPECT_EQ(pressing(ago(1)), 100000) << "it was not agreed yet";
  later(10);
  EXPECT_EQ(story.when(charge(story.today)), "nothing-overdue") << "the first instalment is due today";
  later(1);
  EXPECT_EQ(pressing(story.today), 100000) << "it was not paid: the due date of the invoice counts again";
  story.given(charge(story.today));
  EXPECT_EQ(story.fact<invoice::Issued>().net, 1000);
}
TEST_F(OverdueTest, WhetherAPlanIsOnTrackFollowsFromWhatWasPaidByTheDay) {
  agree(100000, {{story.today.plus_days(10), 40000}, {story.today.plus_days(30), 60000}});
  later(15);
  auto late = story.pay(1, 40000);
  late.received_on = ago(2);
  story.given(late);
  EXPECT_EQ(pressing(ago(3)), 100000) << "three days late on that day";
  EXPECT_EQ(pressing(ago(2)), 0) << "on track again: what is left of it is suspended";
  story.given(charge(ago(3)));
  EXPECT_EQ(story.fact<invoice::Issued>().net, 1000);
  EXPECT_EQ(story.when(charge(story.today, "2")), "nothing-overdue");
}
TEST_F(OverdueTest, APlanSuspendsNoMoreThanWhatIsLeftOfIt) {
  agree(60000, {{story.today.plus_days(10), 20000}, {story.today.plus_days(30), 40000}});
  EXPECT_EQ(pressing(story.today), 40000);
  story.given(story.pay(1, 20000));
  EXPECT_EQ(pressing(story.today), 40000);
  story.given(story.pay(1, 40000));
  EXPECT_EQ(pressing(story.today), 40000) << "it is kept, and suspends nothing";
}
TEST_F(OverdueTest, APlanCoversTheInvoicesThatItNamesOrAllOfItsDay) {
  auto older = story.issue(2, 1, {Story::line(1, 5000)});
  older.document_date = ago(39);
  story.given(older);
  agree(105000, {{story.today.plus_days(60), 105000}});
  auto newer = story.issue(3, 1, {Story::line(1, 300)});
  newer.document_date = ago(39);
  newer.due_date = ago(30);
  story.given(newer);
  EXPECT_EQ(pressing(story.today), 300) << "issued after the agreement, whatever its dates";
  story.given(plan::Cancel{plan, {}});
  EXPECT_EQ(pressing(story.today), 105300) << "cancelled";
  agree(5000, {{story.today.plus_days(60), 5000}}, {Story::invoice(2)});
  EXPECT_EQ(pressing(story.today), 100300);
  agree(300, {{story.today.plus_days(60), 300}}, {Story::invoice(2), Story::invoice(3)});
  EXPECT_EQ(pressing(story.today), 100000) << "what one plan suspends another does not";
}
TEST_F(OverdueTest, APlanIsForWhatNoOtherPlanHas) {
  agree(60000, {{story.today.plus_days(10), 60000}});
  plan::Agree more;
  more.account = Story::account(1);
  more.currency = *Currency::parse("USD");
  more.amount = 40001;
  more.instalments = {{story.today.plus_days(10), 40001}};
  EXPECT_EQ(story.when(more), "allocation-exceeds-open");
  more.invoices = {Story::invoice(1)};
  EXPECT_EQ(story.when(more), "allocation-exceeds-open");
  more.amount = 40000;
  more.instalments = {{story.today.plus_days(10), 40000}};
  EXPECT_EQ(story.when(more), "");
}
TEST_F(OverdueTest, MoneyForLaterInvoicesDoesNotCountOnAPlan) {
  agree(100000, {{story.today.plus_days(10), 40000}, {story.today.plus_days(30), 60000}});
  story.given(story.issue(2, 1, {Story::line(1, 40000)}));
  auto pay = story.pay(1, 40000);
  pay.instructions.emplace().push_back({Story::invoice(2), 40000});
  story.given(pay);
  EXPECT_EQ(pressing(story.today), 0);
  later(11);
  EXPECT_EQ(pressing(story.today), 100000) << "nothing was paid on what the plan is for";
}
TEST_F(OverdueTest, CreditThatIsHeldNowTakesNothingFromAnEarlierDay) {
  story.given(story.dispute(1));
  auto early = story.pay(1, 30000);
  early.received_on = ago(10);
  early.instructions.emplace();
  story.given(early);
  auto late = story.pay(1, 50000);
  late.instructions.emplace();
  story.given(late);
  story.given(receivables::HoldCredit{Story::account(1), story.fact<payment::Recorded>().id.uuid, true, {}});
  EXPECT_EQ(overdue::items_on(story.state, Story::account(1), ago(5))[0].overdue(), 70000);
  EXPECT_EQ(overdue::items_on(story.state, Story::account(1), story.today)[0].overdue(), 70000);
}
TEST_F(OverdueTest, ADepositCountsOnAPlanWhetherItNamesItsInvoiceOrNot) {
  agree(60000, {{story.today.plus_days(1), 60000}}, {Story::invoice(1)});
  const PlanId named = plan;
  agree(40000, {{story.today.plus_days(1), 40000}});
  deposit::Receive receive;
  receive.id = DepositId{Story::id(1, 8)};
  receive.account = Story::account(1);
  receive.amount = 60000;
  receive.currency = *Currency::parse("USD");
  story.given(receive);
  deposit::Use use;
  use.id = receive.id;
  use.instructions.emplace().push_back({Story::invoice(1), 60000});
  story.given(use);
  later(2);
  EXPECT_EQ(story.state.plans.at(named).paid.last(), 60000);
  EXPECT_EQ(story.state.plans.at(plan).paid.last(), 60000);
  EXPECT_EQ(pressing(story.today), 40000);
}
TEST_F(OverdueTest, MoneyThatIsTakenBackBreaksAPlan) {
  agree(100000, {{story.today.plus_days(1), 40000}, {story.today.plus_days(30), 60000}});
  auto pay = story.pay(1, 40000);
  pay.method = payment::Method::kCheque;
  story.given(pay);
  const PaymentId paid = story.fact<payment::Recorded>().id;
  later(5);
  EXPECT_EQ(pressing(story.today), 0);
  payment::Reverse reverse;
  reverse.id = paid;
  reverse.reason = "bounced";
  story.given(reverse);
  EXPECT_EQ(pressing(story.today), 100000);
  EXPECT_EQ(pressing(ago(1)), 0) << "on that day it was on track";
}
TEST_F(OverdueTest, FreeCreditCoversWhatIsNotDisputedFirstAndHeldCreditNothing) {
  story.given(story.dispute(1));
  auto prepaid = story.pay(1, 30000);
  prepaid.instructions.emplace();
  story.given(prepaid);
  const auto items = overdue::items_on(story.state, Story::account(1), story.today);
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].pressing(), 0);
  EXPECT_EQ(items[0].overdue(), 70000);
  const Uuid source = story.fact<payment::Recorded>().id.uuid;
  story.given(receivables::HoldCredit{Story::account(1), source, true, {}});
  EXPECT_EQ(overdue::items_on(story.state, Story::account(1), story.today)[0].overdue(), 100000);
}

// Whatever is open and agreed: nothing is relieved twice or beyond what there is, and no credit is left beside what presses.
RC_GTEST_PROP(OverdueRule, RelievesEachPartOnceAndOldestFirst, ()) {
  std::vector<Item> items(*rc::gen::inRange<std::size_t>(0, 6));
  std::uint32_t n = 0;
  for (Item& item : items) {
    item.invoice = Story::invoice(++n);
    item.number = std::to_string(n);
    item.issued = n;
    item.due = Date{*rc::gen::inRange(0, 3)};
    item.open = *rc::gen::inRange<std::int64_t>(1, 100);
    item.disputed = *rc::gen::inRange<std::int64_t>(0, item.open + 1);
  }
  const auto credit = *rc::gen::inRange<std::int64_t>(0, 300);
  std::vector<overdue::Suspension> plans(*rc::gen::inRange<std::size_t>(0, 3));
  std::int64_t left = 0;
  for (auto& one : plans) {
    one.left = *rc::gen::inRange<std::int64_t>(1, 150);
    one.before = *rc::gen::inRange<std::uint64_t>(0, 7);
    left += one.left;
  }
  relieve(items, credit, plans);
  std::int64_t covered = 0, suspended = 0;
  bool pressing = false;
  for (const Item& item : items) {
    RC_ASSERT(item.covered >= 0 && item.suspended >= 0 && item.covered_disputed >= 0);
    RC_ASSERT(item.pressing() >= 0);
    RC_ASSERT(item.covered_disputed <= item.disputed);
    RC_ASSERT(!pressing || item.covered == 0);  // the oldest comes first
    pressing = pressing || item.pressing() + item.suspended > 0;
    covered += item.covered + item.covered_disputed;
    suspended += item.suspended;
    const bool named = std::ranges::any_of(plans, [&](const auto& one) { return one.covers(item); });
    RC_ASSERT(named || item.suspended == 0);
    if (item.pressing() > 0) RC_ASSERT(covered == credit);
  }
  RC_ASSERT(covered <= credit && suspended <= left);
}

}  // namespace
}  // namespace billing
