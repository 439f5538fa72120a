// Pages of lists, both ways.
#include <gtest/gtest.h>

#include "projections/history_testing.h"

namespace billing::views {
namespace {

TEST(Paging, EveryListGoesBackTheWayItCame) {
  History history;
  const Date day = history.today;
  const CustomerId customer = history.made<customer::Created>(
      customer::Create{.id = {}, .name = "Acme", .currency = *Currency::parse("USD"), .external_id = {}}).id;
  const auto open = [&](const std::string& number, std::optional<AccountId> parent) {
    account::Open command;
    command.customer = customer;
    command.number = number;
    command.name = "Name " + number;
    command.parent = parent;
    command.opened_on = day.plus_days(-300);
    return history.made<account::Opened>(command).id;
  };
  const AccountId root = open("R", std::nullopt), child = open("C", root);
  for (int i = 0; i < 23; ++i) {
    invoice::Issue issue;
    issue.header.account = root;
    issue.lines = {a_line(root, 100 + i % 5)};
    issue.document_date = day.plus_days(-i % 7);
    ASSERT_TRUE(history.run(issue).has_value());
    open("L" + std::to_string(i), child);
  }
  const auto tables = fold_in_memory(history);
  const auto reader = std::make_unique<Reader>(tables->snapshot(), history.log(), history.keys());
  const auto expect_both_ways = [](auto ask) {
    PageRequest request{.limit = 5, .cursor = {}};
    auto page = ask(request);
    std::vector<std::string> there, back;
    EXPECT_EQ(page->previous, "") << "nothing is before the first page";
    while (true) {
      for (const auto& item : page->items) there.push_back(item.id.text());
      if (page->next.empty()) break;
      request.cursor = page->next;
      page = ask(request);
    }
    while (true) {
      std::vector<std::string> part;
      for (const auto& item : page->items) part.push_back(item.id.text());
      back.insert(back.begin(), part.begin(), part.end());
      if (page->previous.empty()) break;
      request = {.limit = 4, .cursor = page->previous};
      page = ask(request);
      EXPECT_NE(page->next, "");
    }
    EXPECT_GE(there.size(), 23U);
    EXPECT_EQ(there, back);
  };
  for (const SortBy sort : {SortBy::kDate, SortBy::kAmount, SortBy::kNumber}) {
    for (const bool ascending : {false, true}) {
      expect_both_ways([&](const PageRequest& page) {
        return reader->invoices(
            {.scope = Scope::subtree(root), .today = day, .sort = sort, .ascending = ascending, .page = page});
      });
    }
  }
  expect_both_ways([&](const PageRequest& page) { return reader->children(child, page); });
  expect_both_ways([&](const PageRequest& page) { return reader->accounts(customer, page); });
}

}  // namespace
}  // namespace billing::views
