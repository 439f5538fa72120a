// What all tables promise, asked of each implementation.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "ledger/store/memory_tables.h"
#include "ledger/store/overlay_tables.h"
#include "ledger/store/rocks_tables.h"
#include "ledger/store/store_testing.h"

namespace billing::store {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows scan(const Snapshot& snapshot, std::string_view begin, std::string_view end, bool reverse = false,
          std::size_t limit = SIZE_MAX) {
  Rows rows;
  const auto done = snapshot.scan(
      begin, end,
      [&](std::string_view key, std::string_view value) {
        rows.emplace_back(key, value);
        return rows.size() < limit;
      },
      reverse);
  EXPECT_TRUE(done.has_value());
  return rows;
}

// Rows to lie under an overlay, under many of the keys that the tests use.
std::unique_ptr<Tables> a_base() {
  auto base = make_memory_tables();
  Batch batch;
  for (int i = 0; i < 200; i += 2) batch.put(std::to_string(i), "base");
  for (const char* key : {"", "a", "b", "ba", "bb", "c", "key 7"}) batch.put(key, "base");
  EXPECT_TRUE(base->write(batch).has_value());
  return base;
}

// Over rows that are all deleted, one by one.
std::unique_ptr<Tables> overlay_that_hides_all() {
  auto overlay = std::make_unique<OverlayTables>(a_base()->snapshot());
  Batch batch;
  for (const auto& [key, value] : scan(*overlay->snapshot(), "", "")) batch.erase(key);
  EXPECT_TRUE(overlay->write(batch).has_value());
  return overlay;
}

enum class Kind : std::size_t { kMemory, kRocks, kOverlay, kOverlayThatHides };
constexpr const char* kNames[] = {"Memory", "Rocks", "Overlay", "OverlayThatHides"};

class TablesContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::kMemory) tables_ = make_memory_tables();
    if (GetParam() == Kind::kOverlay) tables_ = std::make_unique<OverlayTables>(nullptr);
    if (GetParam() == Kind::kOverlayThatHides) tables_ = overlay_that_hides_all();
    if (GetParam() != Kind::kRocks) return;
    auto tables = open_rocks_tables({.directory = directory_.path("views")});
    ASSERT_TRUE(tables.has_value()) << tables.error().detail;
    tables_ = std::move(*tables);
  }
  Tables& tables() { return *tables_; }
  void close() { tables_.reset(); }

 private:
  testing::TempDirectory directory_;
  std::unique_ptr<Tables> tables_;
};

TEST_P(TablesContract, RowsAreThereAfterTheirBatch) {
  Batch batch;
  batch.put("a", "1");
  batch.put(std::string("b\0c", 3), std::string("\0\xff", 2));
  batch.put("empty", "");
  ASSERT_TRUE(tables().write(batch).has_value());
  EXPECT_EQ(tables().get("a").value(), "1");
  EXPECT_EQ(tables().get(std::string_view("b\0c", 3)).value(), std::string("\0\xff", 2));
  EXPECT_EQ(tables().get("empty").value(), "");
  EXPECT_EQ(tables().get("b").value(), std::nullopt);
}

TEST_P(TablesContract, TheLastOfTwoWritesOfAKeyWins) {
  Batch batch;
  batch.put("a", "1");
  batch.put("a", "2");
  batch.put("b", "1");
  batch.erase("b");
  batch.erase("c");
  batch.put("c", "1");
  ASSERT_TRUE(tables().write(batch).has_value());
  EXPECT_EQ(scan(*tables().snapshot(), "", ""), (Rows{{"a", "2"}, {"c", "1"}}));
}

TEST_P(TablesContract, ScansHonourBothBoundsInBothDirections) {
  Batch batch;
  for (const char* key : {"a", "b", "ba", "c", "d"}) batch.put(key, key);
  ASSERT_TRUE(tables().write(batch).has_value());
  const auto snapshot = tables().snapshot();
  EXPECT_EQ(scan(*snapshot, "b", "d"), (Rows{{"b", "b"}, {"ba", "ba"}, {"c", "c"}}));
  EXPECT_EQ(scan(*snapshot, "b", "d", true), (Rows{{"c", "c"}, {"ba", "ba"}, {"b", "b"}}));
  EXPECT_EQ(scan(*snapshot, "bb", ""), (Rows{{"c", "c"}, {"d", "d"}}));
  EXPECT_EQ(scan(*snapshot, "", "", true).size(), 5U);
  EXPECT_EQ(scan(*snapshot, "", "", true).front().first, "d");
  EXPECT_TRUE(scan(*snapshot, "b", "b").empty());
  EXPECT_TRUE(scan(*snapshot, "d", "b").empty());
  EXPECT_TRUE(scan(*snapshot, "x", "").empty());
  EXPECT_EQ(scan(*snapshot, "a", "d", false, 2), (Rows{{"a", "a"}, {"b", "b"}}));
  EXPECT_EQ(scan(*snapshot, "a", "d", true, 1), (Rows{{"c", "c"}}));
}

