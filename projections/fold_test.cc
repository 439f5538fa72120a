// Views against a recomputation by hand, on random histories; and that batches, restarts and stores make no difference.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <set>

#include "ledger/store/rocks_tables.h"
#include "projections/fold.h"
#include "projections/history_testing.h"
#include "projections/paid_change.h"

namespace billing::views {
namespace {

store::Hash digest_of(const store::Tables& tables) { return *digest(*tables.snapshot()); }

// Everything computed the slow way, from the envelopes.
struct Naive {
  std::map<AccountId, Totals> own;
  std::map<AccountId, std::optional<AccountId>> parents;
  struct Delta {
    AccountId account;
    InvoiceId invoice;
    Date day;
    std::int64_t amount;
  };
  std::vector<Delta> deltas;
  std::map<InvoiceId, Date> due;
  std::map<std::pair<Ledger, Date>, std::int64_t> ledgers;

  explicit Naive(const std::vector<codec::Envelope>& events) {
    for (const auto& event : events) add(event);
  }
  void add(const codec::Envelope& event) {
    for (const Posting& posting : event.postings) {
      ledgers[{posting.ledger, *event.posting_date}] += posting.amount;
      if (posting.ledger == Ledger::kReceivables) {
        own[*posting.account].open += posting.amount;
        deltas.push_back({*posting.account, InvoiceId{*posting.item}, *event.posting_date, posting.amount});
      }
      if (posting.ledger == Ledger::kUnappliedCredit) own[*posting.account].unapplied -= posting.amount;
    }
    if (const auto* opened = std::get_if<account::Opened>(&event.event)) parents[opened->id] = opened->parent;
    if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event)) parents[moved->account] = moved->new_parent;
    if (const auto paid = paid_change(event.event)) own[paid->account].paid += paid->amount;
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      due[issued->header.id] = issued->due_date;
      for (const Share& share : issued->shares) own[share.account].billed += share.amount;
    }
    if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
      for (const Line& line : note->lines) own[line.service_account].credited += line.net + tax_of(line);
    }
  }
  bool is_below(AccountId account, AccountId top) const {
    for (std::optional<AccountId> at = account; at; at = parents.at(*at)) {
      if (*at == top) return true;
    }
    return false;
  }
  std::set<AccountId> subtree(AccountId top) const {
    std::set<AccountId> found;
    for (const auto& [account, parent] : parents) {
      if (is_below(account, top)) found.insert(account);
    }
    return found;
  }
  Totals sum(const std::set<AccountId>& accounts) const {
    Totals total;
    for (const AccountId& account : accounts) {
      if (const auto found = own.find(account); found != own.end()) {
        total.billed += found->second.billed;
        total.credited += found->second.credited;
        total.paid += found->second.paid;
        total.open += found->second.open;
        total.unapplied += found->second.unapplied;
      }
    }
    return total;
  }
  // Amount and invoices per bucket.
  std::array<Bucket, 5> ageing(const std::set<AccountId>& accounts, Date date) const {
    std::map<std::pair<InvoiceId, AccountId>, std::int64_t> open;
    for (const Delta& delta : deltas) {
      if (delta.day <= date && accounts.contains(delta.account)) open[{delta.invoice, delta.account}] += delta.amount;
    }
    std::array<Bucket, 5> buckets;
    std::set<InvoiceId> counted;
    for (const auto& [item, amount] : open) {
      const int late = date.days - due.at(item.first).days;
      Bucket& bucket = buckets[late <= 0 ? 0 : late > 90 ? 4 : static_cast<std::size_t>((late - 1) / 30) + 1];
      bucket.amount += amount;
      if (amount > 0 && counted.insert(item.first).second) ++bucket.count;
    }
    return buckets;
  }
};

std::array<Bucket, 5> buckets_of(const Ageing& a) {
  return {a.current, a.days_1_30, a.days_31_60, a.days_61_90, a.days_over_90};
}

// The members of a group today, from the domain's own state.
std::set<AccountId> members(const RandomHistory& made, const Naive& naive, GroupId top) {
  const auto& all = made.history.state().groupings.at(made.grouping).groups;
  std::set<AccountId> accounts;
  for (const auto& [id, group] : all) {
    bool inside = false;
    for (std::optional<GroupId> at = id; at && !inside; at = all.at(*at).parent) inside = *at == top;
    if (!inside) continue;
    for (const auto& [account, member] : group.members) {
      if (member.with_subtree) accounts.merge(naive.subtree(account));
      accounts.insert(account);
    }
  }
  return accounts;
}

