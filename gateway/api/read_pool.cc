#include "gateway/api/read_pool.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
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
      : options(given), quick(given.quick, "read", 0), report(given.report, "report", kReportNiceness) {}
  Lane& lane(ReadLane which) { return which == ReadLane::kQuick ? quick : report; }

  const ReadPoolOptions options;
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> flows = 0;
  Lane quick;
  Lane report;
};

ReadPool::ReadPool(ReadPoolOptions options) : impl_(new Impl(options)) {}
ReadPool::~ReadPool() { stop(); }

void ReadPool::submit(ReadLane lane, ReadJob job) {
  const auto now = Steady::now();
  auto time = std::make_shared<ReadTime>(now + impl_->options.deadline, impl_->stopping);
  impl_->lane(lane).add({std::move(job), std::move(time), now}, false);
}

std::shared_ptr<void> ReadPool::enter_flow(ReadLane lane) {
  if (++impl_->flows > impl_->options.flows_max) {
    --impl_->flows;
    impl_->lane(lane).note_refused();
    return nullptr;
  }
  return {this, [impl = impl_.get()](void*) { --impl->flows; }};
}

void ReadPool::go_on(ReadLane lane, std::shared_ptr<ReadTime> time, ReadJob job) {
  const auto now = Steady::now();
  time->restart(now + impl_->options.deadline);
  impl_->lane(lane).add({std::move(job), std::move(time), now}, true);
}

ReadPoolMetrics ReadPool::metrics() const {
  return {.quick = impl_->quick.metrics(), .report = impl_->report.metrics(), .flows = impl_->flows};
}

void ReadPool::stop() {
  // The lanes first: a thread whose read ends because of `stopping` would else take one that waits, and call it late.
  impl_->quick.begin_to_stop();
  impl_->report.begin_to_stop();
  impl_->stopping = true;
  impl_->quick.join();
  impl_->report.join();
}

}  // namespace billing::api
