// Crashes at each point of the protocol and a paused writer, as processes of their own, against a real broker.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/publisher/kafka_broker.h"
#include "events/publisher/publisher_testing.h"

namespace billing::publisher {
namespace {

constexpr int kCrashed = 42;
constexpr int kHaltedAsItShould = 43;

// A new process without any thread of this one; `body` ends it with _exit.
pid_t in_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(120);  // never outlives the test
    body();
    ::_exit(99);
  }
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

class PublisherCrash : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (KafkaBroker::shared() == nullptr) GTEST_SKIP() << "java is missing";
  }
};

TEST_P(PublisherCrash, IsFollowedByEveryEventOnce) {
  const std::string point = GetParam();
  const std::string topic = "crash-" + point;
  TestLog log;
  log.append(50);
  PublisherOptions options = kafka_options(topic);
  options.hint_directory = fresh_directory();
  options.events_per_transaction_max = 20;
  for (int round = 0; round < 3; ++round) {
    const pid_t child = in_child([&] {
      int passed = 0;
      options.fault_point = [&](std::string_view name) {
        if (name == point && ++passed == 2) ::_exit(kCrashed);
      };
      const auto publisher = Publisher::start(log.log(), options, {});
      eventually([] { return false; }, std::chrono::seconds(60));
    });
    ASSERT_EQ(exit_code(child), kCrashed);
    log.append(30);
  }
  auto publisher = Publisher::start(log.log(), options, {});
  ASSERT_TRUE(publisher);
  ASSERT_TRUE(publishes_all(**publisher)) << (*publisher)->stats().state_text;
  const TopicReport report = read_topic(topic);
  EXPECT_EQ(report.events, log.head().position);
  EXPECT_EQ(report.hash, log.head().hash);
  if (point == "before-commit") EXPECT_GT(end_offset(topic, true), static_cast<std::int64_t>(report.events + 20));
}

INSTANTIATE_TEST_SUITE_P(Points, PublisherCrash, testing::Values("before-begin", "before-commit", "after-commit"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

class PublisherZombie : public PublisherCrash {};

// The child is paused at `point` of its second transaction; a successor publishes; the child goes on.
TEST_P(PublisherZombie, ThatWakesUpIsFencedAndHalts) {
  const std::string point = GetParam();
  const std::string topic = "zombie-" + point;
  TestLog log;
  log.append(60);
  PublisherOptions options = kafka_options(topic);
  options.events_per_transaction_max = 20;
  options.transaction_timeout = std::chrono::seconds(30);
  const pid_t child = in_child([&] {
    int passed = 0;
    options.node = "zombie";
    options.fault_point = [&](std::string_view name) {
      if (name == point && ++passed == 2) ::raise(SIGSTOP);
    };
    const auto publisher = Publisher::start(log.log(), options, {});
    const bool halted = eventually([&] { return (*publisher)->stats().state == State::kHalted; });
    const bool said = (*publisher)->stats().last_error.find("another writer") != std::string::npos;
    ::_exit(halted && said ? kHaltedAsItShould : 1);
  });
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  options.node = "successor";
  auto successor = Publisher::start(log.log(), options, {});
  ASSERT_TRUE(successor);
  const bool all = publishes_all(**successor);
  ::kill(child, SIGCONT);
  EXPECT_EQ(exit_code(child), kHaltedAsItShould);
  ASSERT_TRUE(all) << (*successor)->stats().state_text;
  log.append(60);
  ASSERT_TRUE(publishes_all(**successor)) << (*successor)->stats().state_text;
  EXPECT_EQ((*successor)->stats().rebuilds, 0U);  // the zombie could not fence its successor
  EXPECT_EQ(read_topic(topic).events, 120U);
}

INSTANTIATE_TEST_SUITE_P(Points, PublisherZombie, testing::Values("before-begin", "before-commit"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(PublisherEnds, AnOpenTransactionHoldsBackTheCommittedEnd) {
  if (KafkaBroker::shared() == nullptr) GTEST_SKIP() << "java is missing";
  TestLog log;
  log.append(20);
  const PublisherOptions options = kafka_options("open");
  const pid_t child = in_child([&] {
    PublisherOptions stopping = options;
    stopping.transaction_timeout = std::chrono::seconds(60);
    stopping.fault_point = [](std::string_view name) {
      if (name == "before-commit") ::raise(SIGSTOP);
    };
    const auto publisher = Publisher::start(log.log(), stopping, {});
    eventually([] { return false; }, std::chrono::seconds(100));
  });
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
  // What step 3 rests on: the two ends differ while a transaction is open.
  EXPECT_EQ(end_offset("open", false) - end_offset("open", true), 20);
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  auto successor = Publisher::start(log.log(), options, {});
  ASSERT_TRUE(publishes_all(**successor)) << (*successor)->stats().state_text;
  EXPECT_EQ(end_offset("open", false), end_offset("open", true));
  EXPECT_EQ(read_topic("open").events, 20U);
}

}  // namespace
}  // namespace billing::publisher
