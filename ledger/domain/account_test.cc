#include "tests/support/story.h"

namespace billing {
namespace {

using testing::Story;

struct AccountTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
  }
  account::Open open(std::uint32_t n) {
    account::Open open;
    open.id = Story::account(n);
    open.customer = Story::customer;
    open.number = "A" + std::to_string(n);
    open.name = "New";
    return open;
  }
};

TEST_F(AccountTest, ARenameKeepsOldAndNewNameInTheEvent) {
  story.given(account::Rename{Story::account(1), "Head office", "rebranding"});
  const auto& renamed = story.fact<account::Renamed>();
  EXPECT_EQ(renamed.old_name, "Account 1");
  EXPECT_EQ(renamed.new_name, "Head office");
  EXPECT_EQ(renamed.reason, "rebranding");
}
TEST_F(AccountTest, ARenameToTheSameNameIsRefused) {
  EXPECT_EQ(story.when(account::Rename{Story::account(1), "Account 1", ""}), "nothing-changes");
}
TEST_F(AccountTest, ANumberIsUniqueWithinTheCustomer) {
  auto second = open(2);
  second.number = "A1";
  EXPECT_EQ(story.when(second), "account-number-taken");
  EXPECT_EQ(story.refusal.pointer, "/number");
}
TEST_F(AccountTest, TheSameIdTwiceIsRefused) { EXPECT_EQ(story.when(open(1)), "already-exists"); }
TEST_F(AccountTest, AnAccountOfAnUnknownCustomerIsRefused) {
  auto stray = open(2);
  stray.customer = CustomerId{Story::id(9, 9)};
  EXPECT_EQ(story.when(stray), "unknown-customer");
}
TEST_F(AccountTest, AnAccountMayBeOpenedInThePastButNotInTheFuture) {
  auto past = open(2);
  past.opened_on = Date::clamped(2001, 2, 3);
  EXPECT_EQ(story.when(past), "");
  auto future = open(3);
  future.opened_on = story.today.plus_days(1);
  EXPECT_EQ(story.when(future), "posting-in-future");
}
TEST_F(AccountTest, AChildMayNotBeOlderThanItsParent) {
  auto child = open(2);
  child.parent = Story::account(1);
  child.opened_on = Date::clamped(2009, 12, 31);
  EXPECT_EQ(story.when(child), "before-opening");
}
TEST_F(AccountTest, TheHierarchyIsSixteenLevelsDeepAtMost) {
  for (std::uint32_t n = 2; n <= 16; ++n) story.given_account(n, Story::account(n - 1));
  auto child = open(17);
  child.parent = Story::account(16);
  EXPECT_EQ(story.when(child), "hierarchy-too-deep");
}
TEST_F(AccountTest, AnAccountWithOpenItemsCannotClose) {
  story.given(story.issue(1, 1, {Story::line(1, 100)}));
  EXPECT_EQ(story.when(account::Close{Story::account(1)}), "account-has-balance");
  story.given(story.pay(1, 100));
  EXPECT_EQ(story.when(account::Close{Story::account(1)}), "");
  EXPECT_EQ(story.when(account::Rename{Story::account(1), "x", ""}), "account-closed");
}
TEST_F(AccountTest, AnAccountWithOpenChildrenCannotClose) {
  story.given_account(2, Story::account(1));
  EXPECT_EQ(story.when(account::Close{Story::account(1)}), "account-has-children");
  story.given(account::Close{Story::account(2)});
  EXPECT_EQ(story.when(account::Close{Story::account(1)}), "");
}
TEST_F(AccountTest, TermsOutsideTheirRangeAreRefused) {
  EXPECT_EQ(story.when(account::ChangeTerms{Story::account(1), 366, {}}), "invalid-parameter");
  EXPECT_EQ(story.when(account::ChangeTerms{Story::account(1), {}, 32}), "invalid-parameter");
  EXPECT_EQ(story.when(account::ChangeTerms{Story::account(1), 30, 1}), "nothing-changes");
  EXPECT_EQ(story.when(account::ChangeTerms{Story::account(1), 14, {}}), "");
}
TEST_F(AccountTest, NewContactsGetAPersonEach) {
  account::Contact contact{{}, "billing", {"Ann", "ann@example.com", ""}};
  story.given(account::ChangeContacts{Story::account(1), {contact, contact}});
  const auto& contacts = story.fact<account::ContactsChanged>().contacts;
  EXPECT_FALSE(contacts[0].person.nil());
  EXPECT_NE(contacts[0].person, contacts[1].person);
}

struct HierarchyTest : AccountTest {
  void SetUp() override {
    AccountTest::SetUp();
    story.given_account(2, Story::account(1));
    story.given_account(3, Story::account(2));
  }
};
TEST_F(HierarchyTest, AMoveUnderItselfOrItsDescendantIsACycle) {
  EXPECT_EQ(story.when(hierarchy::Move{Story::account(1), Story::account(3)}), "hierarchy-cycle");
  EXPECT_EQ(story.when(hierarchy::Move{Story::account(2), Story::account(2)}), "hierarchy-cycle");
}
TEST_F(HierarchyTest, UnparentingMakesASecondRoot) {
  story.given(hierarchy::Move{Story::account(2), {}});
  EXPECT_TRUE(hierarchy::ancestors(story.state, Story::account(2)).empty());
  EXPECT_EQ(hierarchy::ancestors(story.state, Story::account(3)), std::vector{Story::account(2)});
  EXPECT_EQ(story.when(hierarchy::Move{Story::account(2), {}}), "nothing-changes");
}
TEST_F(HierarchyTest, ASubtreeThatWouldReachDeeperThanSixteenIsRefused) {
  for (std::uint32_t n = 10; n < 25; ++n) {
    story.given_account(n, n == 10 ? std::nullopt : std::optional(Story::account(n - 1)));
  }
  EXPECT_EQ(story.when(hierarchy::Move{Story::account(2), Story::account(24)}), "hierarchy-too-deep");
  EXPECT_EQ(story.when(hierarchy::Move{Story::account(2), Story::account(23)}), "");
}
TEST_F(HierarchyTest, AMoveToAnotherCustomerIsRefused) {
  const CustomerId other{Story::id(2, 1)};
  story.given(customer::Create{other, "Other", *Currency::parse("USD"), {}});
  auto open_other = open(50);
  open_other.customer = other;
  story.given(open_other);
  EXPECT_EQ(story.when(hierarchy::Move{Story::account(2), Story::account(50)}), "other-customer");
}

}  // namespace
}  // namespace billing
