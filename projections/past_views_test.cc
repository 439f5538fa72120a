// The views at any position of the log: the same rows as a fold up to it, within limits, whatever is damaged.
#include "projections/past_views.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "projections/checkpoints_testing.h"

namespace billing::views {
namespace {

// A history whose views are at its head, with checkpoints.
class PastViewsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    build(51, 400, {.interval = 100, .kept_max = 100, .on_problem = {}});
    ASSERT_GT(history().head(), 250U);
  }
  void build(std::uint64_t seed, std::size_t commands, CheckpointOptions options) {
    made_ = std::make_unique<RandomHistory>(seed);
    made_->run(commands);
    tables_ = store::make_memory_tables();
    copies_ = std::make_unique<FragileCheckpoints>(*tables_);
    options.on_problem = [this](const std::string& what) { told_ = what; };
    checkpoints_ = *ViewCheckpoints::open(history().log(), *copies_, options);
    views_ = std::make_unique<Views>(history().log(), history().keys(), *tables_);
    follow(history(), *tables_, *views_, checkpoints_.get());
  }
  std::unique_ptr<PastViews> past(PastOptions options = {}) {
    return std::make_unique<PastViews>(history().log(), history().keys(), *views_, *checkpoints_, options);
  }
  History& history() { return made_->history; }
  void expect_exact(const PastJob::Answer& answer, Position position) {
    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    EXPECT_EQ((*answer)->position(), position);
    EXPECT_EQ(digest((*answer)->rows()).value(), folded_digest(history(), position)) << position;
  }

  std::unique_ptr<RandomHistory> made_;
  std::unique_ptr<store::Tables> tables_;
  std::unique_ptr<FragileCheckpoints> copies_;
  std::unique_ptr<ViewCheckpoints> checkpoints_;
  std::unique_ptr<Views> views_;
  std::string told_;  // by the job's thread, read after its answer
};

RC_GTEST_FIXTURE_PROP(PastViewsTest, RowsAtAnyPositionAreThoseOfAFoldUpToIt, ()) {
  build(*rc::gen::inRange<std::uint64_t>(1, 1'000'000), 100,
        {.interval = *rc::gen::inRange<std::uint64_t>(10, 200), .kept_max = *rc::gen::inRange<std::size_t>(1, 8),
         .on_problem = {}});
  const auto past = this->past({.batch_events = *rc::gen::inRange<std::size_t>(1, 200)});
  for (int i = 0; i < 4; ++i) {
    const Position position = *rc::gen::inRange<Position>(1, history().head() + 1);
    const auto answer = ask(*past, position);
    RC_ASSERT(answer.has_value());
    RC_ASSERT((*answer)->position() == position);
    RC_ASSERT(digest((*answer)->rows()).value() == folded_digest(history(), position));
  }
}

TEST_F(PastViewsTest, PositionsThatAreNoneAreRefused) {
  const auto past = this->past();
  EXPECT_EQ(past->at(0).error().code, Code::kInvalidParameter);
  EXPECT_EQ(past->at(history().head() + 1).error().code, Code::kPositionNotReached);
}

TEST_F(PastViewsTest, ThePositionOfTheViewsThemselvesNeedsNoJob) {
  const auto past = this->past();
  const auto job = past->at(history().head());
  ASSERT_TRUE(job.has_value());
  ASSERT_TRUE((*job)->answer().has_value());
  expect_exact(*(*job)->answer(), history().head());
  EXPECT_EQ(past->metrics().done, 0U);
}

TEST_F(PastViewsTest, EqualPositionsShareAJobAndItsResultIsKept) {
  const auto past = this->past();
  copies_->shut = true;
  const auto first = past->at(150), second = past->at(150);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(*first, *second);
  EXPECT_FALSE((*first)->answer().has_value());
  copies_->shut = false;
  expect_exact(wait_for(**first), 150);
  EXPECT_EQ(*past->at(150), *first);
  const auto metrics = past->metrics();
  EXPECT_EQ(metrics.done, 1U);
  EXPECT_EQ(metrics.kept, 1U);
  EXPECT_EQ(metrics.events, 50U);
  EXPECT_GT(metrics.bytes_kept, 0U);
  EXPECT_GT(metrics.micros, 0U);
}

