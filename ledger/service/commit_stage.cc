#include "ledger/service/commit_stage.h"

#include <iterator>

#include "ledger/base/thread_name.h"

namespace billing::service {
namespace {

template <class T>
void move_to_end(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void Decided::append(Decided later) {
  if (tasks.empty()) {
    *this = std::move(later);
    return;
  }
  move_to_end(tasks, later.tasks);
  move_to_end(outcomes, later.outcomes);
  move_to_end(records, later.records);
  move_to_end(entries, later.entries);
  bytes += later.bytes;
  sequence = later.sequence;
  decide += later.decide;
}

std::uint64_t answered_version(const Order& order, const std::vector<codec::Envelope>& events) {
  if (events.empty()) return 0;
  const StreamId changed = subject(order.command).value_or(events.front().stream);
  std::uint64_t version = 0;
  for (const codec::Envelope& envelope : events) {
    if (envelope.stream == changed) version = envelope.version;
  }
  return version;
}

Result<Receipt> receipt_from(const store::Log& log, const codec::PersonKeys& keys, const Order& order,
                             const store::CommandEntry& entry) {
  if (entry.body_hash != order.body_hash) return refuse(Code::kKeyReused, "use a new key for another request");
  Receipt receipt{entry.first_position, entry.first_position + entry.count - 1, 0, true, {}};
  Result<void> outcome;
  BILLING_CHECK(log.read(entry.first_position, entry.count, [&](const store::Record& record) {
    auto envelope = codec::decode(record, &keys);
    if (envelope) {
      receipt.events.push_back(std::move(*envelope));
    } else {
      outcome = std::unexpected(std::move(envelope.error()));
    }
    return outcome.has_value();
  }));
  BILLING_CHECK(outcome);
  if (receipt.events.size() != entry.count) return refuse(Code::kCorruptRecord, "events of a command are missing");
  receipt.version = answered_version(order, receipt.events);
  return receipt;
}

CommitStage::CommitStage(store::Log& log, const codec::PersonKeys& keys, LedgerOptions options,
                         std::function<void()> on_room)
    : log_(log), keys_(keys), options_(std::move(options)), on_room_(std::move(on_room)) {}

std::vector<std::pair<Code, std::uint64_t>> RefusalCounts::read() const {
  std::vector<std::pair<Code, std::uint64_t>> seen;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (const std::uint64_t count = counts_[i]; count > 0) seen.emplace_back(static_cast<Code>(i), count);
  }
  return seen;
}

void CommitStage::start() {
  thread_ = std::thread([this] {
    name_thread("committer");
    run();
  });
}

void CommitStage::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  added_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CommitStage::add(Decided decided) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.append(std::move(decided));
    waiting_count_ = waiting_.bytes < options_.batch_bytes_max ? waiting_.tasks.size() : options_.batch_commands_max;
  }
  added_.notify_one();
}

std::optional<Error> CommitStage::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void CommitStage::recover() {
  std::unique_lock lock(mutex_);
  drained_.wait(lock, [&] { return waiting_.tasks.empty() && !committing_; });
  failure_.reset();
}

void CommitStage::run() {
  for (;;) {
    Decided batch;
    std::optional<Error> failure;
    {
      std::unique_lock lock(mutex_);
      committing_ = false;
      drained_.notify_all();
      added_.wait(lock, [&] { return stopping_ || !waiting_.tasks.empty(); });
      if (waiting_.tasks.empty()) return;
      batch = std::exchange(waiting_, {});
      waiting_count_ = 0;
      committing_ = true;
      failure = failure_;
    }
    on_room_();
    if (failure) {
      fail(batch, *failure);
    } else {
      commit(batch);
    }
    done_.store(batch.sequence, std::memory_order_release);
    answer(batch);
  }
}

void CommitStage::commit(Decided& batch) {
  const auto begin = std::chrono::steady_clock::now();
  if (!batch.records.empty()) {
    if (auto written = log_.commit(batch.records, batch.entries); !written) {
      {
        const std::lock_guard lock(mutex_);
        failure_ = written.error();
      }
      return fail(batch, written.error());
    }
    counters_.commits++;
    if (counters_.writing == Writing::kFull) note(Writing::kFine, "there is space again");
  }
  if (!options_.on_commit) return;
  CommitReport report;
  report.commands = batch.tasks.size();
  report.events = batch.records.size();
  report.bytes = batch.bytes;
  report.decide = batch.decide;
  report.commit = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  options_.on_commit(report);
}

// Nothing that rests on an uncommitted decision may be answered as if it held: every waiter of the batch hears of it.
void CommitStage::fail(Decided& batch, const Error& cause) {
  const bool full = cause.code == Code::kStorageFull;
  note(full ? Writing::kFull : Writing::kFailed, cause.detail);
  for (Outcome& outcome : batch.outcomes) {
    outcome.repeats_pending = false;
    outcome.result = full ? std::unexpected(cause)
                          : refuse(Code::kOutcomeUnknown, "the write failed; ask again with the same key");
  }
}

void CommitStage::still_failed(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(told_, why) == why) return;
  }
  if (options_.on_writing) options_.on_writing(Writing::kFailed, why);
}

void CommitStage::healed(const std::string& why) {
  if (counters_.writing.exchange(Writing::kFine) != Writing::kFine && options_.on_writing) options_.on_writing(Writing::kFine, why);
}

// After kFailed nothing follows until healed().
void CommitStage::note(Writing now, const std::string& why) {
  Writing before = counters_.writing;
  while (before != now && before != Writing::kFailed) {
    if (!counters_.writing.compare_exchange_weak(before, now)) continue;
    {
      const std::lock_guard lock(mutex_);
      told_ = why;
    }
    if (options_.on_writing) options_.on_writing(now, why);
    return;
  }
}

void CommitStage::answer(Decided& batch) {
  for (std::size_t i = 0; i < batch.tasks.size(); ++i) {
    Outcome& outcome = batch.outcomes[i];
    const Order& order = batch.tasks[i].order;
    if (outcome.repeats_pending) {
      // The first command's receipt may have been moved out: read it back like any repeat.
      const auto entry = log_.find_command(store::command_key(order.tenant.uuid, order.id));
      outcome.result = entry && *entry ? receipt_from(log_, keys_, order, **entry)
                                       : refuse(Code::kOutcomeUnknown, "ask again with the same key");
    }
    if (!outcome.result) {
      counters_.refused++;
      counters_.refusals.add(outcome.result.error().code);
    } else if (outcome.result->repeated) {
      counters_.repeated++;
    } else {
      counters_.accepted++;
    }
    batch.tasks[i].answer(std::move(outcome.result));
  }
}

}  // namespace billing::service
