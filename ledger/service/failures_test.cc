// What the ledger does when the disk is full or fails, and when the clock is wrong.
#include "ledger/service/ledger_testing.h"

namespace billing::service {
namespace {

using testing::LedgerTest;
using testing::Story;

TEST_F(LedgerTest, AfterAFailedWriteEverythingIsRefusedUntilTheDiskIsSoundAgain) {
  given_account();
  log.broken = true;
  EXPECT_EQ(code(order("p", story.pay(1, 100))), "outcome-unknown");
  EXPECT_EQ(code(order("q", story.pay(1, 100))), "read-only");
  EXPECT_EQ(log.head().position, 2U);
  EXPECT_EQ(ledger->stats().writing, Writing::kFailed);
  log.broken = false;
  std::string last = "read-only";
  for (int tries = 0; last == "read-only" && tries < 1'000; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    last = code(order("q", story.pay(1, 100)));
  }
  EXPECT_EQ(last, "");
  EXPECT_EQ(ledger->stats().writing, Writing::kFine);
  EXPECT_EQ(code(order("p", story.pay(1, 100))), "");
  EXPECT_EQ(log.head().position, 4U);
}
TEST_F(LedgerTest, AClockThatIsFarFromTheLastEventIsRefusedAndOneThatIsRightAgainGoesOn) {
  constexpr std::int64_t kHour = 3'600'000'000;
  LedgerOptions options;
  options.clock = {.ahead_micros_max = 48 * kHour, .behind_micros_max = kHour};
  reopen(options);
  given_account();
  const Instant last = ledger->recorded();
  const auto at = [&](const std::string& id, std::int64_t micros) {
    Order one = order(id, story.pay(1, 100));
    one.context.now = {last.micros + micros};
    return code(std::move(one));
  };
  EXPECT_EQ(at("years ahead", 10'000 * kHour), "clock-wrong");
  EXPECT_EQ(at("behind", -2 * kHour), "clock-wrong");
  EXPECT_EQ(at("a little behind", -kHour / 2), "");
  EXPECT_EQ(ledger->recorded(), last) << "recorded times never fall";
  EXPECT_EQ(at("a day later", 24 * kHour), "");
  EXPECT_EQ(ledger->recorded().micros, last.micros + 24 * kHour);
  EXPECT_TRUE(check_clock(options.clock, Instant{}, last)) << "of an empty log every time is right";
}
TEST_F(LedgerTest, AStoreThatFailsWhileNobodyWritesIsSeenAndOpenedAnew) {
  given_account();
  log.broken = log.failed = true;
  const auto becomes = [&](Writing wanted) {
    for (int tries = 0; ledger->stats().writing != wanted && tries < 1'000; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return ledger->stats().writing == wanted;
  };
  EXPECT_TRUE(becomes(Writing::kFailed));
  log.broken = false;
  EXPECT_TRUE(becomes(Writing::kFine));
  EXPECT_EQ(code(order("p", story.pay(1, 100))), "");
}
TEST_F(LedgerTest, WhatWasDecidedBeforeTheStoreFailedIsInTheLogOrFailedBeforeItIsOpenedAnew) {
  given_account();
  auto answers = queue_during_a_commit({order("p", story.pay(1, 100)), order("q", story.pay(1, 200))});
  log.failed = true;  // behind the commit that is under way
  while (ledger->stats().writing != Writing::kFailed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  log.held = false;
  for (auto& answer : answers) EXPECT_EQ(answer.get(), "");
  std::string last = "read-only";
  for (int tries = 0; last == "read-only" && tries < 1'000; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    last = code(order("r", story.pay(1, 300)));
  }
  EXPECT_EQ(last, "");
  EXPECT_EQ(log.head().position, 5U);
  EXPECT_EQ(ledger->stats().writing, Writing::kFine);
}
TEST_F(LedgerTest, WhyTheLogCannotBeOpenedAnewIsToldOnce) {
  std::mutex mutex;
  std::vector<std::string> told;
  LedgerOptions options;
  options.on_writing = [&](Writing now, const std::string& why) {
    const std::lock_guard lock(mutex);
    told.push_back((now == Writing::kFailed ? "failed: " : "") + why);
  };
  reopen(options);
  given_account();
  log.broken = log.lost = true;
  code(order("p", story.pay(1, 100)));
  for (int tries = 0; tries < 250; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    code(order("q", story.pay(1, 100)));
  }
  ledger->stop();
  const std::lock_guard lock(mutex);
  EXPECT_EQ(told, (std::vector<std::string>{"failed: broken", "failed: lost"}));
}
TEST_F(LedgerTest, WhetherItIsWrittenIsToldWhenItChanges) {
  std::vector<std::pair<Writing, std::string>> told;
  LedgerOptions options;
  options.on_writing = [&](Writing now, const std::string& why) { told.emplace_back(now, why); };
  reopen(options);
  given_account();
  log.full = true;
  for (const char* id : {"p", "q"}) EXPECT_EQ(code(order(id, story.pay(1, 100))), "storage-full");
  EXPECT_EQ(ledger->stats().writing, Writing::kFull);
  log.full = false;
  EXPECT_EQ(code(order("p", story.pay(1, 100))), "");
  log.broken = true;
  for (const char* id : {"r", "s"}) code(order(id, story.pay(1, 100)));
  ledger->stop();
  EXPECT_EQ(told, (std::vector<std::pair<Writing, std::string>>{
                      {Writing::kFull, "full"}, {Writing::kFine, "there is space again"}, {Writing::kFailed, "broken"}}));
}
TEST_F(LedgerTest, AFullDiskRefusesAndThenGoesOnWithoutARestart) {
  given_account();
  log.full = true;
  EXPECT_EQ(code(order("p", story.pay(1, 100))), "storage-full");
  EXPECT_EQ(code(order("p", story.pay(1, 100))), "storage-full");
  log.full = false;
  const auto paid = run(order("p", story.pay(1, 100)));
  ASSERT_TRUE(paid.has_value());
  EXPECT_FALSE(paid->repeated);
  EXPECT_EQ(paid->first, 3U);
}
TEST_F(LedgerTest, NothingThatWasDecidedOnAFailedCommitIsAnsweredAsDone) {
  given_account();
  log.broken = true;
  auto answers = queue_during_a_commit({order("p", story.pay(1, 100)), order("p", story.pay(1, 100)),
                                        order("q", story.pay(1, 200)), order("r", story.pay(2, 1))});
  log.held = false;
  for (auto& answer : answers) EXPECT_EQ(answer.get(), "outcome-unknown");
  EXPECT_EQ(code(order("q", story.pay(1, 200))), "read-only");
  EXPECT_EQ(log.head().position, 2U);
}
TEST_F(LedgerTest, WhatWasDecidedOnACommitThatTheFullDiskRefusedMayBeSentAgain) {
  given_account();
  log.full = true;
  auto answers = queue_during_a_commit({order("a2", account(2)), order("p", story.pay(2, 100))});
  log.held = false;
  for (auto& answer : answers) EXPECT_EQ(answer.get(), "storage-full");
  log.full = false;
  EXPECT_EQ(code(order("p", story.pay(2, 100))), "unknown-account");
  EXPECT_EQ(code(order("a2", account(2))), "");
  EXPECT_EQ(code(order("p", story.pay(2, 100))), "");
  EXPECT_EQ(log.head().position, 4U);
}
TEST_F(LedgerTest, RecordedTimesNeverGoBackWhenTheClockDoes) {
  ASSERT_EQ(code(order("c", customer())), "");
  auto past = order("a", account(1));
  past.context.now.micros -= 3'600'000'000;
  const auto receipt = run(past);
  Instant first;
  ASSERT_TRUE(log.read(1, 1, [&](const store::Record& record) {
    first = codec::decode(record, nullptr)->recorded;
    return true;
  }));
  EXPECT_GE(receipt->events.front().recorded, first);
}
TEST_F(LedgerTest, ARecordThatIsNotTheNextOneIsRefusedByTheFold) {
  given_account();
  Fold fold;
  ASSERT_TRUE(log.read(2, 1, [&](const store::Record& record) {
    const auto outcome = fold.apply(*codec::decode(record, nullptr));
    EXPECT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, Code::kCorruptRecord);
    return true;
  }));
}

}  // namespace
}  // namespace billing::service
