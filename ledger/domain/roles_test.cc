// Who owns and who pays invoices, postal addresses, frozen accounts.
#include "tests/support/story.h"

namespace billing {
namespace {

using account::InvoicingRole;
using testing::expect_sound;
using testing::Story;

// Account 1 has the child 2, which has the child 3.
struct RolesTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
    story.given_account(3, Story::account(2));
  }
  void TearDown() override { expect_sound(story); }

  void given_role(std::uint32_t account, InvoicingRole role, std::optional<Date> from = {}) {
    story.given(account::ChangeRole{Story::account(account), role, from});
  }
  AccountId owner(std::uint32_t n) const { return account::invoice_owner(story.state, Story::account(n), story.today); }
  AccountId payer(std::uint32_t n) const { return account::invoice_payer(story.state, owner(n), story.today); }
};

TEST_F(RolesTest, ByDefaultTheRootOwnsAndPays) {
  EXPECT_EQ(owner(3), Story::account(1));
  EXPECT_EQ(payer(3), Story::account(1));
}
TEST_F(RolesTest, AnAccountThatOwnsIsPaidForByTheNextOneAboveThatPays) {
  given_role(2, InvoicingRole::kOwner);
  EXPECT_EQ(owner(3), Story::account(2));
  EXPECT_EQ(payer(3), Story::account(1));
  given_role(2, InvoicingRole::kPayer);
  EXPECT_EQ(payer(3), Story::account(2));
}
TEST_F(RolesTest, ARoleCountsFromItsDay) {
  given_role(2, InvoicingRole::kPayer, story.today.plus_days(10));
  EXPECT_EQ(owner(2), Story::account(1));
  story.today = story.today.plus_days(10);
  EXPECT_EQ(owner(2), Story::account(2));
}
TEST_F(RolesTest, ARoleIsNotBackDatedNorChangedToItself) {
  EXPECT_EQ(story.when(account::ChangeRole{Story::account(2), InvoicingRole::kPayer, story.today.plus_days(-1)}),
            "invalid-date");
  EXPECT_EQ(story.when(account::ChangeRole{Story::account(2), InvoicingRole::kRolledUp, {}}), "nothing-changes");
}
TEST_F(RolesTest, AChildIsSplitOutAndBack) {
  given_role(2, InvoicingRole::kPayer);
  story.given(story.issue(1, 2, {Story::line(2, 1000)}));
  EXPECT_EQ(story.fact<invoice::Issued>().payer, Story::account(2));
  given_role(2, InvoicingRole::kRolledUp);
  EXPECT_EQ(story.when(story.issue(2, 2, {Story::line(2, 1000)})), "not-invoice-owner");
  story.given(story.issue(3, 1, {Story::line(2, 1000)}));
  EXPECT_EQ(story.fact<invoice::Issued>().payer, Story::account(1));
  EXPECT_EQ(story.open(2), 2000);
}
TEST_F(RolesTest, TheChargesOfASplitOutChildAreRefusedOnTheRootsInvoice) {
  given_role(2, InvoicingRole::kOwner);
  EXPECT_EQ(story.when(story.issue(1, 1, {Story::line(3, 1000)})), "other-invoice-owner");
}
TEST_F(RolesTest, AfterUnparentingTheOldParentStillOwesAndTheNextInvoiceIsTheChildsOwn) {
  story.given(story.issue(1, 1, {Story::line(2, 24995)}));
  story.given(hierarchy::Move{Story::account(2), {}});
  EXPECT_EQ(story.due(1), 24995);
  EXPECT_EQ(story.when(story.issue(2, 1, {Story::line(2, 24995)})), "other-invoice-owner");
  story.given(story.pay(1, 24995));
  EXPECT_EQ(story.due(1), 0);
  story.given(story.issue(3, 2, {Story::line(2, 24995)}));
  EXPECT_EQ(story.fact<invoice::Issued>().payer, Story::account(2));
}
TEST_F(RolesTest, AMoveAndAChangeOfRoleLeaveOwnerAndPayerOfWhatIsIssued) {
  story.given_account(4);
  story.given(story.issue(1, 1, {Story::line(2, 1000), Story::line(3, 500)}));
  story.given(hierarchy::Move{Story::account(2), Story::account(4)});
  given_role(3, InvoicingRole::kPayer);
  const invoice::State& issued = story.state.invoices.at(Story::invoice(1));
  EXPECT_EQ(issued.account, Story::account(1));
  EXPECT_EQ(issued.payer, Story::account(1));
  EXPECT_EQ(story.state.accounts.at(Story::account(1)).owed, 1500);
  EXPECT_EQ(story.state.accounts.at(Story::account(4)).owed, 0);
  EXPECT_EQ(story.open(2), 1000);
  EXPECT_EQ(story.open(3), 500);
  EXPECT_EQ(payer(2), Story::account(4));
  EXPECT_EQ(payer(3), Story::account(3));
  story.given(story.pay(1, 1500));
  EXPECT_EQ(story.due(1), 0);
}

