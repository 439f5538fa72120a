#include "events/publisher/publisher_testing.h"
#include "events/publisher/verifier.h"

namespace billing::publisher {
namespace {

PublisherOptions good() {
  PublisherOptions options;
  options.connection.brokers = "127.0.0.1:1";
  options.transaction_timeout = std::chrono::milliseconds(1'000);
  return options;
}

Code refusal(const PublisherOptions& options) {
  const TestLog log;
  const auto started = Publisher::start(log.log(), options, {});
  return started ? Code::kInternal : started.error().code;
}

TEST(PublisherOptions, SettingsThatWeakenTheProtocolAreRefused) {
  for (const char* name : {"acks", "enable.idempotence", "isolation.level", "transactional.id", "bootstrap.servers",
                           "auto.offset.reset", "max.in.flight", "plugin.library.paths", "test.mock.num.brokers"}) {
    PublisherOptions options = good();
    options.connection.security[name] = "1";
    EXPECT_EQ(refusal(options), Code::kConfiguration) << name;
  }
}

TEST(PublisherOptions, ASecretIsNeitherShownNorRepeatedInARefusal) {
  PublisherOptions options = good();
  options.connection.security = {{"sasl.password", "hunter2"}, {"security.protocol", "hunter3"}};
  const TestLog log;
  const auto started = Publisher::start(log.log(), options, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::kConfiguration);
  EXPECT_EQ(started.error().detail.find("hunter"), std::string::npos);
  const auto shown = masked({{"sasl.password", "a"}, {"ssl.key.pem", "b"}, {"ssl.key.password", "c"},
                             {"ssl.key.location", "/etc/key"}, {"sasl.username", "billing"}});
  EXPECT_EQ(shown, (std::map<std::string, std::string>{{"sasl.password", "***"}, {"ssl.key.pem", "***"},
                                                       {"ssl.key.password", "***"}, {"ssl.key.location", "/etc/key"},
                                                       {"sasl.username", "billing"}}));
}

TEST(PublisherOptions, LimitsAreChecked) {
  const auto with = [](auto change) {
    PublisherOptions options = good();
    change(options);
    return refusal(options);
  };
  EXPECT_EQ(with([](auto& o) { o.connection.brokers.clear(); }), Code::kConfiguration);
  EXPECT_EQ(with([](auto& o) { o.connection.topic.clear(); }), Code::kConfiguration);
  EXPECT_EQ(with([](auto& o) { o.min_insync = 4; }), Code::kConfiguration);
  EXPECT_EQ(with([](auto& o) { o.replication_factor = 0; }), Code::kConfiguration);
  EXPECT_EQ(with([](auto& o) { o.events_per_transaction_max = 0; }), Code::kConfiguration);
  EXPECT_EQ(with([](auto& o) { o.bytes_per_transaction_max = std::size_t{1} << 30; }), Code::kConfiguration);
  EXPECT_EQ(with([](auto& o) { o.transaction_timeout = std::chrono::milliseconds(1); }), Code::kConfiguration);
  EXPECT_EQ(with([](auto& o) { o.linger = std::chrono::seconds(9); }), Code::kConfiguration);
}

TEST(PublisherOptions, BrokersThatAreAwayAreWaitedForAndStopIsQuick) {
  TestLog log;
  log.append(5);
  auto publisher = Publisher::start(log.log(), good(), {});
  ASSERT_TRUE(publisher);
  EXPECT_TRUE(eventually([&] { return (*publisher)->stats().rebuilds > 0; }));
  const PublisherStats stats = (*publisher)->stats();
  EXPECT_EQ(stats.lag_events, 5U);
  EXPECT_FALSE(stats.last_error.empty());
  const auto began = std::chrono::steady_clock::now();
  (*publisher)->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(12));
  EXPECT_EQ((*publisher)->stats().state, State::kStopped);
}

TEST(VerifyTopic, BrokersThatAreAwayAreToldInTime) {
  VerifyOptions options;
  options.connection.brokers = "127.0.0.1:1";
  options.patience = std::chrono::milliseconds(500);
  const auto report = verify_topic(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::kNotAnswered);
}

}  // namespace
}  // namespace billing::publisher