TEST_F(PastViewsTest, TheResultThatNobodyAskedForLongestMakesRoom) {
  const auto past = this->past({.kept_max = 2});
  for (const Position position : {Position{110}, Position{120}, Position{110}, Position{130}, Position{110}}) {
    expect_exact(ask(*past, position), position);
  }
  EXPECT_EQ(past->metrics().done, 3U);  // 110 stayed
  expect_exact(ask(*past, 120), 120);
  EXPECT_EQ(past->metrics().done, 4U);
  EXPECT_EQ(past->metrics().kept, 2U);
}

TEST_F(PastViewsTest, MorePositionsThanMayWaitAreRefusedAndTheOthersAnswered) {
  const auto past = this->past({.waiting_max = 3});
  copies_->shut = true;
  std::vector<std::shared_ptr<const PastJob>> jobs{*past->at(101)};
  while (!past->metrics().running) std::this_thread::yield();
  for (Position position = 102; position <= 104; ++position) jobs.push_back(*past->at(position));
  EXPECT_EQ(past->at(105).error().code, Code::kTooManyRequests);
  EXPECT_TRUE(past->at(103).has_value());  // it waits already
  EXPECT_EQ(past->metrics().waiting, 3U);
  EXPECT_EQ(past->metrics().refused, 1U);
  copies_->shut = false;
  for (Position position = 101; position <= 104; ++position) expect_exact(wait_for(*jobs[position - 101]), position);
}

TEST_F(PastViewsTest, AJobThatIsTooLongOrTooLargeIsRefused) {
  const auto short_ones = this->past({.events_max = 49});
  EXPECT_EQ(ask(*short_ones, 150).error().code, Code::kPastTooFar);
  expect_exact(ask(*short_ones, 149), 149);
  const auto small_ones = this->past({.bytes_max = 10'000, .batch_events = 10});
  EXPECT_EQ(ask(*small_ones, 190).error().code, Code::kPastTooFar);
  expect_exact(ask(*small_ones, 101), 101);
  EXPECT_EQ(small_ones->metrics().failed, 1U);
}

TEST_F(PastViewsTest, StoppingEndsTheJobAtWorkAndThoseThatWait) {
  const auto past = this->past({.batch_events = 1});
  copies_->shut = true;
  const auto working = *past->at(199);
  while (!past->metrics().running) std::this_thread::yield();
  const auto waiting = *past->at(150);
  std::thread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    copies_->shut = false;
  });
  past->stop();
  opener.join();
  EXPECT_EQ(working->answer().value().error().code, Code::kShuttingDown);
  EXPECT_EQ(waiting->answer().value().error().code, Code::kShuttingDown);
  EXPECT_EQ(past->at(150).error().code, Code::kShuttingDown);
}

TEST_F(PastViewsTest, ADamagedCheckpointIsDroppedAndTheFoldBeginsEarlier) {
  copies_->bad100 = true;
  const auto past = this->past();
  expect_exact(ask(*past, 150), 150);
  EXPECT_NE(told_.find("position 100"), std::string::npos) << told_;
  EXPECT_NE(copies_->list().front(), 100U);
  EXPECT_EQ(past->metrics().done, 1U);
}

TEST_F(PastViewsTest, ACheckpointThatIsDamagedAfterTheJobNeverAnswersWrongly) {
  const auto past = this->past();
  const auto before = ask(*past, 101);
  expect_exact(before, 101);
  copies_->bad100 = true;
  EXPECT_FALSE(digest((*before)->rows()).has_value());
  expect_exact(ask(*past, 101), 101);
  EXPECT_NE(told_.find("position 100"), std::string::npos) << told_;
}

TEST_F(PastViewsTest, AnAnswerDoesNotChangeWhileTheLogGrows) {
  const auto past = this->past({.kept_max = 1});
  const Position position = history().head();
  const auto before = digest((*ask(*past, position))->rows()).value();
  made_->run(200);
  follow(history(), *tables_, *views_, checkpoints_.get());
  ASSERT_GT(views_->position(), position);
  EXPECT_EQ(digest((*ask(*past, position))->rows()).value(), before);
}

}  // namespace
}  // namespace billing::views
