// Amounts that contradict what stands beside them; the order of numbers; ids of other systems.
#include <algorithm>

#include "ledger/domain/number_order.h"
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct ContradictionTest : ::testing::Test {
  Story story;
  std::uint32_t base = 1000;  // of the numbers of invoices
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
  }
  void TearDown() override { expect_sound(story); }
  static Line taxed(std::int64_t net, std::string_view rate, std::int64_t basis, std::int64_t amount) {
    Line line = Story::line(1, net);
    line.taxes.push_back({"DE", "UST", *Decimal::parse(rate), basis, amount, {}});
    return line;
  }
  // 10.00 a piece.
  static Line pieces(std::string_view quantity, std::int64_t discount, std::int64_t net) {
    Line line = Story::line(1, net);
    line.quantity = *Decimal::parse(quantity);
    line.unit_price = *Decimal::parse("10");
    line.discount = discount;
    return line;
  }
  // What becomes of the line on each kind of document and in each part of a draft's life: one answer from all.
  std::string everywhere(const Line& line) {
    base += 10;
    std::vector<std::string> answers{story.when(story.issue(base, 1, {line}))};
    const auto next = [&](const Command& command) { answers.push_back(story.when(command)); };
    story.given(story.issue(base + 1, 1, {Story::line(1, 1)}));
    auto debit = story.issue(base + 2, 1, {line});
    debit.header.kind = invoice::Kind::kDebit;
    debit.header.about = Story::invoice(base + 1);
    next(debit);
    next(story.credit(1, {line}));
    invoice::Draft draft;
    draft.header.id = Story::invoice(base + 3);
    draft.header.account = Story::account(1);
    draft.lines = {line};
    next(draft);
    draft.header.id = Story::invoice(base + 4);
    draft.lines = {Story::line(1, 1)};
    story.given(draft);
    next(invoice::AddLines{Story::invoice(base + 4), {line}, {}});
    next(invoice::ReplaceLines{Story::invoice(base + 4), 0, 1, {line}, {}});
    for (const std::string& answer : answers) EXPECT_EQ(answer, answers.front());
    return answers.front();
  }
};

