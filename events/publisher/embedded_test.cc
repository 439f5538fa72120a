#include <mutex>
#include <utility>

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

// Publishes a log of so many events; the first position that the topic has, and what the notices say.
std::pair<Position, std::string> first_served(std::size_t events) {
  TestLog log;
  log.append(events);
  std::mutex mutex;
  std::string told;
  auto publisher = Publisher::start(log.log(), embedded(), [&](const Notice& notice) {
    const std::lock_guard lock(mutex);
    told += notice.text + "\n";
  });
  EXPECT_TRUE(publisher && publishes_all(**publisher));
  const auto report = verify_topic(reading(**publisher));
  EXPECT_TRUE(report && report->sound());
  EXPECT_EQ(report->last, events);
  EXPECT_EQ(report->events, events - report->first + 1);
  (*publisher)->stop();
  return {report->first, told};
}

TEST(EmbeddedBroker, ALogThatHasRoomIsServedFromItsBeginning) {
  const auto [first, told] = first_served(2'500);
  EXPECT_EQ(first, 1U);
  EXPECT_NE(told.find("serves the log from its beginning"), std::string::npos) << told;
}

TEST(EmbeddedBroker, OfALargerLogItSaysFromWhereItIsServed) {
  const auto [first, told] = first_served(9'000);
  EXPECT_GT(first, 4'000U);
  EXPECT_LT(first, 8'000U);
  EXPECT_NE(told.find("serves the log from position " + std::to_string(first) + " on"), std::string::npos) << told;
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

TEST(EmbeddedBroker, ItKeepsItsPortFromStartToStart) {
  TestLog log;
  log.append(20);
  PublisherOptions options = embedded();
  for (int start = 0; start < 3; ++start) {
    auto publisher = Publisher::start(log.log(), options, {});
    ASSERT_TRUE(publisher);
    const std::string at = (*publisher)->embedded_bootstrap();
    const auto port = static_cast<std::uint16_t>(std::stoul(at.substr(at.find(':') + 1)));
    if (start > 0) {
      EXPECT_EQ(port, options.embedded_port);
    }
    options.embedded_port = port;
    ASSERT_TRUE(publishes_all(**publisher));
    const auto report = verify_topic(reading(**publisher));
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->last, 20U);
  }
}

TEST(EmbeddedBroker, APortThatIsTakenIsToldAndAnotherOneServes) {
  const TestLog log;
  auto first = Publisher::start(log.log(), embedded(), {});
  ASSERT_TRUE(first);
  PublisherOptions options = embedded();
  const std::string taken = (*first)->embedded_bootstrap();
  options.embedded_port = static_cast<std::uint16_t>(std::stoul(taken.substr(taken.find(':') + 1)));
  std::string told;
  auto second = Publisher::start(log.log(), options, [&](const Notice& notice) {
    if (told.empty()) told = notice.text;
  });
  ASSERT_TRUE(second);
  EXPECT_NE((*second)->embedded_bootstrap(), taken);
  EXPECT_NE(told.find("takes another port"), std::string::npos) << told;
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
