// Drafts, debit notes, numbers of legal entities, posting dates, what a credit note may take.
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct DocumentsTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }

  void given_draft(std::vector<Line> lines) {
    invoice::Draft draft;
    draft.header.id = Story::invoice(1);
    draft.header.account = Story::account(1);
    draft.lines = std::move(lines);
    story.given(draft);
  }
  static invoice::Issue issue_draft() {
    invoice::Issue issue;
    issue.header.id = Story::invoice(1);
    issue.draft = true;
    return issue;
  }
  static invoice::ReplaceLines replace(std::uint32_t first, std::uint32_t count, std::vector<Line> lines) {
    return {Story::invoice(1), first, count, std::move(lines), {}};
  }
  invoice::Issue debit_note(std::uint32_t number, std::optional<InvoiceId> about) const {
    auto issue = story.issue(number, 1, {Story::line(1, 500)});
    issue.header.kind = invoice::Kind::kDebit;
    issue.header.about = about;
    return issue;
  }
};

TEST_F(DocumentsTest, LinesOfADraftAreReplacedInsertedAndTakenOut) {
  given_draft({Story::line(1, 1), Story::line(1, 20), Story::line(1, 300)});
  story.given(replace(1, 1, {Story::line(1, 4000), Story::line(1, 50000)}));
  story.given(replace(0, 1, {}));
  story.given(replace(3, 0, {Story::line(1, 600000)}));
  std::vector<std::int64_t> nets;
  for (const Line& line : story.state.invoices.at(Story::invoice(1)).draft_lines) nets.push_back(line.net);
  EXPECT_EQ(nets, (std::vector<std::int64_t>{4000, 50000, 300, 600000}));
  story.given(issue_draft());
  EXPECT_EQ(story.due(1), 654300);
}
TEST_F(DocumentsTest, LinesThatADraftHasNotAreRefused) {
  given_draft({Story::line(1, 1)});
  EXPECT_EQ(story.when(replace(2, 0, {Story::line(1, 1)})), "unknown-line");
  EXPECT_EQ(story.when(replace(0, 2, {})), "unknown-line");
  EXPECT_EQ(story.when(replace(1, 0xFFFFFFFF, {})), "unknown-line");
  EXPECT_EQ(story.when(replace(1, 0, {})), "nothing-changes");
  story.given(replace(0, 1, {}));
  EXPECT_EQ(story.when(issue_draft()), "no-lines");
}
TEST_F(DocumentsTest, LinesOfAnIssuedInvoiceAreNotReplaced) {
  given_draft({Story::line(1, 1)});
  story.given(issue_draft());
  EXPECT_EQ(story.when(replace(0, 1, {})), "not-a-draft");
}

TEST_F(DocumentsTest, ADebitNoteIsAboutAnInvoiceAndHasNumbersOfItsOwn) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  EXPECT_EQ(story.when(debit_note(2, {})), "missing-field");
  EXPECT_EQ(story.when(debit_note(2, Story::invoice(9))), "unknown-invoice");
  story.given(debit_note(2, Story::invoice(1)));
  EXPECT_EQ(story.fact<invoice::Issued>().number, "DN-2026-000001");
  EXPECT_EQ(story.open(1), 1500);
}
TEST_F(DocumentsTest, OnlyADebitNoteIsAboutAnInvoice) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto issue = story.issue(2, 1, {Story::line(1, 1000)});
  issue.header.about = Story::invoice(1);
  EXPECT_EQ(story.when(issue), "invalid-parameter");
  EXPECT_EQ(story.refusal.pointer, "/about");
}
TEST_F(DocumentsTest, ALateFeeIsNotIssuedByHand) {
  auto issue = story.issue(1, 1, {Story::line(1, 1000)});
  issue.header.kind = invoice::Kind::kLateFee;
  EXPECT_EQ(story.when(issue), "invalid-parameter");
}
TEST_F(DocumentsTest, AnInvoiceAndADebitNoteMayHaveTheSameImportedNumber) {
  auto issue = story.issue(1, 1, {Story::line(1, 1000)});
  issue.imported_number = "77";
  story.given(issue);
  auto debit = debit_note(2, Story::invoice(1));
  debit.imported_number = "77";
  story.given(debit);
}
TEST_F(DocumentsTest, KindsHaveNames) {
  for (const auto kind : {invoice::Kind::kAdHoc, invoice::Kind::kDebit, invoice::Kind::kLateFee}) {
    EXPECT_EQ(invoice::parse_kind(invoice::kind_text(kind)).value(), kind);
  }
  EXPECT_FALSE(invoice::parse_kind("cycle"));
}