RC_GTEST_PROP(Fold, ViewsEqualWhatARecomputationGives, ()) {
  RandomHistory made(*rc::gen::arbitrary<std::uint64_t>());
  made.run(*rc::gen::inRange<std::size_t>(1, 150));
  const auto tables = fold_in_memory(made.history);
  const Reader reader(tables->snapshot(), made.history.log(), made.history.keys());
  const Naive naive(made.history.events());
  RC_ASSERT(reader.position() == made.history.head());
  for (const AccountId& account : made.accounts) {
    const auto row = reader.account(account);
    RC_ASSERT(row.has_value());
    RC_ASSERT(row->own == naive.sum({account}));
    RC_ASSERT(row->subtree == naive.sum(naive.subtree(account)));
    RC_ASSERT(row->parent == naive.parents.at(account));
    const auto below = reader.accounts_of(Scope::subtree(account), made.history.today);
    RC_ASSERT(std::set(below->begin(), below->end()) == naive.subtree(account));
  }
  std::set<AccountId> everyone(made.accounts.begin(), made.accounts.end());
  RC_ASSERT(*reader.totals(Scope::whole(made.customer), made.history.today) == naive.sum(everyone));
  for (int i = 0; i < 12; ++i) {
    const Date date = made.history.today.plus_days(static_cast<std::int32_t>(made.below(300)));
    const AccountId top = made.any_account();
    RC_ASSERT(buckets_of(*reader.ageing(Scope::subtree(top), date)) == naive.ageing(naive.subtree(top), date));
    RC_ASSERT(buckets_of(*reader.ageing(Scope::only(top), date)) == naive.ageing({top}, date));
    RC_ASSERT(buckets_of(*reader.ageing(Scope::whole(made.customer), date)) == naive.ageing(everyone, date));
  }
}

RC_GTEST_PROP(Fold, GroupsAndBooksEqualWhatARecomputationGives, ()) {
  RandomHistory made(*rc::gen::arbitrary<std::uint64_t>());
  made.run(*rc::gen::inRange<std::size_t>(1, 150));
  const auto tables = fold_in_memory(made.history);
  const Reader reader(tables->snapshot(), made.history.log(), made.history.keys());
  const Naive naive(made.history.events());
  for (const GroupId& group : made.groups) {
    const auto accounts = reader.accounts_of(Scope::of_group(made.grouping, group), made.history.today);
    const auto expected = members(made, naive, group);
    RC_ASSERT(std::vector(expected.begin(), expected.end()) == *accounts);
    RC_ASSERT(*reader.totals(Scope::of_group(made.grouping, group), made.history.today) == naive.sum(expected));
  }
  for (int i = 0; i < 5; ++i) {
    const Date date = made.history.today.plus_days(-static_cast<std::int32_t>(made.below(200)));
    const auto balances = reader.trial_balance(date);
    for (const TrialBalance& balance : *balances) {
      RC_ASSERT(balance.balanced());
      for (const LedgerBalance& ledger : balance.ledgers) {
        std::int64_t expected = 0;
        for (const auto& [key, amount] : naive.ledgers) {
          if (key.first == ledger.ledger && key.second <= date) expected += amount;
        }
        RC_ASSERT(ledger.balance() == expected);
      }
    }
  }
  const auto controls = reader.check_control();
  for (const Control& control : *controls) RC_ASSERT(control.agrees());
}