TEST_F(ContradictionTest, AnInvoiceWhoseGivenTaxIsAUnitOffIsVoidedAfterANoteOnIt) {
  story.given(story.issue(1, 1, {taxed(10000, "0.19", 10000, 1901)}));
  Line half = taxed(5000, "0.19", 5000, 949);
  half.credited_line = 0;
  auto note = story.credit(1, {half});
  note.invoice = Story::invoice(1);
  story.given(note);
  EXPECT_EQ(story.when(invoice::Void{Story::invoice(1), "wrong"}), "") << "what is left is 50.00 with 9.52";
}
TEST_F(ContradictionTest, ARateAboveOneIsMostLikelyPerCent) {
  EXPECT_EQ(everywhere(taxed(10000, "19", 10000, 190000)), "invalid-parameter");
  EXPECT_EQ(story.refusal.pointer, "/lines/0/taxes/0/rate");
  EXPECT_NE(story.refusal.detail.find("19 is meant as per cent"), std::string::npos) << story.refusal.detail;
}
TEST_F(ContradictionTest, AComputedTaxHasNoRateAboveOneEither) {
  EXPECT_EQ(everywhere(Story::taxed_line(1, 10000, {"19"})), "invalid-parameter");
}
TEST_F(ContradictionTest, ARateOfOneIsTaken) { EXPECT_EQ(everywhere(taxed(10000, "1", 10000, 10000)), ""); }
TEST_F(ContradictionTest, ALateFeeHasARateOfAtMostOne) {
  invoice::ChargeLateFees fees;
  fees.account = Story::account(1);
  fees.cycle = "m";
  fees.rate = *Decimal::parse("1.5");
  EXPECT_EQ(story.when(fees), "invalid-parameter");
  EXPECT_EQ(story.refusal.pointer, "/rate");
}
TEST_F(ContradictionTest, AGivenTaxIsBasisTimesRateToOneMinorUnit) {
  for (const std::int64_t amount : {1899, 1900, 1901}) {
    EXPECT_EQ(story.when(story.credit(1, {taxed(10000, "0.19", 10000, amount)})), "") << amount;
  }
  for (const std::int64_t amount : {0, 1898, 1902, -1900, 19}) {
    EXPECT_EQ(story.when(story.credit(1, {taxed(10000, "0.19", 10000, amount)})), "sum-mismatch") << amount;
    EXPECT_EQ(story.refusal.pointer, "/lines/0/taxes/0/amount");
  }
  EXPECT_EQ(everywhere(taxed(10000, "0.19", 10000, 1902)), "sum-mismatch");
}
TEST_F(ContradictionTest, AGivenTaxOfALineBelowZeroIsBelowZero) {
  EXPECT_EQ(story.when(story.issue(1, 1, {taxed(-100, "0.19", -100, -19), Story::line(1, 1000)})), "");
  EXPECT_EQ(story.when(story.issue(2, 1, {taxed(-100, "0.19", -100, 19), Story::line(1, 1000)})), "sum-mismatch");
}
TEST_F(ContradictionTest, WithoutARateATaxIsTakenAsGiven) { EXPECT_EQ(everywhere(taxed(10000, "0", 10000, 4711)), ""); }
TEST_F(ContradictionTest, TheBasisOfATaxIsTheNet) {
  EXPECT_EQ(everywhere(taxed(10000, "0.19", 5000, 950)), "sum-mismatch");
  EXPECT_EQ(story.refusal.pointer, "/lines/0/taxes/0/basis");
}
TEST_F(ContradictionTest, ADiscountIsNotMoreThanItsLine) {
  EXPECT_EQ(everywhere(pieces("1", 10000, -9000)), "invalid-amount");
  EXPECT_EQ(story.refusal.pointer, "/lines/0/discount");
  EXPECT_EQ(everywhere(pieces("1", 1001, -1)), "invalid-amount");
}
TEST_F(ContradictionTest, ADiscountOfTheWholeLineIsTaken) { EXPECT_EQ(everywhere(pieces("1", 1000, 0)), ""); }
TEST_F(ContradictionTest, ADiscountHasTheSignOfItsLine) {
  EXPECT_EQ(everywhere(pieces("1", -100, 1100)), "invalid-amount");
  EXPECT_EQ(story.when(story.issue(1, 1, {pieces("3", 1500, 1500), pieces("-1", 500, -1500)})), "invalid-amount");
  EXPECT_EQ(story.refusal.pointer, "/lines/1/discount");
}
TEST_F(ContradictionTest, AReturnedPieceTakesItsDiscountBack) {
  story.given(story.issue(1, 1, {pieces("3", 1500, 1500), pieces("-1", -500, -500)}));
  EXPECT_EQ(story.fact<invoice::Issued>().total, 1000);
}
TEST_F(ContradictionTest, ALineOfNothingHasNoDiscount) {
  Line free = pieces("-3", 0, 0);
  free.unit_price = {};
  EXPECT_EQ(story.when(story.issue(1, 1, {free, Story::line(1, 1)})), "");
  free.discount = 1;
  free.net = -1;
  EXPECT_EQ(story.when(story.issue(2, 1, {free, Story::line(1, 2)})), "invalid-amount");
}

TEST(NumberOrderTest, NumbersAreInTheirNaturalOrder) {
  const std::vector<std::string> sorted{"",        "0",       "01",       "1",        "2",          "10",
                                        "A",       "A-1",     "A1",       "A2B1",     "A2B9",       "A2B10",
                                        "A10B1",   "INV-",    "inv-1",    "INV-09",   "INV-9",    "INV-9-1",    "INV-10",
                                        "INV-2025-999999", "INV-2025-1000000", "INV-2026-000001", "INV-99999999999999999999999",
                                        "INV-100000000000000000000000", "\xC3\xA9"};
  for (std::size_t a = 0; a < sorted.size(); ++a) {
    for (std::size_t b = 0; b < sorted.size(); ++b) {
      EXPECT_EQ(compare_numbers(sorted[a], sorted[b]) <=> 0, a <=> b) << sorted[a] << " and " << sorted[b];
    }
  }
}
TEST_F(ContradictionTest, TheLowestNumberIsPaidFirstWhereDueDatesAreEqual) {
  for (const char* number : {"INV-10", "INV-9", "INV-100", "INV-09"}) {
    auto issue = story.issue(static_cast<std::uint32_t>(story.history.size()), 1, {Story::line(1, 500)});
    issue.imported_number = number;
    story.given(issue);
  }
  const auto paid = [&] {
    story.given(story.pay(1, 500));
    return story.state.invoices.at(story.fact<payment::Recorded>().allocations.at(0).invoice).number;
  };
  EXPECT_EQ(paid(), "INV-09");
  EXPECT_EQ(paid(), "INV-9");
  EXPECT_EQ(paid(), "INV-10");
  EXPECT_EQ(paid(), "INV-100");
}

