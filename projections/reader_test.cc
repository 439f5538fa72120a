// Given events, the answers: lists, details, pages, personal data.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "projections/history_testing.h"

namespace billing::views {
namespace {

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() {
    customer = history.made<customer::Created>(
        customer::Create{.id = {}, .name = "Acme", .currency = usd, .external_id = "crm-1"}).id;
    root = open("R", std::nullopt);
    child = open("C", root);
  }
  AccountId open(const std::string& number, std::optional<AccountId> parent,
                 account::InvoicingRole role = account::InvoicingRole::kRolledUp) {
    return history.made<account::Opened>(account::Open{.id = {},
                                                       .customer = customer,
                                                       .number = number,
                                                       .name = "Name " + number,
                                                       .parent = parent,
                                                       .opened_on = day.plus_days(-300),
                                                       .payment_terms_days = 30,
                                                       .bill_cycle_day = 1,
                                                       .external_id = {},
                                                       .role = role}).id;
  }
  InvoiceId issue(AccountId account, std::vector<Line> lines, Date date) {
    return history.made<invoice::Issued>(invoice::Issue{
        .header = {.id = {}, .account = account, .purchase_order = "PO-7", .memo = {}, .external_id = {}},
        .lines = std::move(lines),
        .document_date = date,
        .due_date = std::nullopt,
        .imported_number = std::nullopt,
        .currency = std::nullopt}).header.id;
  }
  PaymentId pay(AccountId account, std::int64_t amount) {
    return history.made<payment::Recorded>(payment::Record{.id = {},
                                                           .account = account,
                                                           .amount = amount,
                                                           .currency = usd,
                                                           .method = payment::Method::kWire,
                                                           .reference = "ref",
                                                           .external_id = {},
                                                           .received_on = history.today,
                                                           .instructions = std::nullopt}).id;
  }
  std::unique_ptr<Reader> read() {
    tables = fold_in_memory(history);
    return std::make_unique<Reader>(tables->snapshot(), history.log(), history.keys());
  }

