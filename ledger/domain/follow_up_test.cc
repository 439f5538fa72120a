// A default application that stops at its limit says so, and what follows applies the rest.
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct FollowUpTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }

  void given_invoices(std::uint32_t count) {
    for (std::uint32_t n = 1; n <= count; ++n) {
      auto issue = story.issue(n, 1, {Story::line(2, 10)});
      issue.document_date = yesterday();
      story.given(issue);
    }
  }
  // What the last command says of its rest; nothing where it did not stop.
  std::optional<receivables::FollowUpDue> due() const {
    const auto* const event = std::get_if<receivables::FollowUpDue>(&story.last.back().event);
    return event == nullptr ? std::nullopt : std::optional(*event);
  }
  Date yesterday() const { return story.today.plus_days(-1); }
};

TEST_F(FollowUpTest, APaymentThatStopsAtTheLimitAsksForAFollowUpOnItsPostingDate) {
  given_invoices(1'000);
  auto pay = story.pay(1, 10'005);
  pay.received_on = yesterday();
  story.given(pay);
  ASSERT_EQ(due(), (receivables::FollowUpDue{Story::account(1), true, story.today, yesterday()}));
  EXPECT_EQ(story.open(2), 1'000);
  const auto first = due();
  story.today = story.today.plus_days(3);
  story.given(receivables::ApplyCredit{Story::account(1), first});
  EXPECT_EQ(story.open(2), 0);
  EXPECT_EQ(story.unapplied(1), 5);
  EXPECT_EQ(story.last.front().posting_date, first->posting_date);
  EXPECT_EQ(due()->due, false);
}
TEST_F(FollowUpTest, WhatIsAppliedInTimeAsksForNone) {
  given_invoices(kDefaultApplicationMax + 10);
  story.given(story.pay(1, 10 * kDefaultApplicationMax));
  EXPECT_EQ(due(), std::nullopt);
  auto chosen = story.pay(1, 200);
  chosen.instructions = {{Story::invoice(kDefaultApplicationMax + 1), 10}};
  story.given(chosen);
  EXPECT_EQ(due(), std::nullopt);
  EXPECT_EQ(story.open(2), 0);
  EXPECT_EQ(story.unapplied(1), 100);
}
TEST_F(FollowUpTest, CreditThatComesBeforeTheFollowUpTakesTheRestAlongAndIsNotPostedBeforeItWasThere) {
  given_invoices(1'000);
  auto pay = story.pay(1, 9'500);
  pay.received_on = yesterday();
  story.given(pay);
  const auto first = due();
  auto later = story.pay(1, 600);
  later.instructions.emplace();
  ASSERT_TRUE(first);
  story.given(later);
  EXPECT_EQ(story.open(2), 0);
  EXPECT_EQ(story.unapplied(1), 100);
  EXPECT_EQ(story.last.at(1).posting_date, story.today);
  EXPECT_EQ(story.last.at(2).posting_date, story.today);
  story.given(receivables::ApplyCredit{Story::account(1), first});
  EXPECT_EQ(due()->due, false);
}
TEST_F(FollowUpTest, WithNothingLeftToDoItSaysSo) {
  given_invoices(1'000);
  story.given(story.pay(1, 10'000));
  const auto first = due();
  story.given(receivables::ApplyCredit{Story::account(1)});
  EXPECT_EQ(story.unapplied(1), 0);
  story.given(receivables::ApplyCredit{Story::account(1), first});
  EXPECT_EQ(story.last.size(), 1U);
  EXPECT_EQ(due()->due, false);
}
TEST_F(FollowUpTest, ANotesCreditBeyondTheLimitFollowsInItsServiceAccount) {
  given_invoices(1'000);
  story.given(story.credit(1, {Story::line(2, 10'000)}));
  ASSERT_EQ(due(), (receivables::FollowUpDue{Story::account(2), true, story.today, story.today}));
  story.given(receivables::ApplyCredit{Story::account(2), due()});
  EXPECT_EQ(story.open(2), 0);
  EXPECT_EQ(story.unapplied(2), 0);
}
TEST_F(FollowUpTest, AnInvoiceThatMeetsMoreCreditsThanTheLimitIsPaidByTheFollowUp) {
  for (std::uint32_t n = 1; n <= kDefaultApplicationMax + 10; ++n) story.given(story.credit(1, {Story::line(2, 10)}));
  story.given(story.issue(1, 1, {Story::line(2, 10 * kDefaultApplicationMax + 95)}));
  ASSERT_EQ(due(), (receivables::FollowUpDue{Story::account(2), true, story.today, story.today}));
  EXPECT_EQ(story.due(1), 95);
  story.given(receivables::ApplyCredit{Story::account(2), due()});
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(2), 5);
}
TEST_F(FollowUpTest, ASuccessThatMeetsMoreSharesThanTheLimitAsksForOneToo) {
  story.given_account(3, Story::account(1));
  for (std::uint32_t n = 1; n <= 600; ++n) story.given(story.issue(n, 1, {Story::line(2, 5), Story::line(3, 5)}));
  story.given(story.request(1, 6'000));
  payment::Progress success;
  success.id = story.fact<payment::Requested>().id;
  success.phase = payment::Phase::kSucceeded;
  story.given(success);
  ASSERT_TRUE(due());
  EXPECT_EQ(story.unapplied(1), 1'500);
  story.given(receivables::ApplyCredit{Story::account(1), due()});
  EXPECT_EQ(story.open(2) + story.open(3), 0);
  EXPECT_EQ(story.unapplied(1), 0);
}

}  // namespace
}  // namespace billing