TEST_P(TablesContract, ManyKeysAreLookedUpAtOnce) {
  Batch batch;
  std::vector<std::string> keys;
  for (int i = 1'000; i < 1'300; ++i) {
    keys.push_back("k" + std::to_string(i));
    if (i % 7 != 0) batch.put(keys.back(), "v" + std::to_string(i));
  }
  ASSERT_TRUE(tables().write(batch).has_value());
  const auto snapshot = tables().snapshot();
  Batch later;
  later.put("k1001", "new");
  ASSERT_TRUE(tables().write(later).has_value());
  Rows found;
  ASSERT_TRUE(snapshot->get_many(keys, [&](std::size_t i, std::string_view value) {
    found.emplace_back(keys[i], value);
  }).has_value());
  EXPECT_EQ(found, scan(*snapshot, "k", "l"));
  EXPECT_EQ(found.size(), 257U);
}

TEST_P(TablesContract, ManyKeysAreLookedUpInTheOrderInWhichTheyAreAsked) {
  Batch batch;
  std::vector<std::string> keys;
  for (int i = 100; i < 300; ++i) {
    keys.push_back("k" + std::to_string(i));
    if (i % 3 != 0) batch.put(keys.back(), "v" + std::to_string(i));
  }
  ASSERT_TRUE(tables().write(batch).has_value());
  std::ranges::shuffle(keys, std::mt19937(11));
  keys.push_back(keys.front());  // one of them twice
  const auto snapshot = tables().snapshot();
  Rows found, expected;
  ASSERT_TRUE(snapshot->get_many(keys, [&](std::size_t i, std::string_view value) {
    found.emplace_back(keys[i], value);
  }).has_value());
  for (const std::string& key : keys) {
    if (const auto value = snapshot->get(key).value()) expected.emplace_back(key, *value);
  }
  EXPECT_EQ(found, expected);
}

TEST_P(TablesContract, AWalkReadsRangesInAnyOrderLikeScans) {
  Batch batch;
  std::vector<std::string> keys;
  for (int i = 100; i < 400; i += 3) keys.push_back("k" + std::to_string(i));
  for (const std::string& key : keys) batch.put(key, key);
  batch.put("a", "before");
  batch.put("z", "after");
  ASSERT_TRUE(tables().write(batch).has_value());
  const auto snapshot = tables().snapshot();
  const auto walk = snapshot->walk("k", "l");
  std::mt19937 random(7);
  int at = 100;
  for (int i = 0; i < 2'000; ++i) {
    // Ascending by small and large steps, and back again now and then.
    at = random() % 10 == 0 ? 95 + static_cast<int>(random() % 310) : at + static_cast<int>(random() % 12);
    const std::string begin = "k" + std::to_string(at), end = "k" + std::to_string(at + static_cast<int>(random() % 20));
    const std::size_t limit = random() % 4 == 0 ? 1 : SIZE_MAX;
    Rows rows;
    ASSERT_TRUE(walk->scan(begin, end, [&](std::string_view key, std::string_view value) {
      rows.emplace_back(key, value);
      return rows.size() < limit;
    }).has_value());
    ASSERT_EQ(rows, scan(*snapshot, begin, end, false, limit)) << begin << " to " << end;
  }
}

TEST_P(TablesContract, ASnapshotStaysAsItWas) {
  Batch before;
  before.put("a", "old");
  before.put("b", "old");
  ASSERT_TRUE(tables().write(before).has_value());
  const auto snapshot = tables().snapshot();
  Batch after;
  after.put("a", "new");
  after.erase("b");
  after.put("c", "new");
  ASSERT_TRUE(tables().write(after).has_value());
  EXPECT_EQ(scan(*snapshot, "", ""), (Rows{{"a", "old"}, {"b", "old"}}));
  EXPECT_EQ(snapshot->get("c").value(), std::nullopt);
  ASSERT_TRUE(tables().clear().has_value());
  EXPECT_EQ(snapshot->get("a").value(), "old");
  EXPECT_EQ(scan(*snapshot, "", "").size(), 2U);
}

TEST_P(TablesContract, ASnapshotMayOutliveItsTables) {
  Batch batch;
  batch.put("a", "1");
  ASSERT_TRUE(tables().write(batch).has_value());
  const auto snapshot = tables().snapshot();
  close();
  EXPECT_EQ(snapshot->get("a").value(), "1");
}

TEST_P(TablesContract, ClearDeletesEveryRow) {
  ASSERT_TRUE(tables().clear().has_value());
  Batch batch;
  for (int i = 0; i < 1000; ++i) batch.put("key " + std::to_string(i), std::string(100, 'v'));
  batch.put(std::string(50, '\xff'), "last");
  batch.put("", "first");
  ASSERT_TRUE(tables().write(batch).has_value());
  ASSERT_TRUE(tables().clear().has_value());
  EXPECT_TRUE(scan(*tables().snapshot(), "", "").empty());
  EXPECT_EQ(tables().get("").value(), std::nullopt);
  ASSERT_TRUE(tables().write(batch).has_value());
  EXPECT_EQ(scan(*tables().snapshot(), "", "").size(), 1002U);
}