  History history;
  const Currency usd = *Currency::parse("USD");
  const Date day = history.today;
  CustomerId customer;
  AccountId root, child;
  std::unique_ptr<store::Tables> tables;
};

TEST_F(ReaderTest, AnInvoiceShowsLinesSharesCreditAndTheNameOfItsDay) {
  const InvoiceId id = issue(root, {a_line(root, 24'995), a_line(child, 2'995, 599)}, day);
  const PaymentId payment = pay(root, 10'000);
  ASSERT_TRUE(history.run(account::Rename{.id = root, .name = "New name", .reason = "merger"}).has_value());
  const auto reader = read();
  const auto detail = reader->invoice(id, day);
  ASSERT_TRUE(detail.has_value()) << detail.error().detail;
  EXPECT_EQ(detail->invoice.names.name, "Name R");
  EXPECT_EQ(detail->invoice.status, InvoiceStatus::kPartlyPaid);
  EXPECT_EQ(detail->invoice.total, 28'589);
  EXPECT_EQ(detail->invoice.open, 18'589);
  EXPECT_EQ(detail->invoice.paid, 10'000);
  ASSERT_EQ(detail->lines.size(), 2U);
  EXPECT_EQ(detail->lines[1].service_account, child);
  ASSERT_EQ(detail->shares.size(), 2U);
  EXPECT_EQ(detail->shares[1].tax, 599);
  std::int64_t applied = 0;
  for (const AppliedCredit& credit : detail->applied) {
    EXPECT_EQ(credit.source_id, payment.uuid);
    applied += credit.amount;
  }
  EXPECT_EQ(applied, 10'000);
  EXPECT_EQ(reader->invoice_head(id, day.plus_days(31))->status, InvoiceStatus::kOverdue);
  EXPECT_EQ(reader->account(root)->name, "New name");
  EXPECT_EQ(reader->invoices_by_number(customer, detail->invoice.number, day)->front().id, id);
}

TEST_F(ReaderTest, APaymentShowsWhatItWasUsedForEvenLater) {
  child = open("S", root, account::InvoicingRole::kPayer);
  const PaymentId payment = pay(child, 5'000);
  const InvoiceId id = issue(child, {a_line(child, 2'000)}, day);
  const auto reader = read();
  const auto detail = reader->payment(payment);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->payment.unapplied, 3'000);
  ASSERT_EQ(detail->used.size(), 1U);
  EXPECT_EQ(detail->used[0].invoice, id);
  EXPECT_EQ(reader->invoice_head(id, day)->status, InvoiceStatus::kPaid);
  EXPECT_EQ(reader->account(child)->own.balance(), -3'000);
  EXPECT_EQ(reader->account(root)->subtree.balance(), -3'000);
}

TEST_F(ReaderTest, AnInvoiceOfSeveralAccountsCountsOnceInAgeing) {
  issue(root, {a_line(root, 100), a_line(child, 200)}, day.plus_days(-50));
  const auto reader = read();
  const auto ageing = reader->ageing(Scope::subtree(root), day);
  EXPECT_EQ(ageing->days_1_30, (Bucket{300, 1}));
  EXPECT_EQ(ageing->overdue, 300);
  EXPECT_EQ(reader->ageing(Scope::only(child), day)->days_1_30, (Bucket{200, 1}));
}

TEST_F(ReaderTest, TheDueDateItselfIsCurrent) {
  issue(root, {a_line(root, 100)}, day.plus_days(-30));
  const auto reader = read();
  EXPECT_EQ(reader->ageing(Scope::only(root), day)->current, (Bucket{100, 1}));
  EXPECT_EQ(reader->ageing(Scope::only(root), day.plus_days(1))->days_1_30, (Bucket{100, 1}));
  EXPECT_EQ(reader->summary(Scope::only(root), day)->next_due_date, day);
}

TEST_F(ReaderTest, APaidInvoiceIsStillOpenInAgeingOfAnEarlierDay) {
  issue(root, {a_line(root, 100)}, day);
  history.today = day.plus_days(10);
  pay(root, 100);
  const auto reader = read();
  EXPECT_EQ(reader->ageing(Scope::only(root), day.plus_days(9))->total, 100);
  EXPECT_EQ(reader->ageing(Scope::only(root), day.plus_days(10))->total, 0);
  EXPECT_EQ(reader->open_items(Scope::only(root), day.plus_days(9), {})->items.size(), 1U);
}

TEST_F(ReaderTest, DisputedAmountsStayInAgeingAndAreShown) {
  const InvoiceId id = issue(root, {a_line(root, 1'000)}, day);
  ASSERT_TRUE(history.run(dispute::Open{.id = {}, .invoice = id, .amount = 400, .currency = usd, .reason = "why",
                                        .opened_on = std::nullopt}).has_value());
  const auto reader = read();
  const auto ageing = reader->ageing(Scope::only(root), day);
  EXPECT_EQ(ageing->total, 1'000);
  EXPECT_EQ(ageing->disputed, 400);
  EXPECT_EQ(reader->invoice(id, day)->disputes.front().reason, "why");
}

TEST_F(ReaderTest, NoMoreIsDisputedThanIsOpenOnTheDay) {
  const InvoiceId id = issue(root, {a_line(root, 1'000)}, day.plus_days(-20));
  ASSERT_TRUE(history.run(dispute::Open{.id = {}, .invoice = id, .amount = 800, .currency = usd, .reason = "why",
                                        .opened_on = day}).has_value());
  payment::Record earlier{.id = {}, .account = root, .amount = 600, .currency = usd, .reference = {}, .external_id = {},
                          .received_on = day.plus_days(-10), .instructions = std::vector{payment::Instruction{id, 600}}};
  ASSERT_TRUE(history.run(earlier).has_value());
  const auto reader = read();
  EXPECT_EQ(reader->owed(Scope::only(root), day.plus_days(-11))->open, 1'000);
  EXPECT_EQ(reader->owed(Scope::only(root), day.plus_days(-5))->open, 400);
  EXPECT_EQ(reader->owed(Scope::only(root), day.plus_days(-5))->disputed, 0);
  EXPECT_EQ(reader->owed(Scope::only(root), day)->disputed, 400);
}

TEST_F(ReaderTest, ADraftAndTheStepsOfAPaymentCountFromTheOperatorsDay) {
  const InvoiceId id = history.made<invoice::Drafted>(
      invoice::Draft{.header = {.id = {}, .account = root, .purchase_order = {}, .memo = {}, .external_id = {}},
                     .lines = {a_line(root, 100)}}).header.id;
  payment::Request request;
  request.account = root;
  request.amount = 100;
  request.currency = usd;
  const PaymentId asked = history.made<payment::Requested>(request).id;
  history.today = day.plus_days(3);
  payment::Progress progress;
  progress.id = asked;
  progress.phase = payment::Phase::kFailed;
  ASSERT_TRUE(history.run(progress).has_value());
  ASSERT_TRUE(history.run(invoice::Discard{.id = id}).has_value());
  ASSERT_NE(history.events().back().recorded.date(), history.today) << "in UTC it is still the day before";

  const auto reader = read();
  const auto there = [&](Date as_of) {
    const ListQuery query{.scope = Scope::only(root), .today = history.today, .as_of = as_of};
    const auto invoices = reader->invoices(query);
    const auto payments = reader->payments(query);
    const std::string draft = invoices->items.empty() ? "none" : std::string(status_text(invoices->items.front().status));
    return draft + ", " + (payments->items.empty() ? "none" : std::string(payments->items.front().status()));
  };
  EXPECT_EQ(reader->invoice(id, day)->invoice.document_date, day);
  EXPECT_EQ(there(day.plus_days(-1)), "none, none");
  EXPECT_EQ(there(day), "draft, requested");
  EXPECT_EQ(there(day.plus_days(2)), "draft, requested");
  EXPECT_EQ(there(day.plus_days(3)), "discarded, failed");
}

TEST_F(ReaderTest, ADiscardedDraftShowsTheNamesOfNow) {
  const InvoiceId id = history.made<invoice::Drafted>(
      invoice::Draft{.header = {.id = {}, .account = root, .purchase_order = {}, .memo = {}, .external_id = {}},
                     .lines = {a_line(root, 100)}}).header.id;
  ASSERT_TRUE(history.run(invoice::Discard{.id = id}).has_value());
  ASSERT_TRUE(history.run(account::Rename{.id = root, .name = "New name", .reason = "merger"}).has_value());
  const auto detail = read()->invoice(id, day);
  EXPECT_EQ(detail->invoice.names.name, "New name");
  EXPECT_EQ(detail->shares.front().account_name, "New name");
}

TEST_F(ReaderTest, PagesOfInvoicesGoThroughEachOnceNewestFirst) {
  const AccountId shop = open("S", root, account::InvoicingRole::kPayer);
  std::vector<InvoiceId> all;
  for (int i = 0; i < 25; ++i) {
    const bool own = i % 2 == 0;
    all.push_back(issue(own ? shop : root, {a_line(own ? shop : i % 3 == 0 ? root : child, 100)}, day.plus_days(-i % 7)));
  }
  const auto reader = read();
  for (const Scope& scope : {Scope::whole(customer), Scope::subtree(root)}) {
    std::vector<Invoice> seen;
    PageRequest request{.limit = 4, .cursor = {}};
    do {
      const auto page = reader->invoices({.scope = scope, .today = day, .page = request});
      ASSERT_TRUE(page.has_value());
      EXPECT_LE(page->items.size(), 4U);
      seen.insert(seen.end(), page->items.begin(), page->items.end());
      request.cursor = page->next;
    } while (!request.cursor.empty());
    std::set<InvoiceId> ids;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      ids.insert(seen[i].id);
      if (i > 0) EXPECT_GE(seen[i - 1].document_date, seen[i].document_date);
    }
    EXPECT_EQ(seen.size(), all.size());
    EXPECT_EQ(ids, std::set(all.begin(), all.end()));
  }
}

TEST_F(ReaderTest, AStatusPicksInvoicesAsOfTheDay) {
  child = open("S", root, account::InvoicingRole::kPayer);
  const InvoiceId late = issue(root, {a_line(root, 100)}, day.plus_days(-60));
  const InvoiceId fresh = issue(child, {a_line(child, 100)}, day);
  const auto reader = read();
  const auto overdue = reader->invoices({.scope = Scope::whole(customer), .today = day, .statuses = {"overdue"}});
  ASSERT_EQ(overdue->items.size(), 1U);
  EXPECT_EQ(overdue->items[0].id, late);
  EXPECT_EQ(reader->invoices({.scope = Scope::whole(customer), .today = day, .statuses = {"open"}})->items.size(), 2U);
  EXPECT_EQ(reader->invoices({.scope = Scope::only(child), .today = day, .statuses = {"open"}})->items[0].id, fresh);
}

TEST_F(ReaderTest, AListAsOfADayHasWhatWasThereAsItWas) {
  const InvoiceId early = issue(root, {a_line(root, 100)}, day.plus_days(-60));
  issue(root, {a_line(root, 100)}, day);
  const ListQuery query{.scope = Scope::only(root), .today = day, .as_of = day.plus_days(-50), .statuses = {"open"}};
  const auto then = read()->invoices(query);
  ASSERT_EQ(then->items.size(), 1U);
  EXPECT_EQ(then->items[0].id, early);
  EXPECT_EQ(then->items[0].status, InvoiceStatus::kOpen);  // due later
}

TEST_F(ReaderTest, APageIsFullWhateverItsFilterPassesOver) {
  for (int i = 0; i < 12; ++i) issue(root, {a_line(root, i % 4 == 0 ? 500 : 100)}, day.plus_days(-i * 10));
  ListQuery query{.scope = Scope::only(root), .today = day, .statuses = {"overdue"}, .page = {.limit = 3, .cursor = {}}};
  const auto reader = read();
  std::size_t seen = 0;
  do {
    const auto page = reader->invoices(query);
    ASSERT_TRUE(page.has_value());
    ASSERT_FALSE(page->items.empty());
    if (!page->next.empty()) EXPECT_EQ(page->items.size(), 3U);
    seen += page->items.size();
    query.page.cursor = page->next;
  } while (!query.page.cursor.empty());
  EXPECT_EQ(seen, reader->invoice_sums(query)->count);
}

TEST_F(ReaderTest, ACursorOfAnotherFilterOrOrderIsRefused) {
  for (int i = 0; i < 3; ++i) issue(root, {a_line(root, 100)}, day.plus_days(-i));
  ListQuery query{.scope = Scope::only(root), .today = day, .page = {.limit = 1, .cursor = {}}};
  const auto reader = read();
  query.page.cursor = reader->invoices(query)->next;
  EXPECT_TRUE(reader->invoices(query).has_value());
  for (int change = 0; change < 4; ++change) {
    ListQuery other = query;
    if (change == 0) other.ascending = true;
    if (change == 1) other.statuses = {"open"};
    if (change == 2) other.sort = SortBy::kAmount;
    if (change == 3) other.scope = Scope::subtree(root);
    EXPECT_EQ(reader->invoices(other).error().code, Code::kInvalidCursor) << change;
  }
}

TEST_F(ReaderTest, NumbersAreSortedAsPeopleCount) {
  EXPECT_LT(natural_key("INV-9"), natural_key("inv-10"));
  EXPECT_LT(natural_key("INV-9"), natural_key("INV-9a"));
  EXPECT_EQ(natural_key("INV-007"), natural_key("INV-7"));
  EXPECT_TRUE(any_begins_with({"x", "INV-2026"}, "inv-20"));
  EXPECT_FALSE(any_begins_with({"INV-2026"}, "2026"));
}

TEST_F(ReaderTest, ABadCursorOrLimitIsRefused) {
  const auto reader = read();
  EXPECT_EQ(reader->accounts(customer, {.limit = 0, .cursor = {}}).error().code, Code::kInvalidParameter);
  EXPECT_EQ(reader->accounts(customer, {.limit = 1, .cursor = "xyz"}).error().code, Code::kInvalidCursor);
  EXPECT_EQ(reader->invoices({.scope = Scope::only(root), .today = day, .page = {.limit = 1, .cursor = "00"}}).error().code,
            Code::kInvalidCursor);
}

TEST_F(ReaderTest, AMoveTakesTheSubtreesSumsAlong) {
  const AccountId other = open("O", std::nullopt);
  const AccountId grandchild = open("G", child, account::InvoicingRole::kPayer);
  issue(grandchild, {a_line(grandchild, 700)}, day);
  ASSERT_TRUE(history.run(hierarchy::Move{.account = child, .new_parent = other}).has_value());
  const auto reader = read();
  EXPECT_EQ(reader->account(root)->subtree.open, 0);
  EXPECT_EQ(reader->account(other)->subtree.open, 700);
  EXPECT_EQ(reader->account(other)->children, 1U);
  EXPECT_EQ(*reader->ancestors(grandchild), (std::vector{child, other}));
  EXPECT_EQ(reader->roots(customer, {})->items.size(), 2U);
}

TEST_F(ReaderTest, ADocumentRecordedAfterAMoveCountsForTheAncestorsOfItsDay) {
  const AccountId other = open("O", std::nullopt);
  history.today = day.plus_days(10);
  ASSERT_TRUE(history.run(hierarchy::Move{.account = child, .new_parent = other}).has_value());
  history.today = day.plus_days(20);
  issue(other, {a_line(child, 700)}, day.plus_days(5));
  const auto reader = read();
  const auto open_of = [&](AccountId id, int days) { return reader->totals(Scope::subtree(id), day.plus_days(days))->open; };
  EXPECT_EQ(open_of(root, 4), 0);
  EXPECT_EQ(open_of(root, 5), 700);
  EXPECT_EQ(open_of(root, 9), 700);
  EXPECT_EQ(open_of(other, 9), 0);
  EXPECT_EQ(open_of(root, 10), 0);
  EXPECT_EQ(open_of(other, 10), 700);
  EXPECT_EQ(reader->summary(Scope::subtree(other), day.plus_days(9))->accounts, 1U);
  EXPECT_EQ(reader->summary(Scope::subtree(other), day.plus_days(10))->accounts, 2U);
}

TEST_F(ReaderTest, AMoveUnderAClockThatWasSetBackCountsFromTheLatestDay) {
  issue(root, {a_line(child, 700)}, day);
  history.today = day.plus_days(-3);
  ASSERT_TRUE(history.run(hierarchy::Move{.account = child, .new_parent = std::nullopt}).has_value());
  const auto reader = read();
  EXPECT_EQ(reader->totals(Scope::subtree(root), day.plus_days(-1))->open, 0);
  EXPECT_EQ(reader->totals(Scope::subtree(root), day)->open, 0);
  EXPECT_EQ(reader->account(child, day.plus_days(-1))->parent, root);
  EXPECT_EQ(reader->account(child, day)->parent, std::nullopt);
}

TEST_F(ReaderTest, ADisputedAmountIsThatOfTheAskedDay) {
  const InvoiceId id = issue(root, {a_line(root, 1'000)}, day.plus_days(-20));
  const DisputeId dispute = history.made<dispute::Opened>(
      dispute::Open{.id = {}, .invoice = id, .amount = 400, .currency = usd, .reason = "why",
                    .opened_on = day.plus_days(-10)}).id;
  ASSERT_TRUE(history.run(dispute::Close{.id = dispute, .outcome = dispute::Outcome::kRejected,
                                         .closed_on = day.plus_days(-5)}).has_value());
  const auto reader = read();
  for (const auto& [days, disputed] : std::map<int, std::int64_t>{{-11, 0}, {-10, 400}, {-6, 400}, {-5, 0}, {0, 0}}) {
    EXPECT_EQ(reader->ageing(Scope::only(root), day.plus_days(days))->disputed, disputed) << days;
  }
}

TEST_F(ReaderTest, AGroupCountsAnAccountOfTwoPathsOnceAndAtItsDays) {
  const GroupingId grouping = history.made<grouping::Created>(
      grouping::Create{.id = {}, .customer = customer, .name = "Regions"}).id;
  const GroupId group = history.made<grouping::GroupAdded>(
      grouping::AddGroup{.id = grouping, .group = {}, .name = "North", .parent = std::nullopt}).group;
  ASSERT_TRUE(history.run(grouping::AddAccounts{.id = grouping, .group = group, .accounts = {root},
                                                .with_subtree = true, .from = day.plus_days(-10)}).has_value());
  ASSERT_TRUE(history.run(grouping::AddAccounts{.id = grouping, .group = group, .accounts = {child},
                                                .with_subtree = false, .from = day.plus_days(-20)}).has_value());
  issue(root, {a_line(root, 100), a_line(child, 200)}, day.plus_days(-30));
  const auto reader = read();
  const auto sums = [&](int days) { return *reader->sums(Scope::of_group(grouping, group), day.plus_days(days)); };
  EXPECT_EQ(sums(-21).accounts, 0U);
  EXPECT_EQ(sums(-20).totals.open, 200);
  EXPECT_EQ(sums(-10).totals.open, 300);
  EXPECT_EQ(sums(-10).accounts, 2U);
  EXPECT_EQ(reader->ageing(Scope::of_group(grouping, group), day)->invoices, 1U);
}

TEST_F(ReaderTest, RenamesAreInTheActivityWithBothNames) {
  ASSERT_TRUE(history.run(account::Rename{.id = child, .name = "After", .reason = "merger"}).has_value());
  const auto reader = read();
  const auto page = reader->activity(Scope::only(child), day, {});
  ASSERT_EQ(page->items.size(), 2U);
  EXPECT_EQ(page->items[0].old_text, "Name C");
  EXPECT_EQ(page->items[0].new_text, "After");
  EXPECT_EQ(page->items[0].actor, "usr_test");
  EXPECT_EQ(reader->activity(Scope::whole(customer), day, {})->items.size(), 4U);
}

TEST_F(ReaderTest, MembershipHasItsDays) {
  const GroupingId grouping = history.made<grouping::Created>(
      grouping::Create{.id = {}, .customer = customer, .name = "Regions"}).id;
  const GroupId group = history.made<grouping::GroupAdded>(
      grouping::AddGroup{.id = grouping, .group = {}, .name = "North", .parent = std::nullopt}).group;
  ASSERT_TRUE(history.run(grouping::AddAccounts{.id = grouping, .group = group, .accounts = {root},
                                                .with_subtree = true, .from = day.plus_days(-10)}).has_value());
  history.today = day.plus_days(5);
  ASSERT_TRUE(history.run(grouping::RemoveAccounts{.id = grouping, .group = group, .accounts = {root}}).has_value());
  const auto reader = read();
  const Scope scope = Scope::of_group(grouping, group);
  EXPECT_EQ(reader->accounts_of(scope, day.plus_days(-11))->size(), 0U);
  EXPECT_EQ(reader->accounts_of(scope, day.plus_days(-10))->size(), 2U);
  EXPECT_EQ(reader->accounts_of(scope, day.plus_days(4))->size(), 2U);
  EXPECT_EQ(reader->accounts_of(scope, day.plus_days(5))->size(), 0U);
}

TEST_F(ReaderTest, ADeletedGroupAndGroupingAreGoneOnEveryDay) {
  const GroupingId grouping = history.made<grouping::Created>(
      grouping::Create{.id = {}, .customer = customer, .name = "Regions"}).id;
  const auto group = [&](std::string_view name, std::optional<GroupId> parent) {
    return history.made<grouping::GroupAdded>(
        grouping::AddGroup{.id = grouping, .group = {}, .name = std::string(name), .parent = parent}).group;
  };
  const GroupId north = group("North", std::nullopt), city = group("City", north), south = group("South", std::nullopt);
  for (const GroupId each : {city, south}) {
    ASSERT_TRUE(history.run(grouping::AddAccounts{.id = grouping, .group = each, .accounts = {child},
                                                  .with_subtree = false, .from = day.plus_days(-10)}).has_value());
  }
  ASSERT_EQ(read()->accounts_of(Scope::of_group(grouping, north), day)->size(), 1U);
  ASSERT_TRUE(history.run(grouping::DeleteGroup{.id = grouping, .group = north}).has_value());
  auto reader = read();
  EXPECT_EQ(reader->accounts_of(Scope::of_group(grouping, north), day).error().code, Code::kUnknownGroup);
  EXPECT_EQ(reader->accounts_of(Scope::of_group(grouping, city), day.plus_days(-1)).error().code, Code::kUnknownGroup);
  ASSERT_EQ(reader->grouping(grouping)->groups.size(), 1U);
  EXPECT_EQ(reader->grouping(grouping)->groups[0].members.size(), 1U);
  ASSERT_TRUE(history.run(grouping::Delete{.id = grouping}).has_value());
  reader = read();
  EXPECT_EQ(reader->grouping(grouping).error().code, Code::kUnknownGrouping);
  EXPECT_EQ(reader->groupings(customer, {})->items.size(), 0U);
}

TEST_F(ReaderTest, PersonalDataIsNotInTheRowsAndIsErasedWithItsKey) {
  const auto invited = history.made<user::Invited>(
      user::Invite{.id = {}, .customer = customer, .role = user::Role::kPayer, .email_digest = "digest",
                   .personal = {.name = "Zaphod Q", .email = "zaphod@example.org", .phone = "+1"}});
  auto reader = read();
  EXPECT_EQ(reader->user(invited.id)->personal.name, "Zaphod Q");
  bool found = false;
  ASSERT_TRUE(tables->snapshot()->scan({}, {}, [&](std::string_view key, std::string_view value) {
    found = found || key.find("Zaphod") != key.npos || value.find("Zaphod") != value.npos;
    return true;
  }).has_value());
  EXPECT_FALSE(found);
  ASSERT_TRUE(history.keys()->erase(invited.person).has_value());
  EXPECT_EQ(reader->user(invited.id)->personal.name, "erased");
  EXPECT_EQ(reader->users(customer, {})->items.size(), 1U);
}

TEST_F(ReaderTest, MonthsSumInvoicesCreditsAndPayments) {
  issue(root, {a_line(root, 1'000, 200), a_line(child, 500)}, day);
  pay(root, 300);
  const auto reader = read();
  const auto months = reader->months(Scope::subtree(root), day.month_index() - 1, day.month_index(), day);
  ASSERT_EQ(months->size(), 2U);
  EXPECT_EQ((*months)[0].invoiced, 0);
  EXPECT_EQ((*months)[1].invoiced, 1'700);
  EXPECT_EQ((*months)[1].tax(), 200);
  EXPECT_EQ((*months)[1].paid, 300);
  EXPECT_EQ((*months)[1].invoices, 1U);
  EXPECT_EQ(reader->months(Scope::only(child), day.month_index(), day.month_index(), day)->front().invoiced, 500);
  EXPECT_EQ(reader->months(Scope::only(child), 5, 4, day).error().code, Code::kInvalidParameter);
}

TEST_F(ReaderTest, UnknownObjectsAreNamed) {
  const auto reader = read();
  EXPECT_EQ(reader->customer({}).error().code, Code::kUnknownCustomer);
  EXPECT_EQ(reader->account({}).error().code, Code::kUnknownAccount);
  EXPECT_EQ(reader->invoice({}, day).error().code, Code::kUnknownInvoice);
  EXPECT_EQ(reader->payment({}).error().code, Code::kUnknownPayment);
  EXPECT_EQ(reader->credit_note({}).error().code, Code::kUnknownCreditNote);
  EXPECT_EQ(reader->user({}).error().code, Code::kUnknownUser);
  EXPECT_EQ(reader->grouping({}).error().code, Code::kUnknownGrouping);
  EXPECT_EQ(reader->totals(Scope::subtree({}), day).error().code, Code::kUnknownAccount);
}

}  // namespace
}  // namespace billing::views
