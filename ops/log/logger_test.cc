// The logger: what a line looks like, what is left out, what is dropped.
#include "ops/log/logger.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <condition_variable>
#include <thread>
#include <vector>

namespace billing::ops::log {
namespace {

using std::chrono::system_clock;
using namespace std::chrono_literals;

const Line kLine{system_clock::time_point(1'795'788'518'000'007us), Level::kWarning, "store_full", "no \"space\"\n",
                 {{"free_bytes", std::uint64_t{7}}, {"delta", -3}, {"on", true}, {"path", "a b"}, {"code", "full"}}};

TEST(LineTest, AJsonLineHasItsTimeInMicrosecondsAndTypedFields) {
  EXPECT_EQ(json_line(kLine),
            R"({"time":"2026-11-27T14:08:38.000007Z","level":"warning","event":"store_full","message":"no \"space\"\n",)"
            R"("free_bytes":7,"delta":-3,"on":true,"path":"a b","code":"full"})");
}

TEST(LineTest, APlainLineQuotesWhatHasBlanks) {
  EXPECT_EQ(plain_line(kLine), "2026-11-27T14:08:38.000007Z warning store_full: no \"space\"  free_bytes=7 delta=-3 on=true "
                               "path=\"a b\" code=full");
}

TEST(LineTest, NoTextBreaksOutOfItsLineOrItsQuotes) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  for (const std::string& text : {all, std::string("\xC3"), std::string("a\",\"level\":\"x"), std::string("\r\n{}"), std::string(1, '\0')}) {
    const Line line{{}, Level::kInfo, "event", text, {{"field", text}}};
    const std::string json = json_line(line);
    EXPECT_EQ(json.find_first_of("\n\r"), std::string::npos);
    simdjson::dom::parser parser;
    simdjson::dom::element parsed;
    ASSERT_EQ(parser.parse(json).get(parsed), simdjson::SUCCESS) << json;
    EXPECT_EQ(parsed.get_object().size(), 5U) << json;
    EXPECT_EQ(plain_line(line).find_first_of("\n\r\x1b"), std::string::npos);
  }
}

TEST(LineTest, ALongTextIsCutBetweenCharacters) {
  const std::string text = std::string(kTextMax - 1, 'x') + "äöü";
  const std::string json = json_line({{}, Level::kInfo, "event", text, {}});
  EXPECT_NE(json.find("xx\"}"), std::string::npos) << json.substr(json.size() - 20);
  EXPECT_LT(json.size(), kTextMax + 100);
}

class LoggerTest : public ::testing::Test {
 protected:
  LoggerOptions options() {
    LoggerOptions made;
    made.json = false;
    made.now = [this] { return now_; };
    made.write = [this](std::string_view line) {
      std::unique_lock lock(mutex_);
      ++begun_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
      lines_.emplace_back(line.substr(line.find(' ') + 1));
      return good_;
    };
    return made;
  }
  void set_open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void wait_for_the_first_line() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, 10s, [this] { return begun_ > 0; }));
  }

  system_clock::time_point now_{1'000'000s};
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool open_ = true;
  bool good_ = true;
  int begun_ = 0;
  std::vector<std::string> lines_;
};

TEST_F(LoggerTest, LinesBelowTheLevelAreNothing) {
  Logger logger(options());
  logger.write(Level::kDebug, "quiet", {}, {});
  logger.set_level(Level::kDebug);
  logger.write(Level::kDebug, "heard", {}, {});
  logger.close();
  EXPECT_EQ(lines_, std::vector<std::string>{"debug   heard\n"});
}

TEST_F(LoggerTest, RepeatedLinesOfOneEventAreLeftOutAndCounted) {
  auto given = options();
  given.lines_per_window_max = 2;
  Logger logger(std::move(given));
  for (int i = 0; i < 5; ++i) logger.write(Level::kInfo, "often", {}, {{"i", i}});
  logger.write(Level::kInfo, "other", {}, {});
  now_ += 9s;
  logger.settle();
  now_ += 1s;
  logger.settle();
  logger.settle();
  logger.write(Level::kInfo, "often", {}, {{"i", 5}});
  logger.close();
  EXPECT_EQ(lines_, (std::vector<std::string>{
                        "info    often i=0\n", "info    often i=1\n", "info    other\n",
                        "warning lines_left_out: lines of this event were too many and are not in the log of=often lines=3\n",
                        "info    often i=5\n"}));
}

