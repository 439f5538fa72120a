// Documents and accounts as they are read: lines of drafts, computed taxes, links, names, addresses, roles.
#include <gtest/gtest.h>

#include "projections/history_testing.h"

namespace billing::views {
namespace {

class Documents : public testing::Test {
 protected:
  Documents() {
    customer = history.made<customer::Created>(
        customer::Create{.id = {}, .name = "Acme", .currency = *Currency::parse("USD"), .external_id = {}}).id;
    root = open("R", std::nullopt);
    child = open("C", root);
  }
  AccountId open(const std::string& number, std::optional<AccountId> parent) {
    account::Open command;
    command.customer = customer;
    command.number = number;
    command.name = "Name " + number;
    command.parent = parent;
    command.opened_on = day.plus_days(-300);
    return history.made<account::Opened>(command).id;
  }
  void given(const Command& command) {
    const auto done = history.run(command);
    ASSERT_TRUE(done.has_value()) << code_text(done.error().code) << " " << done.error().detail;
  }
  static Line computed(AccountId account, std::int64_t net, std::string_view rate) {
    Line line = a_line(account, net);
    line.taxes.push_back({.authority = "EU", .code = "VAT", .rate = *Decimal::parse(rate), .exempt_reason = {},
                          .computed = true});
    return line;
  }
  InvoiceId issue(AccountId account, std::vector<Line> lines, invoice::Kind kind = invoice::Kind::kAdHoc,
                  std::optional<InvoiceId> about = {}) {
    invoice::Issue command;
    command.header.account = account;
    command.header.kind = kind;
    command.header.about = about;
    command.lines = std::move(lines);
    return history.made<invoice::Issued>(command).header.id;
  }
  const Reader& read() {
    tables = fold_in_memory(history);
    reader = std::make_unique<Reader>(tables->snapshot(), history.log(), history.keys());
    return *reader;
  }

