#include "gateway/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "gateway/metrics/gauges.h"

namespace billing::metrics {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

const Buckets kLatencySeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
const Buckets kCommitSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
const Buckets kBatchItems{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192};
const Buckets kBatchBytes{1024, 4096, 16384, 65536, 262144, 524288, 1048576, 2097152, 4194304, 8388608};

// Patterns and methods are few, but a client chooses the method of a request that no route takes.
constexpr std::size_t kSeriesMax = 2'000;

double seconds(std::chrono::microseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

Histogram& histogram(prometheus::Registry& registry, const char* name, const char* help, const Buckets& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, buckets);
}

}  // namespace

struct Metrics::Impl {
  explicit Impl(BuildInfo build_info)
      : build(std::move(build_info)),
        requests(prometheus::BuildCounter()
                     .Name("billing_http_requests_total")
                     .Help("Requests answered, by route pattern; code 0 is a connection that broke.")
                     .Register(registry)),
        durations(prometheus::BuildHistogram()
                      .Name("billing_http_request_duration_seconds")
                      .Help("From the head's last byte to the answer's last byte.")
                      .Register(registry)),
        long_polls(prometheus::BuildHistogram()
                       .Name("billing_http_long_poll_duration_seconds")
                       .Help("Requests that waited because the client asked for it; they are not in the durations of requests.")
                       .Register(registry)),
        batch_commands(histogram(registry, "billing_commit_batch_commands", "Commands in a commit.", kBatchItems)),
        batch_events(histogram(registry, "billing_commit_batch_events", "Events in a commit.", kBatchItems)),
        batch_bytes(histogram(registry, "billing_commit_batch_bytes", "Bytes of a commit.", kBatchBytes)),
        decide(histogram(registry, "billing_decide_duration_seconds", "Deciding of a batch.", kCommitSeconds)),
        commit(histogram(registry, "billing_commit_duration_seconds", "Writing and sync of a batch.", kCommitSeconds)) {
  }

  struct Series {
    Counter* counter = nullptr;
    Histogram* histogram = nullptr;
  };
  Series series(std::string_view method, std::string_view route, int status, bool long_poll);
  Series make_series(const std::string& key, std::string_view method, std::string_view route, int status, bool long_poll);

  const BuildInfo build;
  prometheus::Registry registry;
  Family<Counter>& requests;
  Family<Histogram>& durations;
  Family<Histogram>& long_polls;
  Histogram& batch_commands;
  Histogram& batch_events;
  Histogram& batch_bytes;
  Histogram& decide;
  Histogram& commit;

  std::shared_mutex series_mutex;  // guards by_key
  std::unordered_map<std::string, Series> by_key;
  std::atomic<std::uint64_t> answered{0};

  mutable std::mutex gather_mutex;  // guards gather, and lets one page at a time ask it
  Gather gather;
};

Metrics::Impl::Series Metrics::Impl::series(std::string_view method, std::string_view route, int status,
                                            bool long_poll) {
  std::string key;
  key.reserve(route.size() + method.size() + 8);
  key.append(route).append(1, ' ').append(method).append(1, ' ').append(std::to_string(status));
  if (long_poll) key.append(" long");
  {
    const std::shared_lock lock(series_mutex);
    if (const auto found = by_key.find(key); found != by_key.end()) return found->second;
  }
  const std::unique_lock lock(series_mutex);
  if (const auto found = by_key.find(key); found != by_key.end()) return found->second;
  if (by_key.size() >= kSeriesMax) return make_series("other", "other", "other", 0, long_poll);
  return make_series(key, method, route, status, long_poll);
}

Metrics::Impl::Series Metrics::Impl::make_series(const std::string& key, std::string_view method,
                                                 std::string_view route, int status, bool long_poll) {
  const std::string route_label(route.empty() ? "none" : route);
  const std::string method_label(method);
  Series& made = by_key[key];
  made.counter = &requests.Add({{"route", route_label}, {"method", method_label}, {"code", std::to_string(status)}});
  made.histogram = &(long_poll ? long_polls : durations).Add({{"route", route_label}, {"method", method_label}}, kLatencySeconds);
  return made;
}

Metrics::Metrics(BuildInfo build) : impl_(std::make_unique<Impl>(std::move(build))) {}
Metrics::~Metrics() = default;

void Metrics::gather_from(Gather gather) {
  const std::scoped_lock lock(impl_->gather_mutex);
  impl_->gather = std::move(gather);
}

void Metrics::http_request(std::string_view method, std::string_view route, int status,
                           std::chrono::microseconds duration, bool long_poll) {
  const auto series = impl_->series(method, route, status, long_poll);
  series.counter->Increment();
  series.histogram->Observe(seconds(duration));
  impl_->answered.fetch_add(1, std::memory_order_relaxed);
}

void Metrics::commit(const Commit& commit) {
  impl_->batch_commands.Observe(static_cast<double>(commit.commands));
  impl_->batch_events.Observe(static_cast<double>(commit.events));
  impl_->batch_bytes.Observe(static_cast<double>(commit.bytes));
  impl_->decide.Observe(seconds(commit.decide));
  impl_->commit.Observe(seconds(commit.commit));
}

std::string Metrics::page() const {
  auto families = impl_->registry.Collect();
  append_build(families, impl_->build);
  append_process(families, process_figures());
  {
    const std::scoped_lock lock(impl_->gather_mutex);
    // Read before the gauges: a request that is answered in between is in flight once more rather than less than none.
    const auto answered = impl_->answered.load(std::memory_order_relaxed);
    if (impl_->gather) append_gauges(families, impl_->gather(), answered);
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace billing::metrics