TEST_F(LoggerTest, WhatWasLeftOutIsToldAtTheEndToo) {
  auto given = options();
  given.lines_per_window_max = 1;
  Logger logger(std::move(given));
  for (int i = 0; i < 3; ++i) logger.write(Level::kInfo, "often", {}, {});
  logger.close();
  ASSERT_EQ(lines_.size(), 2U);
  EXPECT_NE(lines_.back().find("of=often lines=2"), std::string::npos);
}

TEST_F(LoggerTest, ADiskThatHangsHoldsUpNobodyAndDroppedLinesAreCounted) {
  auto given = options();
  given.access_queue_max = 8;
  set_open(false);
  Logger logger(std::move(given));
  logger.access({{"i", 0}});
  wait_for_the_first_line();
  for (int i = 1; i <= 20; ++i) logger.access({{"i", i}});
  EXPECT_EQ(logger.dropped(), 12U);
  set_open(true);
  logger.close();
  ASSERT_EQ(lines_.size(), 9U);
  EXPECT_EQ(lines_.back(), "info    request i=20\n");
}

TEST_F(LoggerTest, TheAccessLogDoesNotCrowdOutEvents) {
  auto given = options();
  given.queue_max = 2;
  given.access_queue_max = 2;
  set_open(false);
  Logger logger(std::move(given));
  logger.write(Level::kError, "first", {}, {});
  wait_for_the_first_line();
  logger.write(Level::kError, "matters", {}, {});
  for (int i = 0; i < 100; ++i) logger.access({{"i", i}});
  set_open(true);
  logger.close();
  EXPECT_EQ(std::ranges::count(lines_, "error   matters\n"), 1);
}

TEST_F(LoggerTest, AWriteThatNeverReturnsDoesNotHoldUpTheEnd) {
  set_open(false);
  {
    auto given = options();
    given.close_at_most = 50ms;
    Logger logger(std::move(given));
    logger.write(Level::kInfo, "stuck", {}, {});
    wait_for_the_first_line();
    logger.write(Level::kInfo, "waits", {}, {});
    logger.close();
    logger.write(Level::kInfo, "late", {}, {});
  }
  set_open(true);
  // The thread that was given up is done with this fixture once both lines are there.
  for (int i = 0; i < 1'000; ++i) {
    {
      const std::lock_guard lock(mutex_);
      if (lines_.size() == 2) break;
    }
    std::this_thread::sleep_for(10ms);
  }
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(lines_, (std::vector<std::string>{"info    stuck\n", "info    waits\n"}));
}

TEST_F(LoggerTest, LostLinesAreToldOnce) {
  auto given = options();
  given.access_queue_max = 8;
  set_open(false);
  Logger logger(std::move(given));
  logger.access({{"i", 0}});
  wait_for_the_first_line();
  for (int i = 1; i <= 20; ++i) logger.access({{"i", i}});
  logger.settle();
  logger.settle();
  set_open(true);
  logger.close();
  EXPECT_EQ(std::ranges::count(lines_, "warning lines_dropped: lines could not be written, or came faster than they could be, and are "
                                       "lost lines=12\n"),
            1);
  EXPECT_EQ(std::ranges::count_if(lines_, [](const std::string& line) { return line.contains("lines_dropped"); }), 1);
}

TEST_F(LoggerTest, LinesThatCannotBeWrittenAreCounted) {
  good_ = false;
  Logger logger(options());
  logger.write(Level::kInfo, "lost", {}, {});
  logger.close();
  EXPECT_EQ(logger.dropped(), 1U);
}

}  // namespace
}  // namespace billing::ops::log