RC_GTEST_PROP(Fold, BatchSizesMakeNoDifference, ()) {
  RandomHistory made(*rc::gen::arbitrary<std::uint64_t>());
  made.run(*rc::gen::inRange<std::size_t>(1, 100));
  const auto whole = digest_of(*fold_in_memory(made.history, 8'192));
  RC_ASSERT(digest_of(*fold_in_memory(made.history, 1)) == whole);
  RC_ASSERT(digest_of(*fold_in_memory(made.history, 7)) == whole);
}

TEST(Fold, ACacheThatForgetsAtEveryBatchMakesNoDifference) {
  RandomHistory made(7);
  made.run(200);
  auto tables = store::make_memory_tables();
  Fold fold(made.history.log(), made.history.keys(), *tables, 1);
  while (fold.at().position < made.history.head()) ASSERT_TRUE(fold.step(3, made.history.head()).has_value());
  EXPECT_EQ(digest_of(*tables), digest_of(*fold_in_memory(made.history)));
}

TEST(Fold, ARestartGoesOnFromTheCheckpoint) {
  RandomHistory made(11);
  made.run(200);
  auto tables = store::make_memory_tables();
  {
    Fold fold(made.history.log(), made.history.keys(), *tables, 1'000);
    ASSERT_TRUE(fold.step(made.history.head() / 2, made.history.head()).has_value());
  }
  Fold fold(made.history.log(), made.history.keys(), *tables, 1'000);
  EXPECT_FALSE(fold.resume().value());
  EXPECT_EQ(fold.at().position, made.history.head() / 2);
  ASSERT_TRUE(fold.step(1'000'000, made.history.head()).has_value());
  EXPECT_EQ(digest_of(*tables), digest_of(*fold_in_memory(made.history)));
}

TEST(Fold, RowsOfAnotherLogAreDropped) {
  RandomHistory other(1), made(2);
  other.run(50);
  made.run(200);
  const auto tables = fold_in_memory(other.history);
  Fold fold(made.history.log(), made.history.keys(), *tables, 1'000);
  EXPECT_TRUE(fold.resume().value());
  EXPECT_EQ(fold.at().position, 0U);
  ASSERT_TRUE(fold.step(1'000'000, made.history.head()).has_value());
  EXPECT_EQ(digest_of(*tables), digest_of(*fold_in_memory(made.history)));
}

TEST(Fold, RowsOfAnotherFormatAreDropped) {
  RandomHistory made(3);
  made.run(50);
  const auto tables = fold_in_memory(made.history);
  std::string value = **tables->get(checkpoint_key());
  value[0] = static_cast<char>(value[0] + 2);
  store::Batch batch;
  batch.put(checkpoint_key().bytes(), value);
  ASSERT_TRUE(tables->write(batch).has_value());
  Fold fold(made.history.log(), made.history.keys(), *tables, 1'000);
  EXPECT_TRUE(fold.resume().value());
}

TEST(Fold, RowsOnDiskEqualRowsInMemory) {
  RandomHistory made(5);
  made.run(300);
  const auto directory = std::filesystem::path(testing::TempDir()) / "billing-views-on-disk" / "views";
  std::filesystem::remove_all(directory.parent_path());
  std::filesystem::create_directories(directory.parent_path());
  {
    auto tables = store::open_rocks_tables({.directory = directory.string()});
    ASSERT_TRUE(tables.has_value()) << tables.error().detail;
    ASSERT_TRUE(rebuild_views(made.history.log(), made.history.keys(), **tables, made.history.head(), {}, 50));
    EXPECT_EQ(digest_of(**tables), digest_of(*fold_in_memory(made.history)));
  }
  std::filesystem::remove_all(directory.parent_path());
}

TEST(Verify, ACleanStoreIsGood) {
  RandomHistory made(9);
  made.run(200);
  const auto live = fold_in_memory(made.history);
  const auto scratch = store::make_memory_tables();
  const auto report = verify_views(made.history.log(), made.history.keys(), *live->snapshot(), *scratch);
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_TRUE(report->good());
  EXPECT_EQ(report->at.position, made.history.head());
  EXPECT_GT(report->rows, 100U);
}

TEST(Verify, AChangedAMissingAndAStrayRowAreNamed) {
  RandomHistory made(9);
  made.run(200);
  const auto live = fold_in_memory(made.history);
  store::Batch batch;
  batch.put(Key(Table::kFigures).add(made.accounts[0]).add(std::uint8_t{0}).bytes(), "damaged");
  batch.erase(Key(Table::kCustomer).add(made.customer).bytes());
  batch.put(Key(Table::kMonth).text("stray").bytes(), "x");
  ASSERT_TRUE(live->write(batch).has_value());
  const auto scratch = store::make_memory_tables();
  const auto report = verify_views(made.history.log(), made.history.keys(), *live->snapshot(), *scratch);
  if (report) {
    EXPECT_EQ(report->differing, 3U);
    std::set<std::string> views;
    for (const auto& difference : report->first_differences) views.insert(difference.view);
    EXPECT_EQ(views, (std::set<std::string>{"totals", "customers", "months"}));
  } else {
    FAIL() << report.error().detail;
  }
}

}  // namespace
}  // namespace billing::views
