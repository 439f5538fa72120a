#include "gateway/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace billing::metrics {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;
using testing::Not;

Gauges full() {
  Gauges gauges;
  gauges.writer = WriterGauges{.single_queue = 3, .bulk_queue = 4, .position = 70, .commits = 5, .accepted = 6,
                               .repeated = 8, .refused = 7, .shed = 9, .refusals = {{"queue-full", 9}}};
  gauges.publisher = PublisherGauges{.state = "publishing", .published = 60, .lag_events = 10, .lag_seconds = 0.25};
  gauges.http = HttpGauges{.requests_begun = 12, .connections_open = 2, .refused_address_full = 4, .memory_bytes = 5, .memory_max_bytes = 100,
                           .refused_memory_full = 6};
  gauges.identity = IdentityGauges{.accepted = 11, .refused = 1};
  gauges.views = {{.view = "views", .position = 69, .lag_events = 1, .lag_seconds = 0.5}};
  gauges.stores = {{.database = "log", .memtable_bytes = 1024, .free_floor_bytes = 64}, {.database = "views", .write_slowed = true}};
  gauges.books = {{.currency = "USD"}, {.currency = "JPY", .trial_balance = -3}};
  gauges.unbooked = UnbookedGauges{.open = 2, .oldest_seconds = 86'400.5};
  return gauges;
}

BuildInfo build() { return {.version = "1.2.3", .revision = "abc", .compiler = "clang"}; }

TEST(Metrics, RequestsAreCountedByRouteMethodAndCode) {
  Metrics metrics(build());
  metrics.http_request("GET", "/v1/accounts/{account_id}", 200, microseconds(1'500));
  metrics.http_request("GET", "/v1/accounts/{account_id}", 200, microseconds(1'500));
  metrics.http_request("GET", "", 404, microseconds(10));
  const auto page = metrics.page();
  EXPECT_THAT(page, HasSubstr(R"(billing_http_requests_total{code="200",method="GET",route="/v1/accounts/{account_id}"} 2)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_http_requests_total{code="404",method="GET",route="none"} 1)"));
  EXPECT_THAT(page, HasSubstr(R"(_bucket{method="GET",route="/v1/accounts/{account_id}",le="0.001"} 0)"));
  EXPECT_THAT(page, HasSubstr(R"(_bucket{method="GET",route="/v1/accounts/{account_id}",le="0.0025"} 2)"));
}

TEST(Metrics, RequestsInFlightAreThoseBegunLessThoseAnswered) {
  Metrics metrics(build());
  metrics.gather_from(full);
  for (int i = 0; i < 10; ++i) metrics.http_request("GET", "/livez", 200, microseconds(1));
  EXPECT_THAT(metrics.page(), HasSubstr("billing_http_requests_in_flight 2\n"));
  for (int i = 0; i < 10; ++i) metrics.http_request("GET", "/livez", 200, microseconds(1));
  const std::string page = metrics.page();
  EXPECT_THAT(page, HasSubstr("billing_http_requests_in_flight 0\n"));
  EXPECT_THAT(page, HasSubstr("billing_http_connections_refused_total{limit=\"address\"} 4\n"));
  EXPECT_THAT(page, HasSubstr("billing_http_memory_bytes 5\n"));
  EXPECT_THAT(page, HasSubstr("billing_http_memory_limit_bytes 100\n"));
  EXPECT_THAT(page, HasSubstr("billing_http_memory_refused_total{limit=\"server\"} 6\n"));
}

TEST(Metrics, EachOutcomeOfACommandIsCountedUnderItsOwnName) {
  Metrics metrics(build());
  metrics.gather_from(full);
  const auto page = metrics.page();
  EXPECT_THAT(page, HasSubstr(R"(billing_commands_total{outcome="accepted"} 6)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_commands_total{outcome="refused"} 7)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_commands_total{outcome="repeated"} 8)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_commands_total{outcome="shed"} 9)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_refusals_total{code="queue-full"} 9)"));
}

TEST(Metrics, LimitsStandBesideWhatTheyLimit) {
  Metrics metrics(build());
  metrics.gather_from([] {
    Gauges gauges = full();
    gauges.writer->single_queue_max = 16'384;
    gauges.writer->accounts_frozen = 2;
    return gauges;
  });
  const auto page = metrics.page();
  EXPECT_THAT(page, HasSubstr(R"(billing_writer_queue_limit_commands{lane="single"} 16384)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_store_free_floor_bytes{database="log"} 64)"));
  EXPECT_THAT(page, Not(HasSubstr(R"(billing_store_free_floor_bytes{database="views"})")));
  EXPECT_THAT(page, HasSubstr("billing_accounts_frozen 2\n"));
}

TEST(Metrics, ALongPollIsCountedButNotTimedWithOtherRequests) {
  Metrics metrics(build());
  metrics.http_request("GET", "/v1/events", 200, microseconds(20'000'000), true);
  metrics.http_request("GET", "/v1/events", 200, microseconds(1'000));
  const auto page = metrics.page();
  EXPECT_THAT(page, HasSubstr(R"(billing_http_requests_total{code="200",method="GET",route="/v1/events"} 2)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_http_request_duration_seconds_count{method="GET",route="/v1/events"} 1)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_http_long_poll_duration_seconds_count{method="GET",route="/v1/events"} 1)"));
}

TEST(Metrics, CommitsFillTheHistograms) {
  Metrics metrics(build());
  metrics.commit({.commands = 3, .events = 5, .bytes = 2'000, .decide = microseconds(300), .commit = microseconds(2'000)});
  const auto page = metrics.page();
  EXPECT_THAT(page, HasSubstr(R"(billing_commit_batch_commands_bucket{le="2"} 0)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_commit_batch_commands_bucket{le="4"} 1)"));
  EXPECT_THAT(page, HasSubstr("billing_commit_batch_bytes_sum 2000"));
  EXPECT_THAT(page, HasSubstr(R"(billing_commit_duration_seconds_bucket{le="0.001"} 0)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_decide_duration_seconds_bucket{le="0.0005"} 1)"));
}

TEST(Metrics, GaugesAreAskedForAtEachPage) {
  Metrics metrics(build());
  std::uint64_t position = 1;
  metrics.gather_from([&] {
    Gauges gauges;
    gauges.writer = WriterGauges{.position = position++};
    return gauges;
  });
  EXPECT_THAT(metrics.page(), HasSubstr("billing_log_position 1\n"));
  EXPECT_THAT(metrics.page(), HasSubstr("billing_log_position 2\n"));
  EXPECT_THAT(metrics.page(), Not(HasSubstr("billing_publisher")));
}

TEST(Metrics, BooksKeepTheirSign) {
  Metrics metrics(build());
  metrics.gather_from(full);
  const auto page = metrics.page();
  EXPECT_THAT(page, HasSubstr(R"(billing_trial_balance_minor_units{currency="USD"} 0)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_trial_balance_minor_units{currency="JPY"} -3)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_publisher_state{state="publishing"} 1)"));
  EXPECT_THAT(page, HasSubstr(R"(billing_publisher_state{state="halted"} 0)"));
}

TEST(Metrics, TheQueueOfWhatIsNotBookedIsCountedWithTheAgeOfItsOldest) {
  Metrics metrics(build());
  EXPECT_THAT(metrics.page(), Not(HasSubstr("billing_unbooked")));
  metrics.gather_from(full);
  EXPECT_THAT(metrics.page(), HasSubstr("billing_unbooked_open 2\n"));
  EXPECT_THAT(metrics.page(), HasSubstr("billing_unbooked_oldest_seconds 86400.5\n"));
}

TEST(Metrics, TheNumberOfSeriesIsBounded) {
  Metrics metrics(build());
  for (int i = 0; i < 2'500; ++i) metrics.http_request("M" + std::to_string(i), "", 405, microseconds(1));
  const auto page = metrics.page();
  EXPECT_THAT(page, HasSubstr(R"(billing_http_requests_total{code="0",method="other",route="other"} 500)"));
}

TEST(Metrics, ThreadsCountTogether) {
  Metrics metrics(build());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) metrics.http_request("GET", "/a" + std::to_string(i % 7), 200, microseconds(1));
    });
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(metrics.page(), HasSubstr(R"(billing_http_requests_total{code="200",method="GET",route="/a0"} 572)"));
}

TEST(Metrics, TheProcessIsDescribed) {
  const Metrics metrics(build());
  const auto page = metrics.page();
  EXPECT_THAT(page, HasSubstr(R"(billing_build_info{version="1.2.3",revision="abc",compiler="clang"} 1)"));
  EXPECT_THAT(page, Not(HasSubstr("process_resident_memory_bytes 0\n")));
  EXPECT_THAT(page, Not(HasSubstr("process_open_fds 0\n")));
  EXPECT_THAT(page, Not(HasSubstr("process_start_time_seconds 0\n")));
}

TEST(Metrics, PromtoolFindsNothingToComplainAbout) {
  Metrics metrics(build());
  metrics.gather_from(full);
  metrics.http_request("GET", "/livez", 200, microseconds(1));
  metrics.commit({.commands = 1, .events = 1, .bytes = 1});
  const auto file = std::filesystem::temp_directory_path() / ("billing-metrics-" + std::to_string(getpid()) + ".txt");
  std::ofstream(file) << metrics.page();
  FILE* tool = popen(("promtool check metrics < '" + file.string() + "' 2>&1").c_str(), "r");
  ASSERT_NE(tool, nullptr);
  std::string said;
  for (int c = 0; (c = std::fgetc(tool)) != EOF;) said += static_cast<char>(c);
  const int status = pclose(tool);
  std::filesystem::remove(file);
  EXPECT_EQ(status, 0) << said;
  EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace billing::metrics
