// When topic and store do not belong together the publisher writes nothing and says why.
#include "events/publisher/kafka_broker.h"
#include "events/publisher/publisher_testing.h"

namespace billing::publisher {
namespace {

class PublisherRefusal : public testing::Test {
 protected:
  void SetUp() override {
    if (KafkaBroker::shared() == nullptr) GTEST_SKIP() << "java is missing";
  }
  static void publish(const TestLog& log, const PublisherOptions& options) {
    auto publisher = Publisher::start(log.log(), options, {});
    ASSERT_TRUE(publisher);
    ASSERT_TRUE(publishes_all(**publisher)) << (*publisher)->stats().state_text;
  }
  // Starts on `log`, expects it to halt with `words` and to have written nothing.
  static void expect_halt(const TestLog& log, const PublisherOptions& options, std::string_view words) {
    const std::int64_t end = end_offset(options.connection.topic, true);
    auto publisher = Publisher::start(log.log(), options, {});
    ASSERT_TRUE(publisher);
    ASSERT_TRUE(halts(**publisher)) << (*publisher)->stats().state_text;
    const PublisherStats stats = (*publisher)->stats();
    EXPECT_NE(stats.state_text.find(words), std::string::npos) << stats.state_text;
    EXPECT_EQ(stats.events, 0U);
    EXPECT_EQ(end_offset(options.connection.topic, true), end);
  }
};

TEST_F(PublisherRefusal, ATopicAheadOfTheStoreHalts) {
  TestLog log;
  log.append(200);
  publish(log, kafka_options("ahead"));
  expect_halt(log.older(150), kafka_options("ahead"), "the topic is ahead of the store");
}

TEST_F(PublisherRefusal, AnOlderBackupThatWentOnItsOwnWayHalts) {
  TestLog log;
  log.append(200);
  publish(log, kafka_options("history"));
  TestLog other = log.older(150);
  other.append(100, "other");
  expect_halt(other, kafka_options("history"), "different histories");
}

TEST_F(PublisherRefusal, AnOlderBackupIsRefusedWhereTheTopicHasOnlyWhatItHolds) {
  TestLog log;
  log.append(100);
  publish(log, kafka_options("same"));
  TestLog other = log.older(100);
  other.append(50, "other");
  publish(other, kafka_options("same"));  // nothing of the lost history was published: it may go on
  EXPECT_EQ(read_topic("same").hash, other.head().hash);
}

TEST_F(PublisherRefusal, ATopicThatIsGoneHalts) {
  TestLog log;
  log.append(20);
  PublisherOptions options = kafka_options("gone");
  options.hint_directory = fresh_directory();
  publish(log, options);
  ASSERT_TRUE(delete_topic("gone"));
  expect_halt(log, options, "is gone");
}

TEST_F(PublisherRefusal, ATopicThatWasMadeAnewHalts) {
  TestLog log;
  log.append(20);
  PublisherOptions options = kafka_options("anew");
  options.hint_directory = fresh_directory();
  publish(log, options);
  ASSERT_TRUE(delete_topic("anew"));
  ASSERT_TRUE(eventually([] { return create_topic("anew", 1) && end_offset("anew", true) == 0; }));
  expect_halt(log, options, "emptied, replaced or lost data");
}

TEST_F(PublisherRefusal, ATopicThatIsMadeAnewWhileNothingIsPublishedHalts) {
  TestLog log;
  log.append(20);
  PublisherOptions options = kafka_options("idle-anew");
  options.hint_directory = fresh_directory();
  auto publisher = Publisher::start(log.log(), options, {});
  ASSERT_TRUE(publishes_all(**publisher));
  ASSERT_TRUE(delete_topic("idle-anew"));
  ASSERT_TRUE(eventually([] { return create_topic("idle-anew", 1) && end_offset("idle-anew", true) == 0; }));
  EXPECT_TRUE(halts(**publisher)) << (*publisher)->stats().state_text;
  EXPECT_NE((*publisher)->stats().state_text.find("emptied, replaced or lost data"), std::string::npos);
}

TEST_F(PublisherRefusal, ATopicWithSeveralPartitionsHalts) {
  TestLog log;
  log.append(20);
  ASSERT_TRUE(create_topic("several", 3));
  ASSERT_TRUE(eventually([] { return end_offset("several", true) == 0; }));
  expect_halt(log, kafka_options("several"), "needs exactly one");
}

TEST_F(PublisherRefusal, ATopicWhoseEventsExpireIsWarnedOf) {
  const TestLog log;
  ASSERT_TRUE(create_topic("expiring", 1));
  std::vector<std::string> told;
  auto publisher = Publisher::start(log.log(), kafka_options("expiring"),
                                    [&](const Notice& notice) { told.push_back(notice.text); });
  ASSERT_TRUE(publishes_all(**publisher));
  (*publisher)->stop();
  EXPECT_TRUE(std::any_of(told.begin(), told.end(),
                          [](const std::string& text) { return text.find("events expire") != std::string::npos; }));
}

TEST_F(PublisherRefusal, EventsThatTheBrokerRefusesAreAbortedAndSentAgainUntilItTakesThem) {
  TestLog log;
  log.append(5);
  publish(log, kafka_options("refused"));
  ASSERT_TRUE(set_largest_message("refused", 400));  // less than an event with its headers
  log.append(20);
  auto publisher = Publisher::start(log.log(), kafka_options("refused"), {});
  ASSERT_TRUE(eventually([&] { return (*publisher)->stats().aborts >= 2; })) << (*publisher)->stats().state_text;
  EXPECT_EQ((*publisher)->stats().events, 0U);
  ASSERT_TRUE(set_largest_message("refused", 1'000'000));
  ASSERT_TRUE(publishes_all(**publisher)) << (*publisher)->stats().state_text;
  EXPECT_EQ(read_topic("refused").events, 25U);
}

TEST_F(PublisherRefusal, TooFewBrokersForTheReplicasAreWaitedFor) {
  const TestLog log;
  PublisherOptions options = kafka_options("replicas");
  options.replication_factor = 3;
  options.min_insync = 2;
  auto publisher = Publisher::start(log.log(), options, {});
  ASSERT_TRUE(eventually([&] { return (*publisher)->stats().state == State::kWaiting; }));
  EXPECT_NE((*publisher)->stats().state_text.find("3 replicas"), std::string::npos) << (*publisher)->stats().state_text;
}

}  // namespace
}  // namespace billing::publisher
