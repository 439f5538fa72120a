// The projector's thread: following, waiting, lag, failure.
#include "projections/projector.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "projections/history_testing.h"

namespace billing::views {
namespace {

using namespace std::chrono_literals;

ProjectorOptions options_at(const History& history) {
  ProjectorOptions options;
  options.now = [&history] { return Instant{(history.today.days + 1) * 86'400'000'000LL}; };
  return options;
}

TEST(Projector, WaitForGivesAReaderThatHasThePosition) {
  History history;
  const auto tables = store::make_memory_tables();
  Views views(history.log(), history.keys(), *tables);
  const auto projector = Projector::start(history.log(), history.keys(), *tables, views, options_at(history));
  ASSERT_TRUE(projector.has_value());
  const auto made = history.made<customer::Created>(
      customer::Create{.id = {}, .name = "Acme", .currency = *Currency::parse("USD"), .external_id = {}});
  const auto reader = views.wait_for(history.head(), 10s);
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ((*reader)->customer(made.id)->name, "Acme");
  EXPECT_EQ((*projector)->metrics().lag_events, 0U);
  EXPECT_EQ((*projector)->metrics().lag_seconds, 0);
}

TEST(Projector, APositionThatDoesNotComeIsRefusedInTime) {
  History history;
  const auto tables = store::make_memory_tables();
  const Views views(history.log(), history.keys(), *tables);
  const auto reader = views.wait_for(1, 10ms);
  ASSERT_FALSE(reader.has_value());
  EXPECT_EQ(reader.error().code, Code::kPositionNotReached);
}

TEST(Projector, LagIsTheAgeOfTheOldestMissingEvent) {
  RandomHistory made(21);
  made.run(300);
  const auto tables = store::make_memory_tables();
  ASSERT_TRUE(rebuild_views(made.history.log(), made.history.keys(), *tables, 20).has_value());
  Views views(made.history.log(), made.history.keys(), *tables);
  ProjectorOptions options = options_at(made.history);
  options.batch_events_max = 10;
  std::atomic<std::int64_t> longest = 0, last = -1;
  options.on_lag = [&](std::int64_t seconds) {
    if (seconds > longest) longest = seconds;
    last = seconds;
  };
  const auto projector = Projector::start(made.history.log(), made.history.keys(), *tables, views, options);
  ASSERT_TRUE(projector.has_value());
  ASSERT_TRUE(views.wait_for(made.history.head(), 30s).has_value());
  (*projector)->stop();
  EXPECT_GT(longest, 3'600);  // the first events are more than an hour older than "now"
  EXPECT_EQ(last, 0);
  const ProjectorMetrics metrics = (*projector)->metrics();
  EXPECT_EQ(metrics.events_applied, made.history.head() - 20);
  EXPECT_FALSE(metrics.rebuilding);
}

TEST(Projector, ViewsThatAreBuiltFromNothingAskNobodyToShedLoad) {
  RandomHistory made(22);
  made.run(300);
  const auto tables = store::make_memory_tables();
  Views views(made.history.log(), made.history.keys(), *tables);
  ProjectorOptions options = options_at(made.history);
  options.batch_events_max = 10;
  std::atomic<std::int64_t> longest = 0;
  options.on_lag = [&](std::int64_t seconds) { longest = std::max<std::int64_t>(longest, seconds); };
  const auto projector = Projector::start(made.history.log(), made.history.keys(), *tables, views, options);
  ASSERT_TRUE(projector.has_value());
  ASSERT_TRUE(views.wait_for(made.history.head(), 30s).has_value());
  (*projector)->stop();
  EXPECT_EQ(longest, 0);
}

TEST(Projector, ARecordThatCannotBeReadStopsItWithItsError) {
  History history;
  const auto log = store::make_memory_log();
  store::Record record;
  record.position = 1;
  record.public_part = "not an envelope";
  ASSERT_TRUE(log->commit({&record, 1}, {}).has_value());
  const auto tables = store::make_memory_tables();
  Views views(*log, nullptr, *tables);
  ProjectorOptions options = options_at(history);
  std::atomic<bool> failed = false;
  options.on_failure = [&](const Error& error) { failed = error.code == Code::kCorruptRecord; };
  const auto projector = Projector::start(*log, nullptr, *tables, views, options);
  ASSERT_TRUE(projector.has_value());
  for (int i = 0; i < 1'000 && !failed; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(failed);
  EXPECT_TRUE((*projector)->metrics().failure.has_value());
}

}  // namespace
}  // namespace billing::views