  History history;
  const Date day = history.today;
  CustomerId customer;
  AccountId root, child;
  std::unique_ptr<store::Tables> tables;
  std::unique_ptr<Reader> reader;
};

TEST_F(Documents, ADraftShowsItsLinesAsTheyWereReplaced) {
  const InvoiceId id = history.made<invoice::Drafted>(
      invoice::Draft{.header = {.id = {}, .account = root, .purchase_order = {}, .memo = {}, .external_id = {}},
                     .lines = {a_line(root, 100), a_line(child, 200)}}).header.id;
  given(invoice::AddLines{.id = id, .lines = {a_line(root, 300)}});
  given(invoice::ReplaceLines{.id = id, .first = 1, .count = 1, .lines = {a_line(root, 50), a_line(root, 60)}});
  const auto draft = read().invoice(id, day);
  ASSERT_EQ(draft->lines.size(), 4U);
  EXPECT_EQ(draft->lines[2].net, 60);
  EXPECT_EQ(draft->lines[3].net, 300);
  EXPECT_EQ(draft->invoice.total, 510);
  EXPECT_EQ(draft->invoice.line_count, 4U);
  ASSERT_EQ(draft->shares.size(), 1U);
  EXPECT_EQ(reader->invoices({.scope = Scope::only(child), .today = day})->items.size(), 0U);
  EXPECT_EQ(reader->owed(Scope::only(root), day)->open, 0);
}

TEST_F(Documents, TheTaxSummaryHasTheBaseOfAnInvoiceThatPostsNothing) {
  issue(root, {a_line(root, 6), computed(root, -6, "0.05")});
  const auto summary = read().tax_summary(Scope::whole(customer), day, day);
  ASSERT_TRUE(summary.has_value());
  ASSERT_EQ(summary->taxes.size(), 1U);
  EXPECT_EQ(summary->taxes[0].invoiced_base, -6);
  EXPECT_EQ(summary->taxes[0].invoiced_tax, 0);
}

TEST_F(Documents, TaxesComputedAtTheIssueOfADraftStandOnItsLines) {
  const InvoiceId id = history.made<invoice::Drafted>(
      invoice::Draft{.header = {.id = {}, .account = root, .purchase_order = {}, .memo = {}, .external_id = {}},
                     .lines = {computed(root, 1'000, "0.2"), a_line(child, 500, 50),
                               computed(child, 105, "0.2")}}).header.id;
  EXPECT_EQ(read().invoice(id, day)->invoice.tax, 50);
  invoice::Issue command;
  command.header.id = id;
  command.draft = true;
  given(command);
  const auto issued = read().invoice(id, day);
  EXPECT_EQ(issued->invoice.tax, 50 + 221);
  EXPECT_EQ(issued->lines[0].taxes[0].amount + issued->lines[2].taxes[0].amount, 221);
  std::int64_t net = 0, tax = 0, total = 0;
  for (const InvoiceShare& share : issued->shares) {
    EXPECT_EQ(share.total, share.net + share.tax);
    EXPECT_EQ(share.open, share.total);
    net += share.net;
    tax += share.tax;
    total += share.total;
  }
  EXPECT_EQ(net, issued->invoice.net);
  EXPECT_EQ(tax, issued->invoice.tax);
  EXPECT_EQ(total, issued->invoice.total);
  EXPECT_EQ(reader->months(Scope::only(child), day.month_index(), day.month_index(), day)->front().invoiced,
            issued->shares[1].total);
}

TEST_F(Documents, SubAccountPartsKeepTheNamesOfTheDay) {
  const InvoiceId id = issue(root, {a_line(root, 100), a_line(child, 200)});
  given(account::Rename{.id = child, .name = "After", .reason = {}});
  given(account::Rename{.id = child, .name = "Later", .reason = {}});
  const auto parts = read().invoice(id, day)->shares;
  EXPECT_EQ(parts[1].account_name, "Name C");
  EXPECT_EQ(parts[1].account_number, "C");
  EXPECT_EQ(parts[0].account_name, "Name R");
}

TEST_F(Documents, ADebitNoteIsFoundFromItsInvoice) {
  const InvoiceId id = issue(root, {a_line(root, 100)});
  const InvoiceId note = issue(root, {a_line(root, 20)}, invoice::Kind::kDebit, id);
  const auto detail = read().invoice(id, day);
  ASSERT_EQ(detail->linked.size(), 1U);
  EXPECT_EQ(detail->linked[0].id, note);
  EXPECT_EQ(detail->linked[0].kind, invoice::Kind::kDebit);
  EXPECT_EQ(reader->invoice_head(note, day)->about, id);
}

TEST_F(Documents, ALateFeeIsFoundFromTheOverdueInvoice) {
  const InvoiceId id = issue(root, {a_line(root, 10'000)});
  history.today = day.plus_days(60);
  invoice::ChargeLateFees command;
  command.account = root;
  command.cycle = "2026-03";
  command.flat = 500;
  given(command);
  const auto linked = read().invoice(id, history.today)->linked;
  ASSERT_EQ(linked.size(), 1U);
  EXPECT_EQ(linked[0].kind, invoice::Kind::kLateFee);
  const auto fee = reader->invoice(linked[0].id, history.today);
  EXPECT_EQ(fee->invoice.cycle, "2026-03");
  EXPECT_EQ(fee->lines[0].late_fee_for, id);
}

TEST_F(Documents, AnInvoiceKeepsTheAddressOfItsIssueUntilThePersonIsErased) {
  given(account::ChangeAddress{.id = root, .person = {}, .personal = {.name = "Ada", .email = {}, .phone = {},
                                                                      .postal_address = "1 Old Street"}});
  const InvoiceId id = issue(root, {a_line(root, 100)});
  given(account::ChangeAddress{.id = root, .person = {}, .personal = {.name = "Ada", .email = {}, .phone = {},
                                                                      .postal_address = "2 New Street"}});
  EXPECT_EQ(read().invoice(id, day)->address->postal_address, "1 Old Street");
  const auto standing = reader->standing(root, day);
  EXPECT_EQ(standing->address->personal.postal_address, "2 New Street");
  ASSERT_TRUE(history.keys()->erase(standing->address->person).has_value());
  EXPECT_EQ(reader->invoice(id, day)->address->postal_address, "erased");
}

TEST_F(Documents, ARoleCountsFromItsDayAndSaysWhoInvoicesAndPays) {
  given(account::ChangeRole{.id = child, .role = account::InvoicingRole::kOwner, .from = day.plus_days(5)});
  const auto before = read().standing(child, day);
  EXPECT_EQ(before->role, account::InvoicingRole::kRolledUp);
  EXPECT_EQ(before->invoiced_by, root);
  ASSERT_TRUE(before->next_role.has_value());
  EXPECT_EQ(before->next_role->from, day.plus_days(5));
  const auto after = reader->standing(child, day.plus_days(5));
  EXPECT_EQ(after->invoiced_by, child);
  EXPECT_EQ(after->paid_by, root);
  EXPECT_EQ(reader->standing(root, day)->role, account::InvoicingRole::kPayer);
}

TEST_F(Documents, AFrozenAccountSaysWhy) {
  given(account::Freeze{.id = child, .check = "postings-balance", .detail = "off by 1"});
  EXPECT_EQ(read().standing(child, day)->frozen->check, "postings-balance");
  given(account::Unfreeze{.id = child, .reason = "looked into", .approved_by = {"usr_a", "usr_b"}});
  EXPECT_FALSE(read().standing(child, day)->frozen.has_value());
  EXPECT_FALSE(*reader->frozen(child));
}

TEST_F(Documents, WhatCouldNotBeBookedWaitsUntilItIsDealtWith) {
  const UnbookedId id{Uuid{{9, 9}}};
  history.append({fact({StreamKind::kUnbooked, id.uuid}, kOperator,
                       unbooked::Queued{.id = id, .customer = kOperator, .kind = unbooked::Kind::kChargeback,
                                        .reason = "unknown-payment", .detail = {}, .reported_object = "pay_x",
                                        .amount = 500, .currency = *Currency::parse("USD"), .reference = {}, .on = day,
                                        .posting_date = day})});
  EXPECT_EQ(read().unbooked_backlog()->open, 1U);
  EXPECT_EQ(reader->unbooked(false, {})->items.front().reason, "unknown-payment");
  history.append({fact({StreamKind::kUnbooked, id.uuid}, kOperator, unbooked::Resolved{.id = id, .how = "by hand"})});
  EXPECT_EQ(read().unbooked_backlog()->open, 0U);
  EXPECT_TRUE(reader->unbooked(false, {})->items.empty());
  EXPECT_EQ(reader->unbooked(true, {})->items.front().how, "by hand");
  EXPECT_EQ(reader->unbooked(id)->version, 2U);
}

TEST_F(Documents, PeriodsAreClosingAndThenClosed) {
  const StreamId books{StreamKind::kBooks, kOperator.uuid};
  history.append({fact(books, kOperator, books::PeriodClosing{.period = 24'311})});
  EXPECT_FALSE(read().periods()->front().closed);
  history.append({fact(books, kOperator, books::PeriodClosed{.period = 24'311})});
  ASSERT_EQ(read().periods()->size(), 1U);
  EXPECT_TRUE(reader->periods()->front().closed);
  EXPECT_EQ(reader->periods()->front().month, 24'311);
}

}  // namespace
}  // namespace billing::views
