// The projector's thread: following, waiting, lag, failure.
#include "projections/projector.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "projections/checkpoints_testing.h"
#include "projections/history_testing.h"
#include "projections/verify.h"

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

// Tables of a disk that fails for a while: each write from the `good`-th on, until it was tried `tries` times to go on.
class FailingTables final : public store::Tables {
 public:
  FailingTables(std::unique_ptr<store::Tables> tables, int good, int tries) : tables_(std::move(tables)), good_(good), tries_(tries) {}
  Result<void> write(const store::Batch& batch) override {
    if (failing_ || good_-- == 0) {
      failing_ = true;
      return refuse(Code::kStorageFailure, "no room");
    }
    return tables_->write(batch);
  }
  std::unique_ptr<const store::Snapshot> snapshot() const override { return tables_->snapshot(); }
  Result<std::optional<std::string>> get(std::string_view key) const override { return tables_->get(key); }
  Result<void> clear() override { return tables_->clear(); }
  Result<void> reopen() override {
    if (--tries_ > 0) return refuse(Code::kStorageFailure, "no room");
    failing_ = false;
    return {};
  }

 private:
  const std::unique_ptr<store::Tables> tables_;
  int good_, tries_;
  bool failing_ = false;
};

TEST(Projector, AfterAFailedWriteItGoesOnByItselfAndTheRowsAreThoseOfTheLog) {
  RandomHistory made(23);
  made.run(300);
  auto memory = store::make_memory_tables();
  ASSERT_TRUE(rebuild_views(made.history.log(), made.history.keys(), *memory, 20).has_value());
  FailingTables tables(std::move(memory), 1, 2);
  Views views(made.history.log(), made.history.keys(), tables);
  ProjectorOptions options = options_at(made.history);
  options.batch_events_max = 10;
  std::vector<std::string> told;  // by the projector's thread
  std::atomic<std::int64_t> lag_while_failing = 0;
  bool failing = false;
  options.on_trouble = [&](const Error* error) {
    failing = error != nullptr;
    told.push_back(error == nullptr ? "goes on" : error->detail);
  };
  options.on_lag = [&](std::int64_t seconds) {
    if (failing) lag_while_failing = seconds;
  };
  options.on_failure = [](const Error& error) { ADD_FAILURE() << error.detail; };
  const auto projector = Projector::start(made.history.log(), made.history.keys(), tables, views, options);
  ASSERT_TRUE(projector.has_value());
  EXPECT_TRUE(views.wait_for(30, 10s).has_value());
  for (int i = 0; i < 500 && !(*projector)->metrics().failure; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ((*projector)->metrics().failure->code, Code::kStorageFailure);
  EXPECT_FALSE((*projector)->metrics().stopped);
  EXPECT_EQ((*projector)->metrics().position, 30U);
  ASSERT_TRUE(views.wait_for(made.history.head(), 30s).has_value());
  (*projector)->stop();
  EXPECT_GT(lag_while_failing, 3'600) << "the writer sheds load by it";
  EXPECT_EQ(told, (std::vector<std::string>{"no room", "goes on"})) << "each told once";
  EXPECT_FALSE((*projector)->metrics().failure.has_value());
  EXPECT_EQ(digest(*tables.snapshot()), folded_digest(made.history, made.history.head()));
}

}  // namespace
}  // namespace billing::views
