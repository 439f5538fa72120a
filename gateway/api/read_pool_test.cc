#include "gateway/api/read_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <future>
#include <thread>

#include "gateway/api/read_testing.h"

namespace billing::api {
namespace {

using namespace test;
using namespace std::chrono_literals;
using testing::HasSubstr;

using Told = std::future<std::optional<Code>>;  // the code of the refusal; nullopt: it ran

// Submits a job that does `work`.
Told ask(ReadPool& pool, ReadLane lane, std::function<void(const ReadTime&)> work = [](const ReadTime&) {}) {
  auto told = std::make_shared<std::promise<std::optional<Code>>>();
  Told future = told->get_future();
  pool.submit(lane, {.run = [told, work](const std::shared_ptr<ReadTime>& time) {
                       work(*time);
                       told->set_value(std::nullopt);
                     },
                     .refuse = [told](const Error& error) { told->set_value(error.code); }});
  return future;
}

// Occupies the one thread of a lane until it goes.
class Occupied {
 public:
  Occupied(ReadPool& pool, ReadLane lane) {
    done_ = ask(pool, lane, [this](const ReadTime&) {
      begun_.set_value();
      go_.get_future().wait();
    });
    begun_.get_future().wait();
  }
  ~Occupied() {
    go_.set_value();
    done_.wait();
  }

