// Every view agrees with the naive model over random histories, for every question at random dates and positions.
//
// BILLING_HISTORIES is how many in all (default 1,000); the seeds are BILLING_SEED (default 1) and the ones after it. A
// failure prints its seed: BILLING_SEED=that BILLING_HISTORIES=1 makes the same history and questions again.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "ledger/store/rocks_tables.h"
#include "ledger/store/store_testing.h"
#include "projections/fold.h"
#include "projections/naive_questions.h"

namespace billing::views::naive {
namespace {

constexpr std::uint64_t kSlices = 20;  // tests of their own, so that they run side by side
constexpr std::size_t kCommandsMax = 200;
constexpr std::size_t kPositions = 5;  // before the end
constexpr std::size_t kQuestions = 250;
constexpr std::uint64_t kOnDisk = 23;  // every so many histories the views are in RocksDB, as in the service

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

// Tables in memory, or in RocksDB and a directory that goes with them.
class SomeTables {
 public:
  explicit SomeTables(bool on_disk) {
    if (!on_disk) {
      tables_ = store::make_memory_tables();
      return;
    }
    auto opened = store::open_rocks_tables({.directory = directory_.emplace().path("views")});
    EXPECT_TRUE(opened.has_value());
    tables_ = std::move(opened).value();
  }
  store::Tables& operator*() { return *tables_; }
  store::Tables* operator->() { return tables_.get(); }

 private:
  std::optional<store::testing::TempDirectory> directory_;
  std::unique_ptr<store::Tables> tables_;  // goes before its directory
};

// Folds the views of a history to random positions, batch by random batch, and asks at each. The first difference.
std::string compare(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  BusyHistory busy(random());
  busy.run(1 + below(kCommandsMax));
  History& history = busy.history();
  SomeTables tables(seed % kOnDisk == 0);
  Fold fold(history.log(), history.keys(), *tables, below(2) == 0 ? 16 : 100'000);
  if (!fold.resume()) return "the views cannot be made";
  std::set<Position> positions{history.head()};
  for (std::size_t i = 0; i < kPositions; ++i) positions.insert(1 + below(history.head()));
  Questions questions(busy, random());
  for (const Position position : positions) {
    while (fold.at().position < position) {
      const auto step = fold.step(1 + below(below(4) == 0 ? 3 : 300), position);
      if (!step) return "the fold fails: " + step.error().detail;
    }
    const Reader reader(tables->snapshot(), history.log(), history.keys());
    if (const std::string found = questions.ask(reader, position == history.head() ? 0 : kQuestions); !found.empty()) {
      return found;
    }
  }
  return {};
}

// An assertion of the code under test ends the process: the seed is told all the same.
std::uint64_t seed_under_way = 0;
void tell_seed(int) {
  std::fprintf(stderr, "again: BILLING_SEED=%llu BILLING_HISTORIES=1\n",
               static_cast<unsigned long long>(seed_under_way));
}

class NaiveModel : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(NaiveModel, AgreesWithEveryViewOverRandomHistories) {
  std::signal(SIGABRT, tell_seed);
  const std::uint64_t first = number_of("BILLING_SEED", 1), count = number_of("BILLING_HISTORIES", 1'000);
  for (std::uint64_t n = GetParam(); n < count; n += kSlices) {
    seed_under_way = first + n;
    const std::string difference = compare(seed_under_way);
    if (!difference.empty()) FAIL() << difference << "again: BILLING_SEED=" << seed_under_way << " BILLING_HISTORIES=1";
  }
}

INSTANTIATE_TEST_SUITE_P(Slice, NaiveModel, ::testing::Range<std::uint64_t>(0, kSlices));

template <std::size_t... Index>
std::set<std::string> all_types(std::index_sequence<Index...>) {
  return {std::string(event_type(Event(std::in_place_index<Index>)))...};
}

// What the comparison is worth: the histories reach every event that there is.
TEST(NaiveHistories, ReachEveryKindOfEvent) {
  std::set<std::string> missing = all_types(std::make_index_sequence<std::variant_size_v<EventSum>>());
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    BusyHistory busy(seed);
    busy.run(kCommandsMax);
    for (const codec::Envelope& event : busy.history().events()) missing.erase(std::string(event_type(event.event)));
  }
  EXPECT_EQ(missing, std::set<std::string>());
}

}  // namespace
}  // namespace billing::views::naive
