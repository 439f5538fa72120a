// The publisher against a real broker: order, restarts, a broker that dies, and how fast it is.
#include <chrono>
#include <cstdio>

#include "events/publisher/kafka_broker.h"
#include "events/publisher/publisher_testing.h"

namespace billing::publisher {
namespace {

class PublisherOnKafka : public testing::Test {
 protected:
  void SetUp() override {
    if (KafkaBroker::shared() == nullptr) GTEST_SKIP() << "java is missing";
  }
  static void expect_all(const std::string& topic, const TestLog& log) {
    const TopicReport report = read_topic(topic);
    EXPECT_EQ(report.events, log.head().position);
    EXPECT_EQ(report.last, log.head().position);
    EXPECT_EQ(report.hash, log.head().hash);
  }
};

TEST_F(PublisherOnKafka, PublishesEveryEventOnceInOrderOverRestarts) {
  TestLog log;
  PublisherOptions options = kafka_options("restarts");
  options.hint_directory = fresh_directory();
  for (int run = 1; run <= 3; ++run) {
    log.append(1'300);
    auto publisher = Publisher::start(log.log(), options, {});
    ASSERT_TRUE(publisher);
    ASSERT_TRUE(publishes_all(**publisher)) << (*publisher)->stats().state_text;
    EXPECT_EQ((*publisher)->stats().epoch, static_cast<std::uint64_t>(run));
    EXPECT_EQ((*publisher)->stats().events, 1'300U);
    log.append(1);
    ASSERT_TRUE(publishes_all(**publisher));
  }
  expect_all("restarts", log);
  EXPECT_EQ(read_topic("restarts").claims, 3U);
}

TEST_F(PublisherOnKafka, FindsItsPlaceBehindManyClaims) {
  TestLog log;
  log.append(10);
  for (int run = 0; run < 40; ++run) {  // each leaves a CLAIM and a control record: more than the first window
    auto publisher = Publisher::start(log.log(), kafka_options("claims"), {});
    ASSERT_TRUE(publishes_all(**publisher));
  }
  log.append(1);
  auto publisher = Publisher::start(log.log(), kafka_options("claims"), {});
  ASSERT_TRUE(publishes_all(**publisher));
  EXPECT_EQ((*publisher)->stats().events, 1U);
  expect_all("claims", log);
}

TEST_F(PublisherOnKafka, KeepsToTheLimitsOfATransaction) {
  TestLog log;
  log.append(100);
  PublisherOptions options = kafka_options("limits");
  options.events_per_transaction_max = 10;
  auto publisher = Publisher::start(log.log(), options, {});
  ASSERT_TRUE(publishes_all(**publisher));
  EXPECT_EQ((*publisher)->stats().transactions, 10U);
  expect_all("limits", log);
}

TEST_F(PublisherOnKafka, ABrokerThatIsKilledAndComesBackLeavesNoGapAndNoRepeat) {
  TestLog log;
  auto publisher = Publisher::start(log.log(), kafka_options("killed"), {});
  ASSERT_TRUE(publishes_all(**publisher));
  for (int round = 0; round < 2; ++round) {
    log.append(20'000);
    const std::uint64_t before = (*publisher)->stats().published;
    ASSERT_TRUE(eventually([&] { return (*publisher)->stats().published > before + 2'000; }));
    KafkaBroker::shared()->kill_hard();
    log.append(3'000);  // the log goes on without the broker
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    EXPECT_GT((*publisher)->stats().lag_events, 0U);
    EXPECT_GT((*publisher)->stats().lag_seconds, 0.0);
    ASSERT_TRUE(KafkaBroker::shared()->up());
    ASSERT_TRUE(publishes_all(**publisher, std::chrono::seconds(90))) << (*publisher)->stats().state_text;
  }
  EXPECT_GT((*publisher)->stats().rebuilds, 0U);
  expect_all("killed", log);
}

TEST_F(PublisherOnKafka, TheVerifierFollowsTheTopic) {
  TestLog log;
  log.append(500);
  auto publisher = Publisher::start(log.log(), kafka_options("followed"), {});
  ASSERT_TRUE(publishes_all(**publisher));
  VerifyOptions options;
  options.connection = kafka_options("followed").connection;
  auto verifier = Verifier::start(options, {});
  ASSERT_TRUE(verifier);
  log.append(500);
  EXPECT_TRUE(eventually([&] { return (*verifier)->progress().report.last == 1'000; }));
  EXPECT_TRUE((*verifier)->progress().report.sound());
}

TEST_F(PublisherOnKafka, ABacklogOfAHundredThousandEventsIsPublishedWhole) {
  constexpr std::size_t kEvents = 100'000;
  TestLog log;
  log.append(kEvents);
  const auto began = std::chrono::steady_clock::now();
  auto publisher = Publisher::start(log.log(), kafka_options("speed"), {});
  ASSERT_TRUE(publishes_all(**publisher, std::chrono::seconds(240)));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double rate = static_cast<double>(kEvents) / took.count();
  std::printf("published %zu events in %.2f s: %.0f a second, %llu transactions\n", kEvents, took.count(), rate,
              static_cast<unsigned long long>((*publisher)->stats().transactions));
  RecordProperty("events_per_second", static_cast<int>(rate));
  expect_all("speed", log);
}

}  // namespace
}  // namespace billing::publisher
