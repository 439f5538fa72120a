// The writer of the ledger: queues, and the thread that decides. What it decided goes to the commit stage, and it goes
// on to the next commands on the state that these will leave.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "ledger/domain/checks.h"
#include "ledger/service/commit_stage.h"
#include "ledger/service/fold.h"
#include "ledger/service/ledger.h"

namespace billing::service {

// Commands that were decided and may not be in the log yet, by key. One thread.
class PendingCommands {
 public:
  using BodyHash = std::array<std::uint8_t, 16>;
  const BodyHash* find(const std::string& key) const;
  void add(const std::string& key, const BodyHash& body_hash, std::uint64_t sequence);
  // Those up to this sequence are in the log.
  void forget(std::uint64_t done);
  void clear() { *this = {}; }

 private:
  using Generation = std::unordered_map<std::string, BodyHash>;
  Generation newer_, older_;  // forgotten a generation at a time
  std::uint64_t newer_last_ = 0, older_last_ = 0;
};

class Ledger::Writer {
 public:
  Writer(store::Log& log, codec::PersonKeys& keys, LedgerOptions options, Fold fold);
  ~Writer() { stop(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void start();
  void stop();
  void execute(Order order, Answer answer);
  bool execute_bulk(std::vector<Order>& orders, std::function<void(std::size_t, Result<Receipt>)> answer);
  void shed_load(bool shed) { shed_.store(shed, std::memory_order_relaxed); }
  void close(Error why);
  LedgerStats stats() const;
  Instant recorded() const { return {recorded_.load(std::memory_order_relaxed)}; }

 private:
  void run();
  bool take(std::deque<Task>& taken);
  bool follow_up_waits();
  void take_follow_ups(std::deque<Task>& taken);
  std::optional<Error> closed_for(const Order* order) const;
  void process(std::deque<Task>& taken);
  Outcome decide_one(const Order& order, Decided& batch);
  Result<Receipt> append(const Order& order, const std::string& key, std::vector<StreamEvent> events,
                         std::vector<std::vector<Posting>> postings, Decided& batch);
  Result<Receipt> freeze(const Order& order, const checks::Breach& breach, Decided& batch);
  void recover(const Error& cause);
  bool heal();
  void shed(const Answer& answer, Error refusal);

  store::Log& log_;
  codec::PersonKeys& keys_;
  const LedgerOptions options_;
  CommitStage stage_;

  // The deciding thread's own, once started.
  Fold fold_;
  store::Head head_;         // of the last event that was decided
  PendingCommands pending_;
  std::uint64_t sequence_ = 0;
  bool probe_ = false;       // the disk was full: ask the store before deciding
  std::chrono::steady_clock::time_point heal_at_{};  // not before: the log is opened anew

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> single_;
  std::deque<Task> bulk_;
  bool stopping_ = false;
  bool blocked_ = false;  // commands wait, and the commit stage has no room
  std::atomic<bool> shed_{false};
  std::atomic<std::int64_t> recorded_{0};  // of the last event that was decided
  std::optional<Error> closed_;  // why, for good
  std::atomic<std::uint64_t> shed_count_{0}, breaches_{0}, accounts_frozen_{0};
  RefusalCounts shed_refusals_;
  std::thread thread_;
};

}  // namespace billing::service
