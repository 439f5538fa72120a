// Tax that we compute, and what credit notes take back of it; the numbers of published cases.
#include <rapidcheck/gtest.h>

#include "ledger/domain/tax.h"
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct TaxTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }

  void given_invoice(std::vector<Line> lines) { story.given(story.issue(1, 1, std::move(lines))); }
  const invoice::Issued& issued() const { return story.fact<invoice::Issued>(); }
  // Credits net amounts of lines 0, 1, … of invoice 1; the note.
  credit_note::Issued credit(const std::vector<std::int64_t>& nets) {
    std::vector<Line> lines;
    for (std::uint32_t n = 0; n < nets.size(); ++n) {
      if (nets[n] != 0) lines.push_back(Story::credit_line(n, nets[n]));
    }
    story.given(story.credit(1, lines, Story::invoice(1)));
    return story.fact<credit_note::Issued>();
  }
  static std::vector<std::int64_t> taxes(const std::vector<Line>& lines) {
    std::vector<std::int64_t> amounts;
    for (const Line& line : lines) amounts.push_back(tax_of(line));
    return amounts;
  }
};
using Amounts = std::vector<std::int64_t>;

TEST_F(TaxTest, TaxIsRoundedOnceOnTheSumOfTheLines) {
  // Line by line it would be 3 x 0.01.
  given_invoice({Story::taxed_line(1, 4, {"0.2"}), Story::taxed_line(1, 4, {"0.2"}), Story::taxed_line(1, 4, {"0.2"})});
  EXPECT_EQ(issued().tax, 2);
  EXPECT_EQ(taxes(issued().lines), (Amounts{1, 1, 0}));
  EXPECT_EQ(issued().lines[0].taxes[0].basis, 4);
}
TEST_F(TaxTest, HalfACentIsRoundedAwayFromZero) {
  EXPECT_EQ(tax::amount_of(50, *Decimal::parse("0.01")).value(), 1);
  EXPECT_EQ(tax::amount_of(-50, *Decimal::parse("0.01")).value(), -1);
  EXPECT_EQ(tax::amount_of(49, *Decimal::parse("0.01")).value(), 0);
}
TEST_F(TaxTest, ALineMayHaveSeveralTaxes) {  // L23
  given_invoice({Story::taxed_line(1, 10000, {"0.2", "0.1"})});
  EXPECT_EQ(issued().tax, 3000);
  EXPECT_EQ(story.due(1), 13000);
}
TEST_F(TaxTest, TheSameTaxTwiceOnALineIsRefused) {
  EXPECT_EQ(story.when(story.issue(1, 1, {Story::taxed_line(1, 10000, {"0.2", "0.2"})})), "invalid-parameter");
}
TEST_F(TaxTest, ACouponIsTakenOffBeforeTax) {  // L07
  std::vector<Line> lines;
  const Amounts fees{10000, 5000, 3000, 2000};
  const Amounts coupon = allocate(1000, fees);
  EXPECT_EQ(coupon, (Amounts{500, 250, 150, 100}));
  const std::vector<std::string_view> rates{"0.1", "0", "0.2", "0.2"};
  for (std::size_t n = 0; n < 4; ++n) {
    Line& line = lines.emplace_back(Story::taxed_line(1, fees[n] - coupon[n], {rates[n]}));
    line.discount = coupon[n];
  }
  given_invoice(lines);
  EXPECT_EQ(taxes(issued().lines), (Amounts{950, 0, 570, 380}));
  EXPECT_EQ(issued().net, 19000);
  EXPECT_EQ(issued().total, 20900);
}
TEST_F(TaxTest, ACouponOnOneFeeLowersTheTaxOfItsRateOnly) {  // L09 and L10
  Line second = Story::taxed_line(1, 14900, {"0.2"});
  second.discount = 25000;
  second.quantity = Decimal::from_int(1);
  second.unit_price = *Decimal::parse("399");
  given_invoice({Story::taxed_line(1, 17900, {"0.1"}), second});
  EXPECT_EQ(issued().tax, 4770);
  EXPECT_EQ(issued().total, 37570);
  const auto note = credit({0, 9806});
  EXPECT_EQ(note.tax, 1961);
  EXPECT_EQ(note.total, 11767);
}
TEST_F(TaxTest, TwoCouponsAreOneDiscount) {  // L11
  Line line = Story::taxed_line(1, 411779, {"0.1"});
  line.discount = 2000;
  line.quantity = Decimal::from_int(1);
  line.unit_price = *Decimal::parse("4137.79");
  given_invoice({line});
  EXPECT_EQ(issued().tax, 41178);
  EXPECT_EQ(issued().total, 452957);
}
TEST_F(TaxTest, ANegativeDiscountIsRefused) {
  Line line = Story::line(1, 1000);
  line.discount = -1;
  EXPECT_EQ(story.when(story.issue(1, 1, {line})), "invalid-amount");
}
TEST_F(TaxTest, TheTaxOfANoteIsWhatTheBaseLosesOfIt) {  // L04, L05, L06
  struct Case {
    std::int64_t net;
    std::string_view rate;
    std::int64_t tax, credited, credited_tax;
  };
  std::uint32_t n = 0;
  for (const Case& one : {Case{20000, "0.25", 5000, 19333, 4833}, Case{16000, "0.25", 4000, 15467, 3867},
                          Case{2999, "0.2333", 700, 2571, 600}}) {
    story.given(story.issue(++n, 1, {Story::taxed_line(1, one.net, {one.rate})}));
    EXPECT_EQ(issued().tax, one.tax);
    story.given(story.credit(1, {Story::credit_line(0, one.credited)}, Story::invoice(n)));
    EXPECT_EQ(story.fact<credit_note::Issued>().tax, one.credited_tax);
  }
}
TEST_F(TaxTest, NotesTogetherLeaveNothing) {  // scenario 20
  given_invoice({Story::taxed_line(1, 76900, {"0.2"})});
  EXPECT_EQ(issued().total, 92280);
  auto note = credit({72686});
  EXPECT_EQ(note.tax, 14537);
  EXPECT_EQ(note.total, 87223);
  note = credit({4214});
  EXPECT_EQ(note.tax, 843);
  EXPECT_EQ(note.total, 5057);
  EXPECT_TRUE(note.lines[0].taxes[0].computed);
  EXPECT_EQ(note.lines[0].taxes[0].basis, 4214);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 0);
  EXPECT_EQ(story.posted(Ledger::kTaxPayable), 0);
}
TEST_F(TaxTest, ALineThatIsCreditedInFullGivesBackItsOwnTax) {
  // 1.02 + 1.02 at 20 %: 0.41, split 0.21 and 0.20.
  given_invoice({Story::taxed_line(1, 102, {"0.2"}), Story::taxed_line(2, 102, {"0.2"})});
  EXPECT_EQ(taxes(issued().lines), (Amounts{21, 20}));
  EXPECT_EQ(credit({0, 102}).total, 122);
  EXPECT_EQ(story.open(2), 0);
  EXPECT_EQ(story.unapplied(2), 0);
  EXPECT_EQ(credit({102}).total, 123);
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(TaxTest, ANoteOverAllLinesGivesBackTheTaxOfTheDocument) {
  given_invoice({Story::taxed_line(1, 103, {"0.2"}), Story::taxed_line(2, 103, {"0.2"}), Story::line(1, 50, 7)});
  auto lines = std::vector{Story::credit_line(0, 103), Story::credit_line(1, 103), Story::credit_line(2, 50, 7)};
  story.given(story.credit(1, lines, Story::invoice(1)));
  EXPECT_EQ(story.fact<credit_note::Issued>().tax, 48);
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(TaxTest, TwoLinesOfANoteAgainstTheSameLineShareItsTax) {
  given_invoice({Story::taxed_line(1, 1000, {"0.2"})});
  story.given(story.credit(1, {Story::credit_line(0, 400), Story::credit_line(0, 600)}, Story::invoice(1)));
  EXPECT_EQ(taxes(story.fact<credit_note::Issued>().lines), (Amounts{80, 120}));
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(TaxTest, AGivenTaxOnANoteAgainstAComputedLineMustBeOurs) {
  given_invoice({Story::taxed_line(1, 1000, {"0.2"})});
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 400, 79)}, Story::invoice(1))), "sum-mismatch");
  EXPECT_EQ(story.refusal.pointer, "/lines/0/taxes");
  story.given(story.credit(1, {Story::credit_line(0, 400, 80)}, Story::invoice(1)));
  EXPECT_EQ(story.fact<credit_note::Issued>().tax, 80);
  EXPECT_EQ(story.fact<credit_note::Issued>().lines[0].taxes.size(), 1U);
}
TEST_F(TaxTest, AComputedTaxOnANoteAgainstAGivenOneIsRefused) {
  given_invoice({Story::line(1, 1000, 200)});
  Line line = Story::taxed_line(1, 400, {"0.2"});
  line.credited_line = 0;
  EXPECT_EQ(story.when(story.credit(1, {line}, Story::invoice(1))), "sum-mismatch");
}
TEST_F(TaxTest, GivenAndComputedTaxMayStandOnOneLine) {
  Line line = Story::taxed_line(1, 1000, {"0.2"});
  line.taxes.push_back({"US-NY", "911", {}, 1000, 33, {}, false});
  given_invoice({line});
  EXPECT_EQ(issued().total, 1233);
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 500, 34)}, Story::invoice(1))), "credit-exceeds-line");
  story.given(story.credit(1, {Story::credit_line(0, 500, 16)}, Story::invoice(1)));
  EXPECT_EQ(story.fact<credit_note::Issued>().total, 616);
}
TEST_F(TaxTest, AFreeNoteComputesItsTaxToo) {
  story.given(story.credit(1, {Story::taxed_line(1, 1000, {"0.2"})}));
  EXPECT_EQ(story.fact<credit_note::Issued>().total, 1200);
  EXPECT_EQ(story.unapplied(1), 1200);
}
TEST_F(TaxTest, NegativeLinesAndASumOfZeroLoseNothing) {
  given_invoice({Story::taxed_line(1, 333, {"0.07"}), Story::taxed_line(1, -333, {"0.07"})});
  EXPECT_EQ(issued().tax, 0);
  EXPECT_EQ(taxes(issued().lines)[0], -taxes(issued().lines)[1]);
}
TEST_F(TaxTest, ADraftComputesAtItsIssue) {
  invoice::Draft draft;
  draft.header = {Story::invoice(1), Story::account(1), {}, {}, {}};
  draft.lines = {Story::taxed_line(1, 4, {"0.2"}), Story::line(1, 100, 5)};
  story.given(draft);
  story.given(invoice::AddLines{Story::invoice(1), {Story::taxed_line(2, 4, {"0.2"}), Story::taxed_line(1, 4, {"0.2"})}, {}});
  invoice::Issue issue;
  issue.header.id = Story::invoice(1);
  issue.draft = true;
  story.given(issue);
  EXPECT_EQ(issued().computed_taxes, (Amounts{1, 1, 0}));
  EXPECT_EQ(issued().tax, 7);
  EXPECT_EQ(story.open(2), 5);
  EXPECT_EQ(story.state.invoices.at(Story::invoice(1)).lines[2].tax, 1);
}
TEST_F(TaxTest, ATaxThatDoesNotFitIsRefused) {
  EXPECT_EQ(story.when(story.issue(1, 1, {Story::taxed_line(1, INT64_MAX, {"1"})})), "overflow");
}

