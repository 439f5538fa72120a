// The queue of what could not be booked: money from nobody, assigned to somebody later.
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct UnbookedTest : ::testing::Test {
  Story story;
  const UnbookedId id{Story::id(1, 12)};
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  }
  void TearDown() override { expect_sound(story); }
  unbooked::Report report(std::string account_number, std::int64_t amount = 600) const {
    unbooked::Report report;
    report.id = id;
    report.customer = Story::customer;
    report.account_number = std::move(account_number);
    report.amount = amount;
    report.currency = *Currency::parse("USD");
    return report;
  }
};

TEST_F(UnbookedTest, AReceiptThatNamesAnAccountIsItsPayment) {
  story.given(report("A1"));
  EXPECT_EQ(story.due(1), 400);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), 0);
  EXPECT_EQ(story.when(report("A1")), "nothing-changes");
}
TEST_F(UnbookedTest, AReceiptOfNobodyIsKeptApartUntilItIsAssigned) {
  story.given(report("A77"));
  EXPECT_EQ(story.due(1), 1000);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), -600);
  EXPECT_EQ(story.posted(Ledger::kCash), 600);
  story.given(unbooked::Assign{id, Story::account(1)});
  EXPECT_EQ(story.due(1), 400);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), 0);
  EXPECT_EQ(story.when(unbooked::Assign{id, Story::account(1)}), "already-resolved");
}
TEST_F(UnbookedTest, MoneyIsAssignedNotResolvedAway) {
  story.given(report("A77"));
  EXPECT_EQ(story.when(unbooked::Resolve{id, "nothing"}), "invalid-transition");
  EXPECT_EQ(story.when(unbooked::Resolve{UnbookedId{Story::id(9, 12)}, "nothing"}), "unknown-unbooked");
}
TEST_F(UnbookedTest, MoneyInAnotherCurrencyIsQueuedAndCannotBeAssigned) {
  auto euro = report("A1");
  euro.currency = *Currency::parse("EUR");
  story.given(euro);
  EXPECT_EQ(story.fact<unbooked::Queued>().reason, "currency-mismatch");
  EXPECT_EQ(story.when(unbooked::Assign{id, Story::account(1)}), "currency-mismatch");
}
TEST_F(UnbookedTest, AWronglyAssignedReceiptIsUnidentifiedAgainOnceItIsReversed) {
  story.given(report("A77"));
  story.given(unbooked::Assign{id, Story::account(1)});
  const PaymentId payment = story.fact<payment::Recorded>().id;
  story.given(payment::Reverse{payment, "not theirs", {}});
  EXPECT_EQ(story.due(1), 1000);
  EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts), -600);
}

}  // namespace
}  // namespace billing
