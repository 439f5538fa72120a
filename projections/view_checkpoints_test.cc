// Where checkpoints of the views are made, which are kept, which are not trusted.
#include "projections/view_checkpoints.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ledger/store/store_testing.h"
#include "projections/checkpoints_testing.h"
#include "projections/fold.h"

namespace billing::views {
namespace {

using Numbers = std::vector<std::uint64_t>;

TEST(ViewCheckpoints, TheyStayEvenlySpreadAndFewHoweverLongTheLogGets) {
  const auto log = store::make_memory_log();
  const auto tables = store::make_memory_tables();
  const auto copies = store::make_memory_checkpoints(*tables);
  const auto checkpoints = ViewCheckpoints::open(*log, *copies, {.interval = 10, .kept_max = 4, .on_problem = {}});
  ASSERT_TRUE(checkpoints.has_value());
  for (Position at = 0; at < 2'000;) {
    const Position due = (*checkpoints)->next(at);
    ASSERT_GT(due, at);
    ASSERT_LE(due - at, std::max<Position>(10, at));
    at = std::min(due, at + 7);  // batches of at most 7
    (*checkpoints)->reached(at);
    const std::uint64_t step = (*checkpoints)->interval(at);
    Numbers expected;
    for (Position one = step; one <= at; one += step) expected.push_back(one);
    ASSERT_EQ(copies->list(), expected) << at;
    ASSERT_LE(expected.size(), 4U);
    ASSERT_EQ((*checkpoints)->kept(), expected.size());
    if (at >= 50) ASSERT_GE(expected.size(), 2U);
  }
  EXPECT_EQ((*checkpoints)->interval(2'000), 640U);
}

TEST(ViewCheckpoints, TheProjectorMakesThemWithTheRowsOfTheirPosition) {
  for (const std::size_t batch : {std::size_t{7}, std::size_t{64}, std::size_t{8'192}}) {
    RandomHistory made(31);
    made.run(400);
    const auto tables = store::make_memory_tables();
    const auto copies = store::make_memory_checkpoints(*tables);
    const auto checkpoints =
        ViewCheckpoints::open(made.history.log(), *copies, {.interval = 50, .kept_max = 4, .on_problem = {}});
    Views views(made.history.log(), made.history.keys(), *tables);
    follow(made.history, *tables, views, checkpoints->get(), batch);
    ASSERT_GE(copies->list().size(), 2U);
    for (const std::uint64_t position : copies->list()) {
      EXPECT_EQ(digest(**copies->open(position)).value(), folded_digest(made.history, position)) << position;
    }
    const std::uint64_t step = copies->list().front();
    EXPECT_EQ((*checkpoints)->nearest(step - 1).rows, nullptr);
    EXPECT_EQ((*checkpoints)->nearest(step).position, step);
    EXPECT_EQ((*checkpoints)->nearest(2 * step - 1).position, step);
    EXPECT_EQ((*checkpoints)->nearest(2 * step).position, 2 * step);
  }
}

TEST(ViewCheckpoints, ThoseOfAnotherLogFormatOrPositionAreDroppedAtTheStart) {
  RandomHistory made(32), other(33);
  made.run(200);
  other.run(200);
  const auto tables = store::make_memory_tables();
  const auto copies = store::make_memory_checkpoints(*tables);
  const auto keep = [&](History& history, Position position, std::uint64_t number) {
    ASSERT_TRUE(rebuild_views(history.log(), history.keys(), *tables, position).has_value());
    ASSERT_TRUE(copies->make(number).has_value());
  };
  keep(made.history, 40, 40);
  keep(made.history, 60, 61);
  keep(other.history, 80, 80);
  keep(made.history, 100, 100);
  store::Batch batch;
  CheckpointRow row{.format = kRowFormat + 1, .position = 120, .hash = std::string(32, 'h')};
  const std::string bytes = row_bytes(row);
  batch.put(checkpoint_key().bytes(), bytes);
  ASSERT_TRUE(tables->write(batch).has_value());
  ASSERT_TRUE(copies->make(120).has_value());
  std::vector<std::string> told;
  const auto checkpoints = ViewCheckpoints::open(
      made.history.log(), *copies, {.interval = 20, .kept_max = 16, .on_problem = [&](const std::string& what) {
                                      told.push_back(what);
                                    }});
  ASSERT_TRUE(checkpoints.has_value());
  EXPECT_EQ(copies->list(), (Numbers{40, 100}));
  EXPECT_EQ((*checkpoints)->nearest(90).position, 40U);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_NE(told[0].find("position 61"), std::string::npos) << told[0];
}

TEST(ViewCheckpoints, ViewsThatAreRebuiltMakeThemAnew) {
  RandomHistory made(34);
  made.run(200);
  const auto tables = store::make_memory_tables();
  const auto copies = store::make_memory_checkpoints(*tables);
  ASSERT_TRUE(rebuild_views(made.history.log(), made.history.keys(), *tables, 40).has_value());
  store::Batch batch;
  batch.put("\x7f", "a row that no fold makes");
  ASSERT_TRUE(tables->write(batch).has_value());
  ASSERT_TRUE(copies->make(40).has_value());
  ASSERT_TRUE(tables->clear().has_value());
  const auto checkpoints =
      ViewCheckpoints::open(made.history.log(), *copies, {.interval = 20, .kept_max = 1'000, .on_problem = {}});
  EXPECT_EQ(copies->list(), Numbers{40});
  Views views(made.history.log(), made.history.keys(), *tables);
  follow(made.history, *tables, views, checkpoints->get());
  ASSERT_GE(copies->list().size(), 2U);
  EXPECT_EQ(copies->list().front(), 20U);
  EXPECT_EQ(digest(**copies->open(40)).value(), folded_digest(made.history, 40));
}

TEST(ViewCheckpoints, AFullDiskCostsACheckpointAndNothingElse) {
  RandomHistory made(35);
  made.run(200);
  const auto tables = store::make_memory_tables();
  FragileCheckpoints copies(*tables);
  copies.full = true;
  std::atomic<int> told = 0;
  const auto checkpoints = ViewCheckpoints::open(
      made.history.log(), copies, {.interval = 50, .kept_max = 16, .on_problem = [&](const std::string&) { ++told; }});
  Views views(made.history.log(), made.history.keys(), *tables);
  follow(made.history, *tables, views, checkpoints->get());
  EXPECT_GT(told, 0);
  EXPECT_EQ((*checkpoints)->kept(), 0U);
  EXPECT_EQ(digest(*tables->snapshot()).value(), folded_digest(made.history, made.history.head()));
}

TEST(ViewCheckpoints, OnDiskTheySurviveARestart) {
  RandomHistory made(36);
  made.run(300);
  const store::testing::TempDirectory directory;
  for (int start = 0; start < 2; ++start) {
    auto tables = store::open_rocks_tables({.directory = directory.path("views")});
    ASSERT_TRUE(tables.has_value());
    std::vector<store::DroppedCheckpoint> dropped;
    auto copies = store::open_rocks_checkpoints(**tables, {.directory = directory.path("copies")}, &dropped);
    ASSERT_TRUE(copies.has_value() && dropped.empty());
    const auto checkpoints =
        ViewCheckpoints::open(made.history.log(), **copies, {.interval = 100, .kept_max = 8, .on_problem = {}});
    ASSERT_TRUE(checkpoints.has_value());
    EXPECT_EQ((*checkpoints)->kept() > 0, start > 0);
    Views views(made.history.log(), made.history.keys(), **tables);
    follow(made.history, **tables, views, checkpoints->get());
    for (const std::uint64_t position : (*copies)->list()) {
      EXPECT_EQ(digest(**(*copies)->open(position)).value(), folded_digest(made.history, position)) << position;
    }
    made.run(50);
  }
}

}  // namespace
}  // namespace billing::views
