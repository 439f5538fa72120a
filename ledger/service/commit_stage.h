// The second stage of the writer: batches of decided commands become durable, in order, and are answered then.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "ledger/service/ledger.h"

namespace billing::service {

struct Task {
  Order order;
  Answer answer;
  std::chrono::steady_clock::time_point queued{};
};
// What was decided of a task.
struct Outcome {
  Result<Receipt> result;
  bool repeats_pending = false;  // the same id was decided just before: answered from the log, after the sync
};

// Commands that were decided one after the other, and what they add to the log.
struct Decided {
  std::vector<Task> tasks;
  std::vector<Outcome> outcomes;  // one each
  std::vector<store::Record> records;
  std::vector<store::CommandEntry> entries;
  std::size_t bytes = 0;       // of the records
  std::uint64_t sequence = 0;  // grows with each
  std::chrono::microseconds decide{};
  void append(Decided later);
};

// The receipt of a command that is in the log, as if it came from its decision. Errors: kKeyReused for another body;
// kCorruptRecord, kStorageFailure.
Result<Receipt> receipt_from(const store::Log& log, const codec::PersonKeys& keys, const Order& order,
                             const store::CommandEntry& entry);
// The version that a command's answer speaks of: of the object that it changed or, for a new one, of its first event's; 0
// without events.
std::uint64_t answered_version(const Order& order, const std::vector<codec::Envelope>& events);

// How many refusals there were of each code. Any thread.
class RefusalCounts {
 public:
  void add(Code code) { counts_.at(static_cast<std::size_t>(code))++; }
  std::vector<std::pair<Code, std::uint64_t>> read() const;

 private:
#define X(name, text, kind, title) +1
  std::array<std::atomic<std::uint64_t>, 0 BILLING_ERROR_CODES(X)> counts_{};
#undef X
};

// One thread commits and answers; the thread that decides hands over what it has, and goes on while a sync runs. What
// comes during a sync is committed together by the next. Of decided commands there are never more than one batch that
// is being committed and one that waits.
//
// After a failed commit nothing is committed until recover(): what was decided since rests on what is not in the log,
// so it is answered like the batch that failed.
class CommitStage {
 public:
  // `on_room` is called on the stage's thread when it has taken the batch that waited.
  CommitStage(store::Log& log, const codec::PersonKeys& keys, LedgerOptions options, std::function<void()> on_room);
  ~CommitStage() { stop(); }
  CommitStage(const CommitStage&) = delete;
  CommitStage& operator=(const CommitStage&) = delete;

  void start();
  // Commits and answers what was added, then ends the thread. Idempotent.
  void stop();

  // The rest is for the deciding thread.
  void add(Decided decided);
  // How many commands wait; the most that may when their records are the most that may.
  std::size_t waiting() const { return waiting_count_.load(std::memory_order_acquire); }
  // Everything up to this sequence is durable, or was answered as failed.
  std::uint64_t done() const { return done_.load(std::memory_order_acquire); }
  // Why the last commit failed, if it did.
  std::optional<Error> failure() const;
  // Blocks until everything that was added is answered; then commits are tried again.
  void recover();
  // Nothing is decided until healed().
  void give_up(const std::string& why) { note(Writing::kFailed, why); }
  // The log could not be opened anew. Each new reason is told, for it may be another one than that of the failed write.
  void still_failed(const std::string& why);
  // The log is written again.
  void healed(const std::string& why);

  struct Counters {
    std::atomic<std::uint64_t> commits{0}, accepted{0}, refused{0}, repeated{0};
    RefusalCounts refusals;
    std::atomic<Writing> writing{Writing::kFine};
  };
  const Counters& counters() const { return counters_; }
  bool failed() const { return counters_.writing == Writing::kFailed; }

 private:
  void run();
  void commit(Decided& batch);
  void fail(Decided& batch, const Error& cause);
  void note(Writing now, const std::string& why);
  void answer(Decided& batch);

  store::Log& log_;
  const codec::PersonKeys& keys_;
  const LedgerOptions options_;
  const std::function<void()> on_room_;
  Counters counters_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::size_t> waiting_count_{0};

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable added_;
  std::condition_variable drained_;
  Decided waiting_;
  bool committing_ = false;
  bool stopping_ = false;
  std::optional<Error> failure_;
  std::string told_;  // why the log is not written
  std::thread thread_;
};

}  // namespace billing::service