 private:
  std::promise<void> begun_, go_;
  Told done_;
};

ReadPoolOptions small(std::size_t waiting_max = 4, std::chrono::milliseconds deadline = 20s) {
  return {.quick = {.threads = 1, .waiting_max = waiting_max},
          .report = {.threads = 1, .waiting_max = waiting_max},
          .feed = {.threads = 1, .waiting_max = waiting_max},
          .flows_max = 2,
          .deadline = deadline};
}

TEST(ReadPoolTest, AReportThatRunsDoesNotHoldUpQuickReads) {
  ReadPool pool(small());
  const Occupied busy(pool, ReadLane::kReport);
  EXPECT_EQ(ask(pool, ReadLane::kQuick).get(), std::nullopt);
}

TEST(ReadPoolTest, AFeedThatRunsHoldsUpNeitherQuickReadsNorReports) {
  ReadPool pool(small());
  const Occupied busy(pool, ReadLane::kFeed);
  EXPECT_EQ(ask(pool, ReadLane::kQuick).get(), std::nullopt);
  EXPECT_EQ(ask(pool, ReadLane::kReport).get(), std::nullopt);
}

TEST(ReadPoolTest, AFullQueueRefusesAtOnceAndCountsIt) {
  ReadPool pool(small(2));
  std::vector<Told> waiting;
  {
    const Occupied busy(pool, ReadLane::kReport);
    for (int i = 0; i < 2; ++i) waiting.push_back(ask(pool, ReadLane::kReport));
    EXPECT_EQ(pool.metrics().report.waiting, 2U);
    EXPECT_EQ(ask(pool, ReadLane::kReport).get(), Code::kTooManyReads);
    EXPECT_EQ(pool.metrics().report.refused, 1U);
    EXPECT_EQ(pool.metrics().quick.refused, 0U);
  }
  for (Told& each : waiting) EXPECT_EQ(each.get(), std::nullopt);
}

TEST(ReadPoolTest, WhatWaitedPastItsDeadlineIsRefusedWithoutBeingRead) {
  ReadPool pool(small(4, 30ms));
  Told late;
  {
    const Occupied busy(pool, ReadLane::kQuick);
    late = ask(pool, ReadLane::kQuick);
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(late.get(), Code::kReadTooLong);
}

TEST(ReadPoolTest, AReadThatRunsIsToldWhenItsTimeIsOver) {
  ReadPool pool(small(4, 20ms));
  EXPECT_EQ(ask(pool, ReadLane::kReport, [](const ReadTime& time) {
              while (!time.over()) std::this_thread::yield();
            }).get(), std::nullopt);
  pool.stop();
  EXPECT_EQ(pool.metrics().report.late, 1U);
}

TEST(ReadPoolTest, StoppingEndsWhatRunsAndRefusesWhatWaits) {
  ReadPool pool(small());
  std::promise<void> begun;
  Told runs = ask(pool, ReadLane::kReport, [&](const ReadTime& time) {
    begun.set_value();
    while (!time.over()) std::this_thread::yield();
  });
  begun.get_future().wait();
  Told waits = ask(pool, ReadLane::kReport);
  pool.stop();
  EXPECT_EQ(runs.get(), std::nullopt);
  EXPECT_EQ(waits.get(), Code::kShuttingDown);
  EXPECT_EQ(ask(pool, ReadLane::kQuick).get(), Code::kShuttingDown);
}

TEST(ReadPoolTest, PlacesForAnswersThatFlowAreLimitedAndComeBack) {
  ReadPool pool(small());
  auto one = pool.enter_flow(ReadLane::kReport);
  const auto two = pool.enter_flow(ReadLane::kReport);
  EXPECT_TRUE(one != nullptr && two != nullptr);
  EXPECT_EQ(pool.enter_flow(ReadLane::kReport), nullptr);
  EXPECT_EQ(pool.metrics().report.refused, 1U);
  one.reset();
  EXPECT_NE(pool.enter_flow(ReadLane::kReport), nullptr);
}

TEST(ReadPoolTest, OneAddressHasAQuarterOfThePlacesForAnswersThatFlow) {
  ReadPool pool({.flows_max = 8});
  auto one = pool.enter_flow(ReadLane::kReport, "a");
  const auto two = pool.enter_flow(ReadLane::kReport, "a");
  EXPECT_TRUE(one != nullptr && two != nullptr);
  EXPECT_EQ(pool.enter_flow(ReadLane::kReport, "a"), nullptr);
  EXPECT_NE(pool.enter_flow(ReadLane::kReport, "b"), nullptr);
  one.reset();
  EXPECT_NE(pool.enter_flow(ReadLane::kReport, "a"), nullptr);
  std::vector<std::shared_ptr<void>> proxied;
  for (int i = 0; i < 7; ++i) proxied.push_back(pool.enter_flow(ReadLane::kReport));
  EXPECT_NE(proxied.back(), nullptr);
  EXPECT_EQ(pool.enter_flow(ReadLane::kReport), nullptr);
  EXPECT_EQ(pool.metrics().flows, 8U);
}

TEST(ReadPoolTest, ThreadsOfReportsLeaveTheProcessorToOthers) {
  ReadPool pool(small());
  int quick = -1, report = -1, feed = -1;
  ask(pool, ReadLane::kQuick, [&](const ReadTime&) { quick = getpriority(PRIO_PROCESS, 0); }).get();
  ask(pool, ReadLane::kReport, [&](const ReadTime&) { report = getpriority(PRIO_PROCESS, 0); }).get();
  ask(pool, ReadLane::kFeed, [&](const ReadTime&) { feed = getpriority(PRIO_PROCESS, 0); }).get();
  EXPECT_EQ(feed, report);
  EXPECT_EQ(quick, getpriority(PRIO_PROCESS, 0));
  EXPECT_GT(report, quick);
}

TEST(ReadPoolTest, AJobThatThrowsTakesNoThreadWithIt) {
  ReadPool pool(small());
  const Told thrown = ask(pool, ReadLane::kQuick, [](const ReadTime&) { throw std::runtime_error("x"); });
  EXPECT_EQ(ask(pool, ReadLane::kQuick).get(), std::nullopt);
}

// Over HTTP.
const std::vector<std::string>& every_kind_of_read() {
  static const std::vector<std::string> targets{
      "/v1/customers", "/v1/accounts/" + test_id("acc", 1), "/v1/events",
      "/v1/reports/ageing?customer=" + test_id("cus", 1), "/v1/reports/invoices?format=csv&customer=" + test_id("cus", 1)};
  return targets;
}

TEST(ReadPoolTest, AReadThatFindsTheQueueFullIsAnsweredWith503AndWhenToTryAgain) {
  ReadService service({}, true, {}, {.quick = {.threads = 1, .waiting_max = 0}, .report = {.threads = 1, .waiting_max = 0},
                                       .feed = {.threads = 1, .waiting_max = 0}});
  open_tree(service);
  for (const std::string& target : every_kind_of_read()) {
    const auto response = service.request("GET", target);
    EXPECT_EQ(response.status, 503) << target;
    EXPECT_THAT(response.body, HasSubstr("too-many-reads")) << target;
    EXPECT_EQ(response.header("Retry-After"), "1") << target;
    EXPECT_EQ(response.header("Connection"), "close") << target;
  }
  EXPECT_EQ(service.pool().metrics().quick.refused, 2U);
  EXPECT_EQ(service.pool().metrics().feed.refused, 1U);
  EXPECT_EQ(service.pool().metrics().report.refused, 2U);
}

TEST(ReadPoolTest, AReadThatWaitsForAPositionIsReadByThePoolToo) {
  ReadService service({}, true, {}, {.quick = {.threads = 1, .waiting_max = 0}});
  open_tree(service);
  EXPECT_EQ(service.get("/v1/customers").status, 503);
  EXPECT_EQ(service.request("GET", "/v1/customers?position=3").status, 503);
}

TEST(ReadPoolTest, AReadPastItsDeadlineIsAnsweredWith504) {
  ReadService service({}, true, {}, {.deadline = 0ms});
  open_tree(service);
  for (const std::string& target : every_kind_of_read()) {
    const auto response = service.request("GET", target);
    EXPECT_EQ(response.status, 504) << target;
    EXPECT_THAT(response.body, HasSubstr("read-too-long")) << target;
  }
}

TEST(ReadPoolTest, AReportCountsForTheAddressThatAsksForIt) {
  ReadService service({}, true, {}, {.flows_max = 4});
  open_tree(service);
  const std::string report = "/v1/reports/invoices?format=csv&customer=" + test_id("cus", 1);
  const std::string own = std::string(10, '\0') + "\xff\xff\x7f" + std::string(2, '\0') + "\x01";  // 127.0.0.1, mapped to IPv6
  const auto other = service.pool().enter_flow(ReadLane::kReport, "another");
  EXPECT_EQ(service.get(report).status, 200);
  // The answer before is whole a moment before its place is free.
  auto place = service.pool().enter_flow(ReadLane::kReport, own);
  for (int tries = 0; !place && tries < 1'000; ++tries) {
    std::this_thread::sleep_for(5ms);
    place = service.pool().enter_flow(ReadLane::kReport, own);
  }
  ASSERT_NE(place, nullptr);
  EXPECT_EQ(service.get(report).status, 503);
  place.reset();
  EXPECT_EQ(service.get(report).status, 200);
}

TEST(ReadPoolTest, FeedRequestsThatWaitForNewsWaitOnWhileTheLaneIsFull) {
  ReadService service({}, true, {}, small(1));
  open_tree(service);
  const std::string news = "/v1/events?wait=10&after=" + std::to_string(service.log().head().position);
  std::vector<std::future<int>> waiting;
  {
    const Occupied busy(service.pool(), ReadLane::kFeed);
    for (int i = 0; i < 5; ++i) waiting.push_back(std::async(std::launch::async, [&] { return service.request("GET", news).status; }));
    std::this_thread::sleep_for(200ms);
    service.post("/v1/customers", R"({"name":"News","currency":"USD"})");
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(service.pool().metrics().feed.refused, 0U);
  }
  for (auto& status : waiting) EXPECT_EQ(status.get(), 200);
}

TEST(ReadPoolTest, OneMoreReportThatFlowsThanAllowedIsAnsweredWith503) {
  ReadService service({}, true, {}, {.flows_max = 0});
  open_tree(service);
  const std::string report = "/v1/reports/invoices?customer=" + test_id("cus", 1);
  EXPECT_EQ(service.get(report + "&format=csv").status, 503);
  EXPECT_EQ(service.get(report).status, 200);  // a page does not flow
}

}  // namespace
}  // namespace billing::api