TEST_F(RolesTest, AnInvoiceNamesTheAddressOfItsDay) {
  story.given(account::ChangeAddress{Story::account(1), {}, {"Acme", {}, {}, "1 High Street\nLeeds"}});
  const PersonId person = story.fact<account::AddressChanged>().person;
  const std::uint64_t version = story.state.versions.at({StreamKind::kAccount, Story::account(1).uuid});
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  EXPECT_EQ(story.fact<invoice::Issued>().address_version, version);
  EXPECT_EQ(story.fact<invoice::Issued>().account_name, "Account 1");
  story.given(account::ChangeAddress{Story::account(1), {}, {{}, {}, {}, "2 High Street\nLeeds"}});
  EXPECT_EQ(story.fact<account::AddressChanged>().person, person);
  story.given(story.issue(2, 1, {Story::line(1, 1000)}));
  EXPECT_EQ(story.fact<invoice::Issued>().address_version, version + 1);
}
TEST_F(RolesTest, AnAddressHasOneToSixLinesOfText) {
  const auto address = [](std::string text) { return account::ChangeAddress{Story::account(1), {}, {{}, {}, {}, std::move(text)}}; };
  EXPECT_EQ(story.when(address("")), "invalid-text");
  EXPECT_EQ(story.when(address("1 High Street\n\nLeeds")), "invalid-text");
  EXPECT_EQ(story.when(address("1 High\tStreet")), "invalid-text");
  EXPECT_EQ(story.refusal.pointer, "/postal_address/lines/0");
  EXPECT_EQ(story.when(address("1\n2\n3\n4\n5\n6\n7")), "too-many-items");
  EXPECT_EQ(story.when(address("1\n2\n3\n4\n5\n6")), "");
  auto odd = address("1 High Street");
  odd.personal.city = "Le\neds";
  EXPECT_EQ(story.when(odd), "invalid-text");
  EXPECT_EQ(story.refusal.pointer, "/postal_address/city");
}

TEST_F(RolesTest, AFrozenAccountMovesNoMoneyUntilTwoPeopleUnfreezeIt) {
  story.given(account::Freeze{Story::account(1), "postings-balance", "off by 1"});
  EXPECT_EQ(story.when(story.issue(1, 1, {Story::line(1, 1000)})), "account-frozen");
  EXPECT_EQ(story.when(story.pay(1, 1000)), "account-frozen");
  EXPECT_EQ(story.when(account::Freeze{Story::account(1), "again", {}}), "nothing-changes");
  EXPECT_EQ(story.when(account::Unfreeze{Story::account(1), "mended", {"ann"}}), "four-eyes");
  EXPECT_EQ(story.when(account::Unfreeze{Story::account(1), "mended", {"ann", "ann"}}), "four-eyes");
  story.given(account::Unfreeze{Story::account(1), "mended", {"ann", "bob"}});
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  EXPECT_EQ(story.when(account::Unfreeze{Story::account(1), "mended", {"ann", "bob"}}), "nothing-changes");
}

}  // namespace
}  // namespace billing
