// Periods that close in order, posting dates that avoid them, and the release of deferred revenue.
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

constexpr std::int32_t month(int year, int number) { return year * 12 + number - 1; }
constexpr std::int32_t kJanuary = month(2026, 1);
constexpr std::int32_t kFebruary = month(2026, 2);
Date day(int number_of_month, int number) { return Date::clamped(2026, number_of_month, number); }

struct BooksTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }

  static books::ReleaseRevenue release(std::int32_t period) { return {Story::customer, period}; }
  void given_closed(std::int32_t period) {
    story.given(books::BeginClose{period});
    (void)story.when(release(period));
    story.given(books::Close{period});
  }
  std::int64_t released() const { return story.fact<books::RevenueReleased>().lines.at(0).amount; }
};

TEST_F(BooksTest, PeriodsCloseOneAfterTheOtherOnceTheyAreOver) {
  EXPECT_EQ(story.when(books::BeginClose{kJanuary}), "period-not-next");
  story.today = day(2, 1);
  EXPECT_EQ(story.when(books::Close{kJanuary}), "period-not-closing");
  story.given(books::BeginClose{kJanuary});
  EXPECT_EQ(story.last[0].customer, kOperator);
  EXPECT_EQ(story.when(books::BeginClose{kJanuary}), "nothing-changes");
  story.today = day(4, 1);
  EXPECT_EQ(story.when(books::BeginClose{kFebruary}), "period-not-next");
  story.given(books::Close{kJanuary});
  EXPECT_EQ(story.when(books::Close{kJanuary}), "period-not-closing");
  EXPECT_EQ(story.when(books::BeginClose{kJanuary}), "period-not-next");
  EXPECT_EQ(story.when(books::BeginClose{month(2026, 3)}), "period-not-next");
  story.given(books::BeginClose{kFebruary});
  EXPECT_EQ(story.when(books::BeginClose{-5}), "invalid-date");
}
TEST_F(BooksTest, ADocumentOfAClosedPeriodIsPostedInTheNextOne) {
  story.today = day(2, 3);
  story.given(books::BeginClose{kJanuary});
  auto issue = story.issue(1, 1, {Story::line(1, 1000)});
  issue.document_date = day(1, 20);
  story.given(issue);
  EXPECT_EQ(story.fact<invoice::Issued>().document_date, day(1, 20));
  EXPECT_EQ(story.fact<invoice::Issued>().posting_date, day(2, 1));
  EXPECT_EQ(story.fact<invoice::Issued>().due_date, day(2, 19));
  EXPECT_EQ(story.last[0].posting_date, day(2, 1));
  EXPECT_EQ(story.last[0].document_date, day(1, 20));
  story.given(books::Close{kJanuary});
  auto note = story.credit(1, {Story::credit_line(0, 100)}, Story::invoice(1));
  note.document_date = day(1, 25);
  story.given(note);
  EXPECT_EQ(story.fact<credit_note::Issued>().posting_date, day(2, 1));
  story.given(invoice::WriteOff{Story::invoice(1), 100, 0, {}, {}, day(1, 30)});
  EXPECT_EQ(story.fact<invoice::WrittenOff>().posting_date, day(2, 1));
}
TEST_F(BooksTest, DeferredRevenueIsReleasedByDaysCumulatively) {
  // 31 days from 15 January: 17 in January, 14 in February.
  story.given(story.issue(1, 1, {Story::period_line(1, 1000, day(1, 15), day(2, 15))}));
  story.today = day(3, 2);
  story.given(books::BeginClose{kJanuary});
  EXPECT_EQ(story.when(books::Close{kJanuary}), "revenue-unreleased");
  story.given(release(kJanuary));
  EXPECT_EQ(released(), 548);  // 548.39
  EXPECT_EQ(story.last[0].posting_date, day(1, 31));
  EXPECT_EQ(story.last[0].stream, (StreamId{StreamKind::kBooks, Story::customer.uuid}));
  EXPECT_EQ(story.when(release(kJanuary)), "nothing-changes");
  story.given(books::Close{kJanuary});
  story.given(books::BeginClose{kFebruary});
  story.given(release(kFebruary));
  EXPECT_EQ(released(), 452);
  story.given(books::Close{kFebruary});
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), 0);
  EXPECT_EQ(story.posted(Ledger::kServiceRevenue), -1000);
  EXPECT_TRUE(story.state.books.due.empty());
}
TEST_F(BooksTest, ReleasesRoundTheSumNotEachMonth) {
  story.given(story.issue(1, 1, {Story::period_line(1, 100, day(1, 1), Date::clamped(2027, 1, 1))}));
  std::int64_t sum = 0;
  std::int64_t days = 0;
  for (int number = 1; number <= 12; ++number) {
    story.today = Date::clamped(2026, number, 31).plus_days(1);
    story.given(books::BeginClose{month(2026, number)});
    story.given(release(month(2026, number)));
    sum += released();
    days += story.today.days - day(number, 1).days;
    EXPECT_EQ(sum, (100 * 2 * days + 365) / (2 * 365));
    story.given(books::Close{month(2026, number)});
  }
  EXPECT_EQ(sum, 100);
}
TEST_F(BooksTest, ServiceThatBeginsLaterWaitsForItsMonth) {
  story.given(story.issue(1, 1, {Story::period_line(1, 1000, day(3, 1), day(4, 1))}));
  story.today = day(4, 1);
  given_closed(kJanuary);
  story.given(books::BeginClose{kFebruary});
  EXPECT_EQ(story.when(release(kFebruary)), "nothing-changes");
  story.given(books::Close{kFebruary});
  story.given(books::BeginClose{month(2026, 3)});
  story.given(release(month(2026, 3)));
  EXPECT_EQ(released(), 1000);
}
TEST_F(BooksTest, WhatWasDueEarlierIsReleasedInTheFirstPeriodThatCloses) {
  story.given(story.issue(1, 1, {Story::period_line(1, 3100, day(1, 15), day(2, 15))}));
  story.today = day(4, 1);
  story.given(books::BeginClose{month(2026, 3)});
  EXPECT_EQ(story.when(books::Close{month(2026, 3)}), "revenue-unreleased");
  story.given(release(month(2026, 3)));
  EXPECT_EQ(released(), 3100);
  story.given(books::Close{month(2026, 3)});
}
TEST_F(BooksTest, ANoteLeavesLessToReleaseAndTakesTheRestFromRevenue) {
  story.given(story.issue(1, 1, {Story::period_line(1, 3100, day(1, 15), day(2, 15))}));
  story.today = day(2, 2);
  given_closed(kJanuary);  // 1700 of 3100
  story.given(story.credit(1, {Story::credit_line(0, 2000)}, Story::invoice(1)));
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), 0);
  EXPECT_EQ(story.posted(Ledger::kServiceRevenue), -1100);
  EXPECT_TRUE(story.state.books.due.empty());
  story.today = day(3, 1);
  story.given(books::BeginClose{kFebruary});
  EXPECT_EQ(story.when(release(kFebruary)), "nothing-changes");
}
TEST_F(BooksTest, APartOfADeferredLineCreditedIsNotReleased) {
  story.given(story.issue(1, 1, {Story::period_line(1, 3100, day(1, 15), day(2, 15))}));
  story.given(story.credit(1, {Story::credit_line(0, 2000)}, Story::invoice(1)));
  story.today = day(3, 1);
  story.given(books::BeginClose{kJanuary});
  story.given(release(kJanuary));
  EXPECT_EQ(released(), 1100);
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), 0);
}
TEST_F(BooksTest, ADeferredDiscountIsReleasedToo) {
  story.given(story.issue(1, 1, {Story::period_line(1, 3100, day(1, 15), day(2, 15)),
                                 Story::period_line(1, -310, day(1, 15), day(2, 15))}));
  story.today = day(3, 1);
  given_closed(kJanuary);
  EXPECT_EQ(story.posted(Ledger::kServiceRevenue), -1530);
  given_closed(kFebruary);
  EXPECT_EQ(story.posted(Ledger::kServiceRevenue), -2790);
}
TEST_F(BooksTest, ReleasesComeInSlicesOfAThousandLines) {
  const Line line = Story::period_line(1, 100, day(1, 15), day(2, 15));
  story.given(story.issue(1, 1, std::vector<Line>(1000, line)));
  story.given(story.issue(2, 1, {line}));
  story.today = day(2, 1);
  story.given(books::BeginClose{kJanuary});
  story.given(release(kJanuary));
  EXPECT_EQ(story.fact<books::RevenueReleased>().lines.size(), 1000U);
  EXPECT_EQ(story.when(books::Close{kJanuary}), "revenue-unreleased");
  story.given(release(kJanuary));
  EXPECT_EQ(story.fact<books::RevenueReleased>().lines.size(), 1U);
  story.given(books::Close{kJanuary});
}
TEST_F(BooksTest, OnlyAClosingPeriodReleases) {
  EXPECT_EQ(story.when(release(kJanuary)), "period-not-closing");
  EXPECT_EQ(story.when(books::ReleaseRevenue{CustomerId{Story::id(9, 1)}, kJanuary}), "unknown-customer");
}
TEST_F(BooksTest, AnInvoicePostedLaterIsReleasedFromItsPostingMonthOn) {
  story.today = day(2, 3);
  story.given(books::BeginClose{kJanuary});
  auto issue = story.issue(1, 1, {Story::period_line(1, 3100, day(1, 15), day(2, 15))});
  issue.document_date = day(1, 20);
  story.given(issue);
  EXPECT_EQ(story.when(release(kJanuary)), "nothing-changes");
  story.given(books::Close{kJanuary});
  story.today = day(3, 1);
  story.given(books::BeginClose{kFebruary});
  story.given(release(kFebruary));
  EXPECT_EQ(released(), 3100);
}

