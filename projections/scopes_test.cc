// Scopes of many accounts: who belongs to them, and pages of their lists, beside the walk over all accounts.
#include "projections/scopes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "projections/history_testing.h"
#include "projections/items_view.h"
#include "projections/limited_rows.h"

namespace billing::views {
namespace {

// 150 accounts in one tree that is moved about on several days, with invoices, some of them paid.
class ScopesTest : public testing::Test {
 protected:
  ScopesTest() {
    customer = history.made<customer::Created>(
        customer::Create{.id = {}, .name = "Acme", .currency = usd, .external_id = {}}).id;
    for (int i = 0; i < 150; ++i) open(i);
    for (int round = 0; round < 6; ++round) {
      history.today = history.today.plus_days(10);
      for (int i = 0; i < 25; ++i) issue(any());
      for (int i = 0; i < 12; ++i) pay(any());
      for (int i = 0; i < 8; ++i) {  // some would make a circle and are refused
        static_cast<void>(history.run(hierarchy::Move{.account = any(), .new_parent = any()}));
      }
    }
    tables = fold_in_memory(history);
    reader = std::make_unique<Reader>(tables->snapshot(), history.log(), history.keys());
  }

  AccountId any() { return accounts[random() % accounts.size()]; }
  void open(int n) {
    const std::optional<AccountId> parent = n == 0 ? std::nullopt : std::optional(accounts[random() % std::min(accounts.size(), std::size_t{40})]);
    accounts.push_back(history.made<account::Opened>(account::Open{.id = {},
                                                                   .customer = customer,
                                                                   .number = "A" + std::to_string(n),
                                                                   .name = "Account",
                                                                   .parent = parent,
                                                                   .opened_on = history.today.plus_days(n < 40 ? -60 : -(n % 30)),
                                                                   .payment_terms_days = 30,
                                                                   .bill_cycle_day = 1,
                                                                   .external_id = {},
                                                                   .role = account::InvoicingRole::kPayer}).id);
  }
  void issue(AccountId account) {
    history.made<invoice::Issued>(invoice::Issue{
        .header = {.id = {}, .account = account, .purchase_order = {}, .memo = {}, .external_id = {}},
        .lines = {a_line(account, 1'000)},
        .document_date = history.today,
        .due_date = std::nullopt,
        .imported_number = std::nullopt,
        .currency = std::nullopt});
  }
  void pay(AccountId account) {
    history.made<payment::Recorded>(payment::Record{.id = {},
                                                    .account = account,
                                                    .amount = 1'500,
                                                    .currency = usd,
                                                    .method = payment::Method::kWire,
                                                    .reference = {},
                                                    .external_id = {},
                                                    .received_on = history.today,
                                                    .instructions = std::nullopt});
  }
  std::vector<Date> days() const {
    return {kNow, history.today, history.today.plus_days(-15), history.today.plus_days(-35), history.today.plus_days(-75)};
  }
  Source source() { return {reader->rows(), history.log(), history.keys()}; }

  // All pages of a list, seven rows each.
  template <class Item>
  std::vector<Item> all(const std::function<Result<Page<Item>>(const PageRequest&)>& list) {
    std::vector<Item> items;
    PageRequest request{.limit = 7, .cursor = {}};
    do {
      auto page = list(request);
      EXPECT_TRUE(page.has_value());
      if (!page) return items;
      if (!page->next.empty()) EXPECT_FALSE(page->items.empty());
      items.insert(items.end(), page->items.begin(), page->items.end());
      request.cursor = page->next;
    } while (!request.cursor.empty());
    return items;
  }

  History history;
  const Currency usd = *Currency::parse("USD");
  CustomerId customer;
  std::vector<AccountId> accounts;
  std::unique_ptr<store::Tables> tables;
  std::unique_ptr<Reader> reader;
  std::mt19937_64 random{7};
};

TEST_F(ScopesTest, MembersAreTheAccountsOfTheScopeWhetherTheyAreFewOrMany) {
  std::size_t many = 0;
  for (const Date date : days()) {
    for (const AccountId top : accounts) {
      const auto wanted = accounts_of(source(), Scope::subtree(top), date);
      auto members = Members::of(source(), Scope::subtree(top), date);
      ASSERT_TRUE(wanted && members);
      many += members->few() ? 0U : 1U;
      if (members->few()) EXPECT_EQ(*members->few(), *wanted);
      EXPECT_EQ(members->few().has_value(), wanted->size() <= 64);
      for (const AccountId account : accounts) {
        EXPECT_EQ(members->has(account).value(), std::ranges::binary_search(*wanted, account));
      }
    }
  }
  EXPECT_GT(many, 0U);
}

TEST_F(ScopesTest, OpenItemsOfALargeSubtreeAreTheCustomersOfItsAccounts) {
  std::size_t seen = 0;
  for (const Date date : days()) {
    const auto inside = accounts_of(source(), Scope::subtree(accounts[0]), date);
    ASSERT_TRUE(inside.has_value());
    std::vector<std::pair<AccountId, InvoiceId>> wanted, found;
    ASSERT_TRUE(visit_items(source(), customer, *inside, date, [&](AccountId account, InvoiceId invoice, const ItemRow&,
                                                                      std::int64_t) {
      wanted.emplace_back(account, invoice);
    }).has_value());
    std::ranges::sort(wanted);
    for (const OpenItem& item : all<OpenItem>([&](const PageRequest& request) {
           return reader->open_items(Scope::subtree(accounts[0]), date, request);
         })) {
      found.emplace_back(item.account, item.invoice);
    }
    EXPECT_EQ(found, wanted);
    seen += found.size();
  }
  EXPECT_GT(seen, 100U);
}

TEST_F(ScopesTest, InvoicesOfALargeSubtreeAreTheCustomersOfItsAccounts) {
  for (const Date date : {kNow, history.today.plus_days(-15)}) {
    const auto inside = accounts_of(source(), Scope::subtree(accounts[0]), date);
    ASSERT_TRUE(inside && inside->size() > 64);
    std::vector<InvoiceId> wanted, found;
    for (const auto& one : all<Invoice>([&](const PageRequest& request) {
           return reader->invoices({.scope = Scope::whole(customer), .today = date, .page = request});
         })) {
      if (std::ranges::binary_search(*inside, one.account)) wanted.push_back(one.id);
    }
    for (const auto& one : all<Invoice>([&](const PageRequest& request) {
           return reader->invoices({.scope = Scope::subtree(accounts[0]), .today = date, .page = request});
         })) {
      found.push_back(one.id);
    }
    EXPECT_EQ(found, wanted);
    EXPECT_FALSE(found.empty());
  }
}

TEST_F(ScopesTest, AReaderWhoseTimeIsOverSaysSoWhateverItIsAsked) {
  bool over = false;
  const auto limited = limit_reader(std::make_shared<Reader>(tables->snapshot(), history.log(), history.keys()),
                                    history.log(), history.keys(), [&] { return over; });
  EXPECT_EQ(limited->position(), history.head());
  const auto codes = [&] {
    std::vector<std::optional<Code>> found;
    const auto note = [&](const auto& result) {
      found.push_back(result ? std::nullopt : std::optional(result.error().code));
    };
    note(limited->customer(customer));                                            // get
    note(limited->accounts(customer, {}));                                        // scan
    note(limited->summary(Scope::subtree(accounts[0]), history.today));           // get_many
    note(limited->summary(Scope::subtree(accounts[0]), history.today.plus_days(-40)));  // walk
    return found;
  };
  EXPECT_EQ(codes(), std::vector<std::optional<Code>>(4));
  over = true;
  EXPECT_EQ(codes(), std::vector<std::optional<Code>>(4, Code::kReadTooLong));
}

TEST_F(ScopesTest, AScanThatIsUnderWayEndsWhenTimeIsOver) {
  std::size_t asked = 0;
  const auto limited = limit_reader(std::make_shared<Reader>(tables->snapshot(), history.log(), history.keys()),
                                    history.log(), history.keys(), [&] { return ++asked > 2; });
  std::size_t seen = 0;
  const auto scanned = limited->rows().scan({}, {}, [&](std::string_view, std::string_view) { return ++seen > 0; });
  ASSERT_FALSE(scanned.has_value());
  EXPECT_EQ(scanned.error().code, Code::kReadTooLong);
  EXPECT_GT(seen, 0U);
  EXPECT_LT(seen, 200U);
}

}  // namespace
}  // namespace billing::views
