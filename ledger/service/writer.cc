#include "ledger/service/writer.h"

#include "ledger/base/assert.h"
#include "ledger/base/thread_name.h"

namespace billing::service {
namespace {

// The bulk lane feeds at most this many commands into one batch, so that single requests never wait long.
constexpr std::size_t kBulkPerBatch = 1'024;

std::uint64_t version_of(const State& state, const StreamId& stream) {
  const auto found = state.versions.find(stream);
  return found == state.versions.end() ? 0 : found->second;
}

// A command's answer speaks of the object that it changed or, for a new one, of its first event's.
std::uint64_t answered_version(const Order& order, const std::vector<codec::Envelope>& events) {
  const auto changed = subject(order.command);
  std::uint64_t version = 0;
  for (const codec::Envelope& envelope : events) {
    if (envelope.stream == changed.value_or(events.front().stream)) version = envelope.version;
  }
  return version;
}

}  // namespace

Ledger::Writer::Writer(store::Log& log, codec::PersonKeys& keys, LedgerOptions options, Fold fold)
    : log_(log), keys_(keys), options_(options), fold_(std::move(fold)) {
  position_ = fold_.position();
}

void Ledger::Writer::start() {
  thread_ = std::thread([this] {
    name_thread("writer");
    run();
  });
}

void Ledger::Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::optional<Error> Ledger::Writer::closed_for(const Order* order) const {
  if (stopping_) return Error{Code::kShuttingDown, {}, {}};
  if (failed_) return Error{Code::kReadOnly, "a write failed; restart the service once the disk is sound", {}};
  if (shed_) return Error{Code::kViewsBehind, "try again in a second", {}};
  if (order != nullptr && (order->id.empty() || order->id.size() > 255)) {
    return Error{Code::kInvalidId, "a command id has 1 to 255 bytes", "/id"};
  }
  return std::nullopt;
}

void Ledger::Writer::execute(Order order, Answer answer, Lane lane) {
  std::optional<Error> refusal;
  {
    const std::lock_guard lock(mutex_);
    auto& queue = lane == Lane::kSingle ? single_ : bulk_;
    refusal = closed_for(&order);
    const std::size_t limit = lane == Lane::kSingle ? options_.single_queue_max : options_.bulk_queue_max;
    if (!refusal && queue.size() >= limit) refusal = Error{Code::kQueueFull, "try again in a second", {}};
    if (!refusal) queue.push_back({std::move(order), std::move(answer)});
  }
  if (refusal) {
    shed_count_++;
    answer(std::unexpected(std::move(*refusal)));
    return;
  }
  wake_.notify_one();
}

bool Ledger::Writer::execute_bulk(std::vector<Order>& orders, std::function<void(std::size_t, Result<Receipt>)> answer) {
  auto shared = std::make_shared<std::function<void(std::size_t, Result<Receipt>)>>(std::move(answer));
  std::optional<Error> refusal;
  {
    const std::lock_guard lock(mutex_);
    refusal = closed_for(nullptr);
    if (refusal && refusal->code == Code::kViewsBehind) return false;
    if (!refusal) {
      if (bulk_.size() + orders.size() > options_.bulk_queue_max) return false;
      for (std::size_t i = 0; i < orders.size(); ++i) {
        bulk_.push_back({std::move(orders[i]), [shared, i](Result<Receipt> result) { (*shared)(i, std::move(result)); }});
      }
    }
  }
  if (refusal) {
    for (std::size_t i = 0; i < orders.size(); ++i) (*shared)(i, std::unexpected(*refusal));
    return true;
  }
  wake_.notify_one();
  return true;
}

LedgerStats Ledger::Writer::stats() const {
  const std::lock_guard lock(mutex_);
  return {single_.size(), bulk_.size(), position_, commits_, commands_, refusals_, repeats_, shed_count_};
}

// Whatever queued while the last sync ran, single requests first. False: stopped and nothing is left.
bool Ledger::Writer::take(std::deque<Task>& taken) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return stopping_ || !single_.empty() || !bulk_.empty() || !taken.empty(); });
  const auto move_some = [&](std::deque<Task>& from, std::size_t at_most) {
    for (std::size_t n = 0; n < at_most && !from.empty() && taken.size() < options_.batch_commands_max; ++n) {
      taken.push_back(std::move(from.front()));
      from.pop_front();
    }
  };
  move_some(single_, options_.batch_commands_max);
  move_some(bulk_, kBulkPerBatch);
  return !taken.empty();
}