// 90.00 for 90 days from 1 June.
struct DeferredCreditTest : BooksTest {
  static constexpr std::int32_t kJune = month(2026, 6);
  static constexpr std::int32_t kJuly = month(2026, 7);
  void given_invoice() {
    auto issue = story.issue(1, 1, {Story::period_line(1, 9'000, day(6, 1), day(8, 30))});
    issue.document_date = day(6, 1);
    story.today = day(6, 1);
    story.given(issue);
    story.today = day(8, 2);
  }
  credit_note::Issue note(std::int64_t net, Date date) {
    auto note = story.credit(1, {Story::credit_line(0, net)}, Story::invoice(1));
    note.document_date = date;
    return note;
  }
  // What is posted on a ledger up to a day.
  std::int64_t posted_until(Ledger ledger, Date day) const {
    std::int64_t sum = 0;
    for (const StreamEvent& event : story.history) {
      for (const Posting& posting : postings_for(event.event)) {
        if (posting.ledger == ledger && *event.posting_date <= day) sum += posting.amount;
      }
    }
    return sum;
  }
};

TEST_F(DeferredCreditTest, ANoteOfALaterMonthDoesNotChangeWhatAnEarlierOneReleases) {
  given_invoice();
  story.given(note(8'000, day(7, 2)));
  EXPECT_EQ(posted_until(Ledger::kDeferredRevenue, day(7, 2)), -3'000) << "June's part is not the note's to take";
  given_closed(kJune);
  EXPECT_EQ(posted_until(Ledger::kServiceRevenue, day(6, 30)), -3'000);
  EXPECT_EQ(posted_until(Ledger::kDeferredRevenue, day(6, 30)), -6'000);
  EXPECT_EQ(posted_until(Ledger::kDeferredRevenue, day(7, 2)), 0);
  EXPECT_EQ(posted_until(Ledger::kServiceRevenue, day(7, 31)), -1'000);
}
TEST_F(DeferredCreditTest, ClosedFirstOrNotedFirstTheBooksAreTheSameOnEveryDay) {
  Story other;
  for (const bool closed_first : {true, false}) {
    if (!closed_first) {
      std::swap(other, story);
      SetUp();
    }
    given_invoice();
    if (closed_first) given_closed(kJune);
    story.given(note(8'000, day(7, 2)));
    if (!closed_first) given_closed(kJune);
    given_closed(kJuly);
  }
  const auto until = [&](Ledger ledger, Date date) {
    const std::int64_t here = posted_until(ledger, date);
    std::swap(other, story);
    const std::int64_t there = posted_until(ledger, date);
    std::swap(other, story);
    return std::pair(here, there);
  };
  for (Date date = day(5, 30); date < day(8, 2); date = date.plus_days(1)) {
    for (const Ledger ledger : {Ledger::kDeferredRevenue, Ledger::kServiceRevenue, Ledger::kReceivables}) {
      const auto [here, there] = until(ledger, date);
      EXPECT_EQ(here, there) << static_cast<int>(ledger) << " on " << date.text();
    }
  }
}
TEST_F(DeferredCreditTest, ANoteOfAnEarlierDayCorrectsWhatALaterOneTook) {
  given_invoice();
  story.given(note(8'000, day(7, 2)));
  story.given(note(1'000, day(6, 15)));
  EXPECT_EQ(posted_until(Ledger::kDeferredRevenue, day(6, 15)), -8'000);
  const auto& corrected = story.fact<books::RevenueReleased>(1);
  EXPECT_TRUE(corrected.is_correction());
  EXPECT_EQ(corrected.posting_date, day(7, 2));
  EXPECT_EQ(corrected.lines.at(0).amount, -1'000);
  given_closed(kJune);
  EXPECT_EQ(posted_until(Ledger::kServiceRevenue, day(6, 30)), -3'000) << "as with the notes in the order of their days";
  EXPECT_EQ(posted_until(Ledger::kDeferredRevenue, day(7, 2)), 0);
  EXPECT_EQ(posted_until(Ledger::kServiceRevenue, day(7, 2)), 0);
}
TEST_F(DeferredCreditTest, ANoteOnTheLastDayOfAMonthIsCorrectedOnThatDay) {
  given_invoice();
  story.given(note(8'900, day(7, 31)));
  story.given(note(100, day(7, 15)));
  given_closed(kJune);
  given_closed(kJuly);
  EXPECT_EQ(posted_until(Ledger::kDeferredRevenue, day(7, 31)), 0);
  EXPECT_EQ(posted_until(Ledger::kServiceRevenue, day(7, 31)), 0);
}

}  // namespace
}  // namespace billing
