#include "events/publisher/publisher_testing.h"
#include "events/publisher/verifier.h"

namespace billing::publisher {
namespace {

PublisherOptions embedded() {
  PublisherOptions options;
  options.embedded = true;
  return options;
}

VerifyOptions reading(const Publisher& publisher) {
  VerifyOptions options;
  options.connection.brokers = publisher.embedded_bootstrap();
  options.may_begin_late = true;
  return options;
}

TEST(EmbeddedBroker, EventsCanBeReadInOrder) {
  TestLog log;
  log.append(700);
  auto publisher = Publisher::start(log.log(), embedded(), {});
  ASSERT_TRUE(publisher);
  ASSERT_TRUE(publishes_all(**publisher));
  log.append(300);
  ASSERT_TRUE(publishes_all(**publisher));
  const auto report = verify_topic(reading(**publisher));
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_TRUE(report->sound()) << report->problems.front();
  EXPECT_EQ(report->first, 1U);
  EXPECT_EQ(report->last, 1'000U);
  EXPECT_EQ(report->hash, log.head().hash);
}

TEST(EmbeddedBroker, OnlyTheNewestTwoThousandArePublishedAtStart) {
  TestLog log;
  log.append(2'500);
  auto publisher = Publisher::start(log.log(), embedded(), {});
  ASSERT_TRUE(publisher);
  ASSERT_TRUE(publishes_all(**publisher));
  const auto report = verify_topic(reading(**publisher));
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->first, 501U);
  EXPECT_EQ(report->last, 2'500U);
  EXPECT_EQ(report->events, 2'000U);
}

TEST(EmbeddedBroker, SaysThatItIsForDevelopmentOnly) {
  const TestLog log;
  std::vector<std::string> told;
  auto publisher = Publisher::start(log.log(), embedded(), [&](const Notice& notice) { told.push_back(notice.text); });
  ASSERT_TRUE(publisher);
  ASSERT_TRUE(publishes_all(**publisher));
  const PublisherStats stats = (*publisher)->stats();
  EXPECT_TRUE(stats.development_only);
  EXPECT_NE(stats.state_text.find("development only"), std::string::npos);
  EXPECT_EQ((*publisher)->embedded_bootstrap().substr(0, 10), "127.0.0.1:");
  (*publisher)->stop();
  ASSERT_FALSE(told.empty());
  EXPECT_NE(told.front().find("development only"), std::string::npos);
}

TEST(EmbeddedBroker, TheVerifierFollows) {
  TestLog log;
  log.append(50);
  auto publisher = Publisher::start(log.log(), embedded(), {});
  ASSERT_TRUE(publisher);
  ASSERT_TRUE(publishes_all(**publisher));
  auto verifier = Verifier::start(reading(**publisher), {});
  ASSERT_TRUE(verifier);
  EXPECT_TRUE(eventually([&] { return (*verifier)->progress().report.last == 50; }));
  log.append(50);
  EXPECT_TRUE(eventually([&] { return (*verifier)->progress().report.last == 100; }));
  const auto progress = (*verifier)->progress();
  EXPECT_TRUE(progress.report.sound());
  EXPECT_TRUE(progress.at_end);
}

}  // namespace
}  // namespace billing::publisher
