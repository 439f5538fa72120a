#include "gateway/api/read_pool.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ledger/base/thread_name.h"

namespace billing::api {
namespace {

using Steady = ReadTime::Clock;
// Below every other thread of the service: a thread of this niceness has a tenth of the weight of an ordinary one, and
// one that wakes up takes the processor from it at once.
constexpr int kReportNiceness = 10;

std::uint64_t micros(Steady::duration time) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

struct Waiting {
  ReadJob job;
  std::shared_ptr<ReadTime> time;
  Steady::time_point since;
};

class Lane {
 public:
  Lane(ReadPoolOptions::Lane options, const char* name, int niceness) : waiting_max_(options.waiting_max) {
    for (unsigned i = 0; i < options.threads; ++i) {
      threads_.emplace_back([this, name, niceness] {
        name_thread(name);
        lower_priority(niceness);
        run();
      });
    }
  }

  // `always`: whatever waits already.
  void add(Waiting waiting, bool always) {
    std::unique_lock lock(mutex_);
    const bool full = !always && waiting_.size() >= waiting_max_;
    if (full) ++metrics_.refused;
    if (full || stopping_) {
      lock.unlock();
      return waiting.job.refuse(full ? Error{Code::kTooManyReads, "Ask again in a second.", {}}
                                     : Error{Code::kShuttingDown, {}, {}});
    }
    waiting_.push_back(std::move(waiting));
    lock.unlock();
    wake_.notify_one();
  }

  void note_refused() {
    const std::lock_guard lock(mutex_);
    ++metrics_.refused;
  }

  bool full() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size() >= waiting_max_;
  }

  ReadLaneMetrics metrics() const {
    const std::lock_guard lock(mutex_);
    ReadLaneMetrics copy = metrics_;
    copy.waiting = waiting_.size();
    return copy;
  }

  void begin_to_stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    for (Waiting& each : std::exchange(waiting_, {})) each.job.refuse(Error{Code::kShuttingDown, {}, {}});
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      ++metrics_.running;
      lock.unlock();
      const auto begun = Steady::now();
      const std::shared_ptr<ReadTime> time = next.time;
      const auto since = next.since;
      work(std::move(next));
      const auto ended = Steady::now();
      lock.lock();
      --metrics_.running;
      ++metrics_.done;
      if (time->was_over()) ++metrics_.late;
      metrics_.wait_micros += micros(begun - since);
      metrics_.run_micros += micros(ended - begun);
    }
  }

  static void work(Waiting next) {
    try {
      if (next.time->over()) return next.job.refuse(Error{Code::kReadTooLong, "It waited too long for its turn.", {}});
      next.job.run(next.time);
    } catch (const std::exception&) {
      // Its Reply or Exchange goes with it, and the server answers 500.
    }
  }

  const std::size_t waiting_max_;
  mutable std::mutex mutex_;  // guards what follows, but for the threads
  std::condition_variable wake_;
  std::deque<Waiting> waiting_;
  bool stopping_ = false;
  ReadLaneMetrics metrics_;
  std::vector<std::thread> threads_;  // last: they begin with all of the above
};

// The places of answers that flow. Any thread.
class Flows {
 public:
  explicit Flows(std::size_t most) : most_(most) {}

  bool enter(const std::string& address) {
    const std::lock_guard lock(mutex_);
    if (all_ >= most_) return false;
    if (!address.empty()) {
      if (const auto found = by_address_.find(address); found != by_address_.end() && found->second >= share()) return false;
      ++by_address_[address];
    }
    ++all_;
    return true;
  }
  void leave(const std::string& address) {
    const std::lock_guard lock(mutex_);
    --all_;
    if (const auto found = by_address_.find(address); found != by_address_.end() && --found->second == 0) by_address_.erase(found);
  }
  std::size_t all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  std::size_t share() const { return std::max<std::size_t>(most_ / 4, 1); }

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::size_t all_ = 0;
  std::unordered_map<std::string, std::size_t> by_address_;
};

}  // namespace

bool ReadTime::over() const {
  if (was_over_) return true;
  if (!stopping_ && Steady::now() < until_.load()) return false;
  was_over_ = true;
  return true;
}

void ReadTime::restart(Clock::time_point until) {
  until_ = until;
  was_over_ = false;
}

class ReadPool::Impl {
 public:
  explicit Impl(ReadPoolOptions given)
      : options(given),
        flows(given.flows_max),
        quick(given.quick, "read", 0),
        report(given.report, "report", kReportNiceness),
        feed(given.feed, "feed", kReportNiceness) {}
  Lane& lane(ReadLane which) {
    return which == ReadLane::kQuick ? quick : which == ReadLane::kReport ? report : feed;
  }

  const ReadPoolOptions options;
  std::atomic<bool> stopping = false;
  Flows flows;
  Lane quick;
  Lane report;
  Lane feed;
};

ReadPool::ReadPool(ReadPoolOptions options) : impl_(new Impl(options)) {}
ReadPool::~ReadPool() { stop(); }

void ReadPool::submit(ReadLane lane, ReadJob job) {
  const auto now = Steady::now();
  auto time = std::make_shared<ReadTime>(now + impl_->options.deadline, impl_->stopping);
  impl_->lane(lane).add({std::move(job), std::move(time), now}, false);
}

bool ReadPool::full(ReadLane lane) const { return impl_->lane(lane).full(); }

std::shared_ptr<void> ReadPool::enter_flow(ReadLane lane, const std::string& address) {
  if (!impl_->flows.enter(address)) {
    impl_->lane(lane).note_refused();
    return nullptr;
  }
  return {this, [impl = impl_.get(), address](void*) { impl->flows.leave(address); }};
}

void ReadPool::go_on(ReadLane lane, std::shared_ptr<ReadTime> time, ReadJob job) {
  const auto now = Steady::now();
  time->restart(now + impl_->options.deadline);
  impl_->lane(lane).add({std::move(job), std::move(time), now}, true);
}

ReadPoolMetrics ReadPool::metrics() const {
  return {.quick = impl_->quick.metrics(),
          .report = impl_->report.metrics(),
          .feed = impl_->feed.metrics(),
          .flows = impl_->flows.all()};
}

void ReadPool::stop() {
  // The lanes first: a thread whose read ends because of `stopping` would else take one that waits, and call it late.
  const std::array lanes{&impl_->quick, &impl_->report, &impl_->feed};
  for (Lane* const lane : lanes) lane->begin_to_stop();
  impl_->stopping = true;
  for (Lane* const lane : lanes) lane->join();
}

}  // namespace billing::api
