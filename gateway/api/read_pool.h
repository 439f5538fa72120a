// The threads that read the views and the log, apart from those that serve sockets: three lanes, each with its own threads and
// a bounded queue, so that neither long reports nor the feed of events hold up commands or short reads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ledger/base/error.h"

namespace billing::api {

enum class ReadLane : std::uint8_t {
  kQuick,   // one object, one page, sums that are kept
  kReport,  // what may walk many rows; its threads leave the processor to all others
  kFeed     // long pages of events; its threads do so too
};

struct ReadPoolOptions {
  struct Lane {
    unsigned threads;
    std::size_t waiting_max;  // one more is refused
  };
  Lane quick{.threads = 2, .waiting_max = 1024};
  Lane report{.threads = 1, .waiting_max = 64};
  Lane feed{.threads = 1, .waiting_max = 64};
  std::size_t flows_max = 32;  // answers that are made piece by piece at one time, in all lanes together; of one address a quarter
  // From the request to its answer, the wait for a thread included; of an answer that flows, for each piece of it.
  std::chrono::milliseconds deadline{20'000};
};

// Since the start, but for `waiting` and `running`.
struct ReadLaneMetrics {
  std::size_t waiting = 0;
  std::size_t running = 0;
  std::uint64_t done = 0;     // jobs and pieces that ran
  std::uint64_t refused = 0;  // the queue was full, or too many answers flowed
  std::uint64_t late = 0;     // waited or ran past the deadline
  std::uint64_t wait_micros = 0;
  std::uint64_t run_micros = 0;
};
struct ReadPoolMetrics {
  ReadLaneMetrics quick;
  ReadLaneMetrics report;
  ReadLaneMetrics feed;
  std::size_t flows = 0;
};

// The time that a read has left. Any thread.
class ReadTime {
 public:
  using Clock = std::chrono::steady_clock;
  ReadTime(Clock::time_point until, const std::atomic<bool>& stopping) : until_(until), stopping_(stopping) {}
  // Whether the read has to end. True from the first time on, until `restart`.
  bool over() const;
  bool was_over() const { return was_over_; }
  void restart(Clock::time_point until);

 private:
  std::atomic<Clock::time_point> until_;
  const std::atomic<bool>& stopping_;
  mutable std::atomic<bool> was_over_ = false;
};

// One read. Exactly one of the two functions is called, once.
struct ReadJob {
  std::move_only_function<void(const std::shared_ptr<ReadTime>&)> run;  // on a thread of the lane
  std::move_only_function<void(Error)> refuse;  // on the caller's thread, or on one of the lane
};

// Any thread. An exception that leaves a job is swallowed: what the job held goes with it.
class ReadPool {
 public:
  explicit ReadPool(ReadPoolOptions options = {});
  ~ReadPool();  // stops
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // Queues a job. It is refused with kTooManyReads at once when the lane's queue is full, with kReadTooLong when it has
  // waited past the deadline, with kShuttingDown.
  void submit(ReadLane lane, ReadJob job);

  // Whether the lane's queue is full now, so that a job would be refused.
  bool full(ReadLane lane) const;

  // A place for an answer that flows; null when all are taken, or the share of that address (empty: it has no share, and may
  // have all), which counts as refused. It must not outlive the pool.
  std::shared_ptr<void> enter_flow(ReadLane lane, const std::string& address = {});
  // Queues the next piece of an answer that has a place, whatever waits, with a deadline of its own.
  void go_on(ReadLane lane, std::shared_ptr<ReadTime> time, ReadJob job);

  ReadPoolMetrics metrics() const;
  // Lets reads that run come to an end soon (ReadTime::over), refuses those that wait, joins the threads. Idempotent.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::api