void Ledger::Writer::run() {
  std::deque<Task> taken;
  while (take(taken)) process(taken);
}

void Ledger::Writer::process(std::deque<Task>& taken) {
  if (probe_) {
    if (auto full = log_.commit({}, {}); !full) {
      for (Task& task : taken) task.answer(std::unexpected(full.error()));
      taken.clear();
      return;
    }
    probe_ = false;
  }
  const auto begin = std::chrono::steady_clock::now();
  Batch batch;
  batch.head = log_.head();
  while (!taken.empty() && batch.bytes < options_.batch_bytes_max) {
    batch.tasks.push_back(std::move(taken.front()));
    taken.pop_front();
    batch.outcomes.push_back(decide_one(batch.tasks.back().order, batch));
  }
  const auto decided = std::chrono::steady_clock::now();
  CommitReport report;
  report.commands = batch.tasks.size();
  report.events = batch.records.size();
  report.bytes = batch.bytes;
  commit(batch);
  if (observer_) {
    report.decide = std::chrono::duration_cast<std::chrono::microseconds>(decided - begin);
    report.commit = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - decided);
    observer_(report);
  }
  answer(batch);
}

Ledger::Writer::Outcome Ledger::Writer::decide_one(const Order& order, Batch& batch) {
  if (failed_) return {refuse(Code::kReadOnly), {}};
  if (order.deadline < std::chrono::steady_clock::now()) return {refuse(Code::kDeadlineExceeded), {}};
  const std::string key = store::command_key(order.tenant.uuid, order.id);
  if (const auto earlier = batch.commands.find(key); earlier != batch.commands.end()) {
    if (batch.entries[earlier->second].body_hash != order.body_hash) return {refuse(Code::kKeyReused), {}};
    return {Receipt{}, true};
  }
  auto entry = log_.find_command(key);
  if (!entry) return {std::unexpected(std::move(entry.error())), {}};
  if (*entry) return {repeat(order, **entry), {}};

  const State& state = fold_.state();
  if (order.expected_version) {
    const auto changed = subject(order.command);
    const std::uint64_t version = changed ? version_of(state, *changed) : 0;
    if (version != *order.expected_version) {
      return {refuse(Code::kVersionMismatch, "the version is " + std::to_string(version)), {}};
    }
  }
  auto events = decide(state, order.command, order.context);
  if (!events) return {std::unexpected(std::move(events.error())), {}};
  return {append(order, key, std::move(*events), batch), {}};
}

