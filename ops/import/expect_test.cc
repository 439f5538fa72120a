#include "ops/import/expect.h"

#include <gtest/gtest.h>

namespace billing::import {
namespace {

Mapping of(std::initializer_list<Kind> kinds) {
  Mapping mapping;
  mapping.currency = "USD";
  for (const Kind kind : kinds) mapping.steps.emplace_back().kind = kind;
  return mapping;
}

// What is said of a file that has 3 invoice rows booked, 1 repeated and 2 refused, of 1.00 each.
std::string checked(const Mapping& mapping, std::vector<std::string> rows, std::vector<std::string> totals) {
  Outcomes outcomes;
  outcomes[static_cast<std::size_t>(Kind::kInvoices)] = {{3, 300}, {1, 100}, {2, 200}};
  const auto expected = expectations(mapping, rows, totals);
  if (!expected) return expected.error().detail;
  const auto good = check_expected(*expected, outcomes, *Currency::parse("USD"));
  return good ? "" : good.error().detail;
}

TEST(Expectations, CountEveryRowThatWasRead) {
  EXPECT_EQ(checked(of({Kind::kInvoices}), {"6"}, {"6.00"}), "");
  EXPECT_EQ(checked(of({Kind::kInvoices}), {"5"}, {}), "invoices: 6 rows were read, 5 are expected; nothing was sent");
  EXPECT_EQ(checked(of({Kind::kInvoices}), {}, {"6.01"}), "invoices: the rows come to 6.00, 6.01 are expected; nothing was sent");
  EXPECT_EQ(checked(of({Kind::kAccounts, Kind::kInvoices}), {"invoices=6", "accounts=0"}, {"invoices=6"}), "");
}

TEST(Expectations, ThatCannotBeMeantAreRefused) {
  EXPECT_NE(checked(of({Kind::kAccounts, Kind::kInvoices}), {"6"}, {}).find("several kinds"), std::string::npos);
  EXPECT_NE(checked(of({Kind::kAccounts}), {}, {"1.00"}).find("kinds with amounts"), std::string::npos);
  EXPECT_NE(checked(of({Kind::kInvoices}), {"payments=1"}, {}).find("no step"), std::string::npos);
  EXPECT_NE(checked(of({Kind::kInvoices}), {"six"}, {}).find("a number of rows"), std::string::npos);
  EXPECT_NE(checked(of({Kind::kInvoices}), {}, {"6.001"}).find("an amount such as"), std::string::npos);
}

TEST(Outcomes, AreATableOfWhatBecameOfTheRows) {
  Outcomes outcomes;
  outcomes[static_cast<std::size_t>(Kind::kAccounts)].booked.rows = 2;
  outcomes[static_cast<std::size_t>(Kind::kInvoices)] = {{3, 300}, {1, 100}, {2, -250}};
  EXPECT_EQ(outcomes_text(outcomes, *Currency::parse("USD"), true),
            "rows                        read            booked     already there           refused\n"
            "accounts                       2                 2                 0                 0\n"
            "invoices                       6                 3                 1                 2\n"
            "  USD                       1.50              3.00              1.00             -2.50\n");
}

}  // namespace
}  // namespace billing::import