RC_GTEST_PROP(TaxSplitTest, PartsAddUpAndAreWithinOneUnitOfTheExactTax, ()) {
  const auto nets = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(-5000, 5000)));
  const Decimal rate{*rc::gen::inRange<std::int64_t>(-300'000'000, 300'000'000)};
  int128 base = 0;
  for (const std::int64_t net : nets) base += net;
  const std::int64_t total = tax::amount_of(base, rate).value();
  const auto parts = tax::split(total, nets, rate);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < nets.size(); ++i) {
    sum += parts[i];
    const int128 off = int128{parts[i]} * Decimal::kOne - int128{nets[i]} * rate.nanos;
    RC_ASSERT(off > -Decimal::kOne && off < Decimal::kOne);
  }
  RC_ASSERT(sum == total);
}

// However an invoice is credited bit by bit: its lines and service accounts get back what they were asked, no more.
RC_GTEST_PROP(TaxNotesTest, NotesInAnyOrderEndAtZero, ()) {
  Story story;
  story.given_customer();
  story.given_account(1);
  story.given_account(2, Story::account(1));
  std::vector<Line> lines;
  const std::string_view rates[] = {"0.2", "0.055", "0.2333"};
  for (std::uint32_t n = *rc::gen::inRange(1U, 5U); n > 0; --n) {
    lines.push_back(Story::taxed_line(1 + n % 2, *rc::gen::inRange<std::int64_t>(1, 500), {rates[*rc::gen::inRange(0, 3)]}));
  }
  story.given(story.issue(1, 1, lines));
  const invoice::State& invoice = story.state.invoices.at(Story::invoice(1));
  for (int step = 0; step < 40 && invoice.open > 0; ++step) {
    std::vector<Line> note;
    for (std::uint32_t n = 0; n < lines.size(); ++n) {
      const std::int64_t left = invoice.lines[n].net - invoice.lines[n].credited_net;
      const std::int64_t net = step == 39 ? left : *rc::gen::inRange<std::int64_t>(0, left + 1);
      if (net > 0) note.push_back(Story::credit_line(n, net));
    }
    if (!note.empty()) RC_ASSERT(story.when(story.credit(1, note, Story::invoice(1))) == "");
    for (const invoice::LineState& line : invoice.lines) RC_ASSERT(line.credited_tax >= 0 && line.credited_tax <= line.tax);
  }
  RC_ASSERT(invoice.open == 0);
  RC_ASSERT(story.unapplied(1) == 0 && story.unapplied(2) == 0);
  RC_ASSERT(story.posted(Ledger::kTaxPayable) == 0);
  expect_sound(story);
  RC_ASSERT(!::testing::Test::HasFailure());
}

}  // namespace
}  // namespace billing