// Commands that make one object of each kind with this external id.
struct ExternalIdTest : ContradictionTest {
  std::uint32_t next = 100;
  std::vector<Command> of_each_kind(const std::string& external_id) {
    ++next;
    account::Open open;
    open.id = Story::account(next);
    open.customer = Story::customer;
    open.number = "N" + std::to_string(next);
    open.name = "Branch";
    open.opened_on = Date::clamped(2010, 1, 1);
    open.external_id = external_id;
    auto issue = story.issue(next, 1, {Story::line(1, 100)});
    issue.header.external_id = external_id;
    auto note = story.credit(1, {Story::line(1, 100)});
    note.external_id = external_id;
    auto pay = story.pay(1, 100);
    pay.external_id = external_id;
    return {customer::Create{{Story::id(next, 1)}, "Acme", *Currency::parse("USD"), external_id, {}}, open, issue, note, pay};
  }
};

TEST_F(ExternalIdTest, AnExternalIdIsOfOneObjectOfItsKind) {
  for (const Command& command : of_each_kind("x")) story.given(command);
  for (const Command& command : of_each_kind("x")) EXPECT_EQ(story.when(command), "external-id-taken");
  for (const Command& command : of_each_kind("y")) story.given(command);
  for (int n = 0; n < 2; ++n) {
    for (const Command& command : of_each_kind("")) story.given(command);
  }
}
TEST_F(ExternalIdTest, TheRefusalNamesTheHolder) {
  for (const Command& command : of_each_kind("x")) story.given(command);
  const AccountId holder = Story::account(next);
  EXPECT_EQ(story.when(of_each_kind("x").at(1)), "external-id-taken");
  EXPECT_EQ(story.refusal.detail, holder.text());
  EXPECT_EQ(story.refusal.pointer, "/external_id");
}
TEST_F(ExternalIdTest, ARequestedPaymentAndARecordedOneAreOneKind) {
  auto request = story.request(1, 100);
  request.external_id = "x";
  story.given(request);
  EXPECT_EQ(story.when(request), "external-id-taken");
  auto pay = story.pay(1, 100);
  pay.external_id = "x";
  EXPECT_EQ(story.when(pay), "external-id-taken");
}
TEST_F(ExternalIdTest, ADraftKeepsItsExternalIdWhenItIsIssuedAndLeavesItWhenItIsDiscarded) {
  invoice::Draft draft;
  draft.header.id = Story::invoice(1);
  draft.header.account = Story::account(1);
  draft.header.external_id = "x";
  draft.lines = {Story::line(1, 100)};
  story.given(draft);
  auto other = draft;
  other.header.id = Story::invoice(2);
  EXPECT_EQ(story.when(other), "external-id-taken");
  story.given(invoice::Discard{Story::invoice(1)});
  story.given(other);
  invoice::Issue issue;
  issue.header.id = Story::invoice(2);
  issue.draft = true;
  story.given(issue);
  draft.header.id = Story::invoice(3);
  EXPECT_EQ(story.when(draft), "external-id-taken");
}
TEST_F(ExternalIdTest, AnotherCustomerMayHaveTheSame) {
  for (const Command& command : of_each_kind("x")) story.given(command);
  const CustomerId other{Story::id(2, 1)};
  story.given(customer::Create{other, "Bolt", *Currency::parse("USD"), "z", {}});
  account::Open open;
  open.id = Story::account(2);
  open.customer = other;
  open.number = "A1";
  open.name = "Main";
  open.external_id = "x";
  story.given(open);
}
TEST_F(ExternalIdTest, ALogWithTwoHoldersIsFoldedAndTheFirstKeepsIt) {
  auto events = decide(story.state, of_each_kind("x").at(1), story.context());
  auto again = decide(story.state, of_each_kind("x").at(1), story.context());
  ASSERT_TRUE(events && again);
  const AccountId first{events->front().stream.id};
  evolve(story.state, events->front());
  evolve(story.state, again->front());
  EXPECT_EQ(story.when(of_each_kind("x").at(1)), "external-id-taken");
  EXPECT_EQ(story.refusal.detail, first.text());
}

}  // namespace
}  // namespace billing
