// The writer thread of the ledger: queues, batches, decisions, one synced write a batch.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "ledger/service/fold.h"
#include "ledger/service/ledger.h"

namespace billing::service {

class Ledger::Writer {
 public:
  Writer(store::Log& log, codec::PersonKeys& keys, LedgerOptions options, Fold fold);
  ~Writer() { stop(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void start();
  void stop();
  void execute(Order order, Answer answer, Lane lane);
  bool execute_bulk(std::vector<Order>& orders, std::function<void(std::size_t, Result<Receipt>)> answer);
  void shed_load(bool shed) { shed_.store(shed, std::memory_order_relaxed); }
  void on_commit(std::function<void(const CommitReport&)> observer) { observer_ = std::move(observer); }
  LedgerStats stats() const;

 private:
  struct Task {
    Order order;
    Answer answer;
  };
  // A decided command of the batch that is being built.
  struct Outcome {
    Result<Receipt> result;
    bool repeats_batch = false;  // the same id was decided earlier in this batch: answered from the log after the sync
  };
  // What goes into one synced write.
  struct Batch {
    std::vector<Task> tasks;
    std::vector<Outcome> outcomes;
    std::vector<store::Record> records;
    std::vector<store::CommandEntry> entries;
    std::unordered_map<std::string, std::size_t> commands;  // command key -> its place in entries
    std::size_t bytes = 0;
    store::Head head;
  };

  void run();
  bool take(std::deque<Task>& taken);
  std::optional<Error> closed_for(const Order* order) const;
  void process(std::deque<Task>& taken);
  Outcome decide_one(const Order& order, Batch& batch);
  Result<Receipt> append(const Order& order, const std::string& key, std::vector<StreamEvent> events, Batch& batch);
  Result<Receipt> repeat(const Order& order, const store::CommandEntry& entry) const;
  void commit(Batch& batch);
  void answer(Batch& batch);
  void fail(Batch& batch, const Error& cause);
  void reload();

  store::Log& log_;
  codec::PersonKeys& keys_;
  const LedgerOptions options_;
  Fold fold_;               // writer thread only, once started
  bool probe_ = false;      // the disk was full: ask the store before deciding
  std::function<void(const CommitReport&)> observer_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> single_;
  std::deque<Task> bulk_;
  bool stopping_ = false;
  std::atomic<bool> shed_{false};
  std::atomic<bool> failed_{false};
  std::atomic<Position> position_{0};
  std::atomic<std::uint64_t> commits_{0}, commands_{0}, refusals_{0}, repeats_{0}, shed_count_{0};
  std::thread thread_;
};

}  // namespace billing::service
