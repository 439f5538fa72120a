#include "tests/support/story.h"

namespace billing {
namespace {

using testing::Story;

struct GroupingTest : ::testing::Test {
  Story story;
  GroupingId grouping{Story::id(1, 7)};
  static GroupId group(std::uint32_t n) { return {Story::id(n, 8)}; }
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2);
    story.given(grouping::Create{grouping, Story::customer, "Regions"});
    story.given(grouping::AddGroup{grouping, group(1), "North", {}});
  }
};

TEST_F(GroupingTest, AnAccountIsPutInOnceAndTakenOut) {
  story.given(grouping::AddAccounts{grouping, group(1), {Story::account(1)}, true, {}});
  EXPECT_EQ(story.when(grouping::AddAccounts{grouping, group(1), {Story::account(1)}, true, {}}), "already-member");
  story.given(grouping::RemoveAccounts{grouping, group(1), {Story::account(1)}});
  EXPECT_EQ(story.when(grouping::RemoveAccounts{grouping, group(1), {Story::account(1)}}), "not-a-member");
}
TEST_F(GroupingTest, OneBadAccountRefusesTheWholeAssignment) {
  EXPECT_EQ(story.when(grouping::AddAccounts{grouping, group(1), {Story::account(1), Story::account(9)}, false, {}}),
            "unknown-account");
  EXPECT_EQ(story.refusal.pointer, "/accounts/1");
  EXPECT_TRUE(story.state.groupings.at(grouping).groups.at(group(1)).members.empty());
}
TEST_F(GroupingTest, AnAccountTwiceInOneAssignmentIsRefused) {
  EXPECT_EQ(story.when(grouping::AddAccounts{grouping, group(1), {Story::account(1), Story::account(1)}, false, {}}),
            "already-member");
}
TEST_F(GroupingTest, AGroupMayNotContainItself) {
  story.given(grouping::AddGroup{grouping, group(2), "City", group(1)});
  EXPECT_EQ(story.when(grouping::NestGroup{grouping, group(1), group(2)}), "group-cycle");
  EXPECT_EQ(story.when(grouping::NestGroup{grouping, group(1), group(1)}), "group-cycle");
}
TEST_F(GroupingTest, GroupsAreNestedEightLevelsDeepAtMost) {
  for (std::uint32_t n = 2; n <= 8; ++n) story.given(grouping::AddGroup{grouping, group(n), "G", group(n - 1)});
  EXPECT_EQ(story.when(grouping::AddGroup{grouping, group(9), "G", group(8)}), "group-too-deep");
  story.given(grouping::AddGroup{grouping, group(20), "Top", {}});
  EXPECT_EQ(story.when(grouping::NestGroup{grouping, group(1), group(20)}), "group-too-deep");
}
TEST_F(GroupingTest, SiblingsHaveDifferentNames) {
  EXPECT_EQ(story.when(grouping::AddGroup{grouping, group(2), "North", {}}), "name-taken");
  story.given(grouping::AddGroup{grouping, group(2), "North", group(1)});
}
TEST_F(GroupingTest, AGroupIsDeletedWithTheGroupsInIt) {
  story.given(grouping::AddGroup{grouping, group(2), "City", group(1)});
  story.given(grouping::AddGroup{grouping, group(3), "Quarter", group(2)});
  story.given(grouping::AddGroup{grouping, group(4), "South", {}});
  story.given(grouping::AddAccounts{grouping, group(3), {Story::account(1)}, true, {}});
  story.given(grouping::DeleteGroup{grouping, group(1)});
  const auto& left = story.state.groupings.at(grouping).groups;
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left.begin()->first, group(4));
  EXPECT_EQ(story.when(grouping::DeleteGroup{grouping, group(3)}), "unknown-group");
  EXPECT_EQ(story.when(grouping::AddGroup{grouping, group(5), "North", {}}), "");
}
TEST_F(GroupingTest, ADeletedGroupingIsUnknownAndItsIdStaysUsed) {
  story.given(grouping::Delete{grouping});
  EXPECT_EQ(story.when(grouping::Rename{grouping, "Areas"}), "unknown-grouping");
  EXPECT_EQ(story.when(grouping::Delete{grouping}), "unknown-grouping");
  EXPECT_EQ(story.when(grouping::Create{grouping, Story::customer, "Regions"}), "already-exists");
}

struct UserTest : GroupingTest {
  UserId ann{Story::id(1, 9)};
  user::Invite invite() {
    return {ann, Story::customer, user::Role::kPayer, "digest-of-ann", {"Ann", "ann@example.com", ""}};
  }
};
TEST_F(UserTest, AnEmailAddressIsUsedOnce) {
  story.given(invite());
  auto again = invite();
  again.id = UserId{Story::id(2, 9)};
  EXPECT_EQ(story.when(again), "email-taken");
  story.given(user::Edit{ann, "digest-of-anna", {"Anna", "anna@example.com", ""}});
  EXPECT_EQ(story.when(again), "");
}
TEST_F(UserTest, ASuspendedUserIsOnlyReinstated) {
  story.given(invite());
  story.given(user::Suspend{ann, "left"});
  EXPECT_EQ(story.when(user::ChangeRole{ann, user::Role::kViewer}), "user-suspended");
  story.given(user::Reinstate{ann});
  EXPECT_EQ(story.when(user::ChangeRole{ann, user::Role::kPayer}), "nothing-changes");
  EXPECT_EQ(story.when(user::ChangeRole{ann, user::Role::kViewer}), "");
}
TEST_F(UserTest, AnAddressWithoutADomainIsRefused) {
  auto bad = invite();
  bad.personal.email = "ann@";
  EXPECT_EQ(story.when(bad), "invalid-text");
}

}  // namespace
}  // namespace billing