// Encodes all events of a command, then folds them: all or nothing.
Result<Receipt> Ledger::Writer::append(const Order& order, const std::string& key, std::vector<StreamEvent> events,
                                       Batch& batch) {
  const State& state = fold_.state();
  Receipt receipt;
  std::vector<store::Record> records;
  store::Head head = batch.head;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    StreamEvent& event = events[i];
    codec::Envelope envelope;
    envelope.position = head.position + 1;
    envelope.stream = event.stream;
    envelope.version = version_of(state, event.stream) + 1;
    for (const codec::Envelope& earlier : receipt.events) envelope.version += earlier.stream == event.stream ? 1U : 0U;
    envelope.customer = event.customer;
    const auto sequence = state.customer_sequences.find(event.customer);
    envelope.customer_sequence = (sequence == state.customer_sequences.end() ? 0 : sequence->second) + 1 + i;
    envelope.recorded = std::max(order.context.now, fold_.recorded());
    envelope.document_date = event.document_date;
    envelope.posting_date = event.posting_date;
    envelope.actor = order.context.actor;
    envelope.command_id = order.id;
    envelope.index = static_cast<std::uint32_t>(i);
    envelope.count = static_cast<std::uint32_t>(events.size());
    envelope.currency = event.currency;
    envelope.postings = postings_for(event.event);
    envelope.event = std::move(event.event);
    if (!balanced(envelope.postings)) return refuse(Code::kInternal, "the postings do not balance");
    store::Record record;
    BILLING_CHECK(codec::encode(envelope, keys_, record));
    record.position = envelope.position;
    record.previous_hash = head.hash;
    head = {record.position, store::record_hash(record)};
    bytes += record.public_part.size() + record.private_part.size();
    records.push_back(std::move(record));
    receipt.events.push_back(std::move(envelope));
  }
  for (const codec::Envelope& envelope : receipt.events) BILLING_ASSERT(fold_.apply(envelope).has_value());
  receipt.first = batch.head.position + 1;
  receipt.last = head.position;
  receipt.version = answered_version(order, receipt.events);
  batch.head = head;
  batch.bytes += bytes;
  for (store::Record& record : records) batch.records.push_back(std::move(record));
  batch.commands[key] = batch.entries.size();
  batch.entries.push_back(
      {key, receipt.first, static_cast<std::uint32_t>(receipt.events.size()), order.body_hash});
  return receipt;
}

// The answer of a command that was committed before, rendered again from its events.
Result<Receipt> Ledger::Writer::repeat(const Order& order, const store::CommandEntry& entry) const {
  if (entry.body_hash != order.body_hash) return refuse(Code::kKeyReused, "use a new key for another request");
  Receipt receipt{entry.first_position, entry.first_position + entry.count - 1, 0, true, {}};
  Result<void> outcome;
  BILLING_CHECK(log_.read(entry.first_position, entry.count, [&](const store::Record& record) {
    auto envelope = codec::decode(record, &keys_);
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

void Ledger::Writer::commit(Batch& batch) {
  if (batch.records.empty()) return;
  if (auto written = log_.commit(batch.records, batch.entries); !written) {
    fail(batch, written.error());
    return;
  }
  commits_++;
  position_ = batch.head.position;
}

// Nothing that rests on an uncommitted decision may be answered as if it held: every waiter of the batch hears of it.
void Ledger::Writer::fail(Batch& batch, const Error& cause) {
  const bool full = cause.code == Code::kStorageFull;
  for (Outcome& outcome : batch.outcomes) {
    outcome.repeats_batch = false;
    outcome.result = full ? std::unexpected(cause)
                          : refuse(Code::kOutcomeUnknown, "the write failed; ask again with the same key");
  }
  if (full) {
    probe_ = true;
    reload();
  } else {
    failed_ = true;
    fold_ = Fold();
  }
}

// The state ran ahead of the log: fold it again.
void Ledger::Writer::reload() {
  fold_ = Fold();
  if (!refold(log_, fold_)) failed_ = true;
}

void Ledger::Writer::answer(Batch& batch) {
  for (std::size_t i = 0; i < batch.tasks.size(); ++i) {
    Outcome& outcome = batch.outcomes[i];
    commands_++;
    if (outcome.repeats_batch) {
      // The first command's receipt may have been moved out: read it back like any repeat.
      auto entry = log_.find_command(store::command_key(batch.tasks[i].order.tenant.uuid, batch.tasks[i].order.id));
      if (entry && *entry) {
        outcome.result = repeat(batch.tasks[i].order, **entry);
      } else {
        outcome.result = refuse(Code::kOutcomeUnknown, "ask again with the same key");
      }
    }
    if (!outcome.result) {
      refusals_++;
    } else if (outcome.result->repeated) {
      repeats_++;
    }
    batch.tasks[i].answer(std::move(outcome.result));
  }
}

}  // namespace billing::service