TEST_F(DocumentsTest, EachLegalEntityHasItsSeries) {
  const CustomerId other{Story::id(2, 1)};
  story.given(customer::Create{other, "Beta", *Currency::parse("USD"), {}, "NL2"});
  account::Open open;
  open.id = Story::account(9);
  open.customer = other;
  open.number = "A9";
  open.name = "Nine";
  story.given(open);
  story.given(story.issue(1, 1, {Story::line(1, 100)}));
  story.given(story.issue(2, 9, {Story::line(9, 100)}));
  EXPECT_EQ(story.fact<invoice::Issued>().series, "NL2-INV-2026");
  EXPECT_EQ(story.fact<invoice::Issued>().number, "NL2-INV-2026-000001");
  story.given(story.credit(9, {Story::line(9, 10)}));
  EXPECT_EQ(story.fact<credit_note::Issued>().number, "NL2-CN-2026-000001");
  story.given(story.issue(3, 1, {Story::line(1, 100)}));
  EXPECT_EQ(story.fact<invoice::Issued>().number, "INV-2026-000002");
}
TEST_F(DocumentsTest, ALegalEntityIsUpToEightCapitalsAndDigits) {
  for (const std::string entity : {"nl", "NL-1", "ABCDEFGHI", "NL "}) {
    EXPECT_EQ(story.when(customer::Create{CustomerId{Story::id(3, 1)}, "Gamma", *Currency::parse("USD"), {}, entity}),
              "invalid-text");
  }
}

TEST_F(DocumentsTest, ACreditNoteTakesDeferredRevenueFirst) {
  const Date from = story.today;
  story.given(story.issue(1, 1, {Story::period_line(1, 1000, from, from.plus_days(30))}));
  story.given(story.credit(1, {Story::credit_line(0, 400)}, Story::invoice(1)));
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), -600);
  EXPECT_EQ(story.posted(Ledger::kServiceRevenue), 0);
}
TEST_F(DocumentsTest, AFreeNoteTakesNothingFromDeferredRevenue) {
  story.given(story.credit(1, {Story::period_line(1, 1000, story.today, story.today.plus_days(30))}));
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), 0);
  EXPECT_EQ(story.posted(Ledger::kServiceRevenue), 1000);
}
TEST_F(DocumentsTest, GoodwillIsAnAdjustment) {
  Line line = Story::line(1, 1000);
  line.revenue_code = 4900;
  story.given(story.credit(1, {line}));
  EXPECT_EQ(story.posted(Ledger::kAdjustments), 1000);
}
TEST_F(DocumentsTest, ANoteIsNotOlderThanItsInvoice) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  auto note = story.credit(1, {Story::credit_line(0, 400)}, Story::invoice(1));
  note.document_date = story.today.plus_days(-1);
  EXPECT_EQ(story.when(note), "invalid-date");
}
TEST_F(DocumentsTest, ANegativeLineIsCreditedWithTheOthersOrNotAtAll) {
  story.given(story.issue(1, 1, {Story::line(1, 1000), Story::line(1, -400)}));
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 1000)}, Story::invoice(1))), "credit-exceeds-line");
  EXPECT_EQ(story.when(story.credit(1, {Story::credit_line(0, 1000), Story::credit_line(1, -401)}, Story::invoice(1))),
            "credit-exceeds-line");
  story.given(story.credit(1, {Story::credit_line(0, 1000), Story::credit_line(1, -400)}, Story::invoice(1)));
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(DocumentsTest, CreditThatIsUsedElsewhereCountsThere) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.pay(1, 1000));
  story.given(story.issue(2, 1, {Story::line(1, 1000)}));
  story.given(story.credit(1, {Story::credit_line(0, 300)}, Story::invoice(1)));
  EXPECT_EQ(story.state.invoices.at(Story::invoice(1)).credit, 0);
  EXPECT_EQ(story.state.invoices.at(Story::invoice(2)).credit, 300);
  story.given(story.credit(1, {Story::credit_line(0, 200)}, Story::invoice(2)));
  EXPECT_EQ(story.state.invoices.at(Story::invoice(2)).credit, 300);
  story.given(story.credit(2, {Story::line(2, 50)}));
  story.given(story.issue(3, 1, {Story::line(2, 1000)}));
  EXPECT_EQ(story.state.invoices.at(Story::invoice(3)).credit, 50);
}
TEST_F(DocumentsTest, TheRestOfThePayersCreditDoesNotTakeWhatAnotherSharesCreditIsFor) {
  story.given(story.issue(1, 1, {Story::line(1, 100), Story::line(2, 100)}));
  payment::Record own_share = story.pay(1, 100);
  own_share.instructions = {{Story::invoice(1), 100, Story::account(1)}};
  story.given(own_share);
  story.given(story.credit(1, {Story::credit_line(0, 50), Story::credit_line(1, 100)}, Story::invoice(1)));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 50);
  EXPECT_EQ(story.unapplied(2), 0);
  expect_sound(story);
}
TEST_F(DocumentsTest, ANoteThatClosesADisputedInvoiceClosesTheDisputeAsCredited) {
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.dispute(1));
  story.given(story.credit(1, {Story::credit_line(0, 1000)}, Story::invoice(1)));
  EXPECT_EQ(story.fact<dispute::Closed>(1).outcome, dispute::Outcome::kCredited);
}
TEST_F(DocumentsTest, CreditIsNotUsedBeforeItWasThere) {
  story.given(story.credit(1, {Story::line(1, 500)}));
  auto issue = story.issue(1, 1, {Story::line(1, 1000)});
  issue.document_date = story.today.plus_days(-10);
  story.given(issue);
  EXPECT_EQ(story.last[0].posting_date, story.today.plus_days(-10));
  EXPECT_EQ(story.last[1].posting_date, story.today);
}

}  // namespace
}  // namespace billing