TEST_P(TablesContract, AClearedBatchWritesOnlyWhatCameAfterwards) {
  Batch batch;
  batch.put("a", std::string(100'000, 'x'));
  ASSERT_TRUE(tables().write(batch).has_value());
  batch.clear();
  batch.put("b", "2");
  batch.erase("a");
  ASSERT_TRUE(tables().write(batch).has_value());
  EXPECT_EQ(scan(*tables().snapshot(), "", ""), (Rows{{"b", "2"}}));
}

TEST_P(TablesContract, RandomBatchesAgreeWithAMap) {
  std::mt19937 random(7);  // NOLINT: the same cases every time
  std::map<std::string, std::string> model;
  for (int round = 0; round < 200; ++round) {
    Batch batch;
    for (int i = 0; i < 30; ++i) {
      const std::string key = std::to_string(random() % 200);
      if (random() % 3 == 0) {
        batch.erase(key);
        model.erase(key);
      } else {
        const std::string value = std::to_string(random());
        batch.put(key, value);
        model[key] = value;
      }
    }
    ASSERT_TRUE(tables().write(batch).has_value());
    std::string begin = std::to_string(random() % 200);
    std::string end = std::to_string(random() % 200);
    if (end < begin) std::swap(begin, end);
    const Rows expected(model.lower_bound(begin), model.lower_bound(end));
    ASSERT_EQ(scan(*tables().snapshot(), begin, end), expected);
    ASSERT_EQ(scan(*tables().snapshot(), begin, end, true), Rows(expected.rbegin(), expected.rend()));
  }
}

INSTANTIATE_TEST_SUITE_P(AllTables, TablesContract,
                         ::testing::Values(Kind::kMemory, Kind::kRocks, Kind::kOverlay, Kind::kOverlayThatHides),
                         [](const auto& param) { return kNames[static_cast<std::size_t>(param.param)]; });

TEST(OverlayTables, RandomBatchesOverRowsAgreeWithAMapAndLeaveTheRowsAlone) {
  std::mt19937 random(8);  // NOLINT: the same cases every time
  const std::shared_ptr<const Snapshot> base = a_base()->snapshot();
  const Rows before = scan(*base, "", "");
  std::map<std::string, std::string> model(before.begin(), before.end());
  OverlayTables overlay(base);
  for (int round = 0; round < 300; ++round) {
    Batch batch;
    for (int i = 0; i < 5; ++i) {
      const std::string key = std::to_string(random() % 220);
      if (random() % 2 == 0) {
        batch.erase(key);
        model.erase(key);
      } else {
        batch.put(key, key + "!");
        model[key] = key + "!";
      }
    }
    ASSERT_TRUE(overlay.write(batch).has_value());
    std::string begin = std::to_string(random() % 220), end = std::to_string(random() % 220);
    if (end < begin) std::swap(begin, end);
    const Rows expected(model.lower_bound(begin), model.lower_bound(end));
    const std::size_t some = 1 + random() % 6;
    const auto snapshot = overlay.snapshot();
    ASSERT_EQ(scan(*snapshot, begin, end), expected);
    ASSERT_EQ(scan(*snapshot, begin, end, true), Rows(expected.rbegin(), expected.rend()));
    const auto first = std::min(some, expected.size());
    ASSERT_EQ(scan(*snapshot, begin, end, false, some), Rows(expected.begin(), expected.begin() + long(first)));
    ASSERT_EQ(scan(*snapshot, begin, end, true, some), Rows(expected.rbegin(), expected.rbegin() + long(first)));
    ASSERT_EQ(scan(*snapshot, "", ""), Rows(model.begin(), model.end()));
    const auto row = overlay.get(begin);
    ASSERT_EQ(row.value().value_or("-"), model.contains(begin) ? model[begin] : "-");
  }
  EXPECT_EQ(scan(*base, "", ""), before);
  ASSERT_TRUE(overlay.clear().has_value());
  EXPECT_TRUE(scan(*overlay.snapshot(), "", "").empty());
  EXPECT_EQ(scan(*base, "", ""), before);
}

TEST(OverlayTables, BytesGrowAndShrinkWithWhatIsKept) {
  OverlayTables overlay(a_base()->snapshot());
  EXPECT_EQ(overlay.bytes(), 0U);
  Batch batch;
  batch.put("a", std::string(10'000, 'x'));
  batch.put("new", std::string(10'000, 'x'));
  ASSERT_TRUE(overlay.write(batch).has_value());
  EXPECT_GE(overlay.bytes(), 20'000U);
  EXPECT_LT(overlay.bytes(), 21'000U);
  batch.clear();
  batch.put("a", "small");
  batch.erase("new");
  ASSERT_TRUE(overlay.write(batch).has_value());
  EXPECT_LT(overlay.bytes(), 1'000U);
  ASSERT_TRUE(overlay.clear().has_value());
  EXPECT_EQ(overlay.bytes(), 0U);
}

}  // namespace
}  // namespace billing::store
