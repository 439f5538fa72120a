#include "ledger/service/writer.h"

#include <map>

#include "ledger/base/assert.h"
#include "ledger/base/thread_name.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

namespace billing::service {
namespace {

// The bulk lane feeds at most this many commands into one batch, so that single requests never wait long.
constexpr std::size_t kBulkPerBatch = 1'024;
// And at most so many follow-ups, some 900 allocations each, so that commands do not wait long behind a large payment.
constexpr std::size_t kFollowUpsPerBatch = 4;
// How often the log is tried again after a failed write; and after it could be opened but not folded.
constexpr std::chrono::seconds kHealEvery{1};
constexpr std::chrono::seconds kHealAfterFoldFailed{60};
constexpr std::string_view kWhileFailed = "a write failed; it goes on by itself once the disk is sound";

std::uint64_t version_of(const State& state, const StreamId& stream) {
  const auto found = state.versions.find(stream);
  return found == state.versions.end() ? 0 : found->second;
}

}  // namespace

const PendingCommands::BodyHash* PendingCommands::find(const std::string& key) const {
  for (const Generation* const generation : {&newer_, &older_}) {
    if (const auto found = generation->find(key); found != generation->end()) return &found->second;
  }
  return nullptr;
}

void PendingCommands::add(const std::string& key, const BodyHash& body_hash, std::uint64_t sequence) {
  newer_[key] = body_hash;
  newer_last_ = sequence;
}

void PendingCommands::forget(std::uint64_t done) {
  if (older_last_ > done) return;
  older_.clear();
  std::swap(older_, newer_);
  older_last_ = newer_last_;
}

Ledger::Writer::Writer(store::Log& log, codec::PersonKeys& keys, LedgerOptions options, Fold fold)
    : log_(log), keys_(keys), options_(std::move(options)),
      stage_(log, keys, options_, [this] {
        const std::lock_guard lock(mutex_);
        if (blocked_) wake_.notify_one();
      }),
      fold_(std::move(fold)), head_(log.head()), recorded_(fold_.recorded().micros), accounts_frozen_(fold_.accounts_frozen()) {}

void Ledger::Writer::start() {
  stage_.start();
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
  stage_.stop();
}

std::optional<Error> Ledger::Writer::closed_for(const Order* order) const {
  if (stopping_) return Error{Code::kShuttingDown, {}, {}};
  if (stage_.failed()) {
    return Error{Code::kReadOnly, std::string(kWhileFailed), {}};
  }
  if (closed_) return closed_;
  if (shed_) return Error{Code::kViewsBehind, "try again in a second", {}};
  if (order == nullptr) return std::nullopt;
  if (auto good = check_clock(options_.clock, recorded(), order->context.now); !good) return std::move(good.error());
  if (order->id.empty() || order->id.size() > 255) return Error{Code::kInvalidId, "a command id has 1 to 255 bytes", "/id"};
  return std::nullopt;
}

void Ledger::Writer::close(Error why) {
  const std::lock_guard lock(mutex_);
  if (!closed_) closed_ = std::move(why);
}

// Answers a command that was not decided.
void Ledger::Writer::shed(const Answer& answer, Error refusal) {
  shed_count_++;
  shed_refusals_.add(refusal.code);
  answer(std::unexpected(std::move(refusal)));
}

void Ledger::Writer::execute(Order order, Answer answer) {
  std::optional<Error> refusal;
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    refusal = closed_for(&order);
    // The first one's wait tells how long the queue is in time, whatever a command takes just now.
    const bool too_long = !single_.empty() && now - single_.front().queued > options_.single_queue_time_max;
    if (!refusal && (too_long || single_.size() >= options_.single_queue_max)) {
      refusal = Error{Code::kQueueFull, "try again in a second", {}};
    }
    if (!refusal) single_.push_back({std::move(order), std::move(answer), now});
  }
  if (refusal) return shed(answer, std::move(*refusal));
  wake_.notify_one();
}

bool Ledger::Writer::execute_bulk(std::vector<Order>& orders, std::function<void(std::size_t, Result<Receipt>)> answer) {
  auto shared = std::make_shared<std::function<void(std::size_t, Result<Receipt>)>>(std::move(answer));
  std::optional<Error> refusal;
  {
    const std::lock_guard lock(mutex_);
    refusal = closed_for(nullptr);
    if (refusal && refusal->code == Code::kViewsBehind && !closed_) return false;
    if (!refusal && !orders.empty()) {
      if (auto good = check_clock(options_.clock, recorded(), orders.front().context.now); !good) refusal = std::move(good.error());
    }
    if (!refusal) {
      if (bulk_.size() + orders.size() > options_.bulk_queue_max) return false;
      for (std::size_t i = 0; i < orders.size(); ++i) {
        bulk_.push_back({std::move(orders[i]), [shared, i](Result<Receipt> result) { (*shared)(i, std::move(result)); }});
      }
    }
  }
  if (refusal) {
    for (std::size_t i = 0; i < orders.size(); ++i) {
      shed([&](Result<Receipt> result) { (*shared)(i, std::move(result)); }, *refusal);
    }
    return true;
  }
  wake_.notify_one();
  return true;
}

LedgerStats Ledger::Writer::stats() const {
  const CommitStage::Counters& counters = stage_.counters();
  LedgerStats stats;
  {
    const std::lock_guard lock(mutex_);
    stats.single_queue = single_.size();
    stats.bulk_queue = bulk_.size();
  }
  stats.single_queue_max = options_.single_queue_max;
  stats.bulk_queue_max = options_.bulk_queue_max;
  stats.position = log_.head().position;
  stats.writing = counters.writing;
  stats.commits = counters.commits;
  stats.accepted = counters.accepted;
  stats.repeated = counters.repeated;
  stats.refused = counters.refused;
  stats.shed = shed_count_;
  stats.breaches = breaches_;
  stats.accounts_frozen = accounts_frozen_;
  std::map<Code, std::uint64_t> refusals;
  for (const RefusalCounts* const counts : {&counters.refusals, &shed_refusals_}) {
    for (const auto& [code, count] : counts->read()) refusals[code] += count;
  }
  stats.refusals.assign(refusals.begin(), refusals.end());
  return stats;
}

// What queued meanwhile, single requests first, as far as the next commit has room. False: stopped and nothing is left.
bool Ledger::Writer::take(std::deque<Task>& taken) {
  const std::size_t bulk_max = std::min(kBulkPerBatch, options_.batch_commands_max);
  const auto room = [&](std::size_t most) {
    const std::size_t there = stage_.waiting() + taken.size();
    return there < most ? most - there : 0;
  };
  const auto move_some = [&](std::deque<Task>& from, std::size_t most) {
    for (std::size_t left = room(most); left > 0 && !from.empty(); --left) {
      taken.push_back(std::move(from.front()));
      from.pop_front();
    }
  };
  std::unique_lock lock(mutex_);
  const auto ready = [&] {
    const bool own = !taken.empty() || follow_up_waits();  // left by the batch before
    if (!own && single_.empty() && bulk_.empty()) return stopping_;
    const bool some = (own && stage_.waiting() < options_.batch_commands_max) ||
                      (!single_.empty() && room(options_.batch_commands_max) > 0) ||
                      (!bulk_.empty() && room(bulk_max) > 0);
    blocked_ = !some;
    return some;
  };
  // Now and then it looks whether the last commit has failed: then there may be a disk to try again.
  while (!wake_.wait_for(lock, kHealEvery, ready)) {
    if (stage_.failed() || log_.read_only()) return true;
  }
  move_some(single_, options_.batch_commands_max);
  move_some(bulk_, bulk_max);
  return !taken.empty() || follow_up_waits();
}

void Ledger::Writer::run() {
  std::deque<Task> taken;
  while (take(taken)) process(taken);
}

// Not while the service stops, nor on a full disk before a command has found room there: opening finds it again. Under mutex_.
bool Ledger::Writer::follow_up_waits() { return !stopping_ && !probe_ && fold_.follow_ups().waiting(); }

// Before anything else: what the commands before left to be done.
void Ledger::Writer::take_follow_ups(std::deque<Task>& taken) {
  for (std::size_t n = 0; n < kFollowUpsPerBatch && fold_.follow_ups().waiting(); ++n) {
    taken.push_front({fold_.follow_ups().next(), [this](const Result<Receipt>& outcome) {
                        if (!outcome && options_.on_follow_up_refused) options_.on_follow_up_refused(outcome.error());
                      }});
  }
}

void Ledger::Writer::process(std::deque<Task>& taken) {
  if (const auto cause = stage_.failure()) recover(*cause);
  if (!stage_.failed() && log_.read_only()) stage_.give_up("the store has failed behind the last commit");
  if (stage_.failed() && !heal()) {
    for (Task& task : taken) shed(task.answer, Error{Code::kReadOnly, std::string(kWhileFailed), {}});
    taken.clear();
    return;
  }
  if (probe_) {
    if (auto full = log_.commit({}, {}); !full) {
      for (Task& task : taken) shed(task.answer, full.error());
      taken.clear();
      return;
    }
    probe_ = false;
  }
  pending_.forget(stage_.done());
  take_follow_ups(taken);
  const auto begin = std::chrono::steady_clock::now();
  Decided batch;
  batch.sequence = ++sequence_;
  batch.tasks.reserve(taken.size());
  batch.outcomes.reserve(taken.size());
  while (!taken.empty() && batch.bytes < options_.batch_bytes_max) {
    batch.tasks.push_back(std::move(taken.front()));
    taken.pop_front();
    batch.outcomes.push_back(decide_one(batch.tasks.back().order, batch));
  }
  batch.decide = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  accounts_frozen_ = fold_.accounts_frozen();
  recorded_.store(fold_.recorded().micros, std::memory_order_relaxed);
  stage_.add(std::move(batch));
}

// The state ran ahead of the log: of a full disk it is folded again; after another failure nothing is decided any more.
void Ledger::Writer::recover(const Error& cause) {
  stage_.recover();
  pending_.clear();
  head_ = log_.head();
  fold_ = Fold();
  if (cause.code != Code::kStorageFull) return;
  probe_ = true;
  if (const auto folded = refold(log_, fold_, &keys_); !folded) stage_.give_up("the log cannot be folded: " + folded.error().detail);
}

// Opens the log anew after a failed write, now and then, and folds it: what failed may be in it after all.
bool Ledger::Writer::heal() {
  if (std::chrono::steady_clock::now() < heal_at_) return false;
  stage_.recover();  // what was decided before is in the log, or answered as failed: nothing reaches the log from here on
  heal_at_ = std::chrono::steady_clock::now() + kHealEvery;
  if (const auto reopened = log_.reopen(); !reopened) {
    stage_.still_failed(reopened.error().detail);
    return false;
  }
  pending_.clear();
  head_ = log_.head();
  fold_ = Fold();
  if (const auto folded = refold(log_, fold_, &keys_); !folded) {
    stage_.still_failed("the log cannot be folded: " + folded.error().detail);
    heal_at_ = std::chrono::steady_clock::now() + kHealAfterFoldFailed;
    return false;
  }
  accounts_frozen_ = fold_.accounts_frozen();
  stage_.healed("the disk is sound again, the log was opened anew at position " + std::to_string(head_.position));
  return true;
}

Outcome Ledger::Writer::decide_one(const Order& order, Decided& batch) {
  if (stage_.failed()) return {refuse(Code::kReadOnly), {}};
  if (order.deadline < std::chrono::steady_clock::now()) return {refuse(Code::kDeadlineExceeded), {}};
  const std::string key = store::command_key(order.tenant.uuid, order.id);
  if (const auto* const earlier = pending_.find(key)) {
    if (*earlier != order.body_hash) return {refuse(Code::kKeyReused), {}};
    return {Receipt{}, true};
  }
  auto entry = log_.find_command(key);
  if (!entry) return {std::unexpected(std::move(entry.error())), {}};
  if (*entry) return {receipt_from(log_, keys_, order, **entry), {}};

  const State& state = fold_.state();
  if (order.expected_version) {
    const auto changed = subject(order.command);
    const std::uint64_t version = changed ? version_of(state, *changed) : 0;
    if (version != *order.expected_version) {
      return {refuse(Code::kVersionMismatch, "the version is " + std::to_string(version)), {}};
    }
  }
  auto events = options_.decide(state, order.command, order.context);
  if (!events) return {std::unexpected(std::move(events.error())), {}};
  // What leaves nothing in the log could not be answered again.
  if (events->empty()) return {refuse(Code::kNothingChanges), {}};
  std::vector<std::vector<Posting>> postings;
  for (const StreamEvent& event : *events) postings.push_back(postings_for(event.event));
  if (const auto breach = checks::check(state, *events, postings)) return {freeze(order, *breach, batch), {}};
  return {append(order, key, std::move(*events), std::move(postings), batch), {}};
}

// Refuses a command whose events fail a check, and freezes the account that it would have harmed: under an id that
// follows from the command's, so that it is done once.
Result<Receipt> Ledger::Writer::freeze(const Order& order, const checks::Breach& breach, Decided& batch) {
  breaches_++;
  Order freezing = order;
  freezing.id = "frozen-" + crypto::hex(crypto::sha256(order.id));
  freezing.command = account::Freeze{breach.account, breach.check, breach.detail};
  auto events = billing::decide(fold_.state(), freezing.command, order.context);
  if (events) {
    std::vector<std::vector<Posting>> none(events->size());
    BILLING_CHECK(append(freezing, store::command_key(order.tenant.uuid, freezing.id), std::move(*events),
                         std::move(none), batch));
  }
  return refuse(Code::kCheckFailed, breach.check + ": " + breach.detail);
}

// Encodes all events of a command, then folds them: all or nothing.
Result<Receipt> Ledger::Writer::append(const Order& order, const std::string& key, std::vector<StreamEvent> events,
                                       std::vector<std::vector<Posting>> postings, Decided& batch) {
  const State& state = fold_.state();
  Receipt receipt;
  std::vector<store::Record> records;
  store::Head head = head_;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    StreamEvent& event = events[i];
    codec::Envelope envelope;
    envelope.position = head.position + 1;
    envelope.stream = event.stream;
    envelope.version = version_of(state, event.stream) + 1;
    envelope.customer = event.customer;
    const auto sequence = state.customer_sequences.find(event.customer);
    envelope.customer_sequence = (sequence == state.customer_sequences.end() ? 0 : sequence->second) + 1;
    for (const codec::Envelope& earlier : receipt.events) {
      envelope.version += earlier.stream == event.stream ? 1U : 0U;
      envelope.customer_sequence += earlier.customer == event.customer ? 1U : 0U;
    }
    envelope.recorded = std::max(order.context.now, fold_.recorded());
    envelope.document_date = event.document_date;
    envelope.posting_date = event.posting_date;
    envelope.actor = order.context.actor;
    envelope.command_id = order.id;
    envelope.index = static_cast<std::uint32_t>(i);
    envelope.count = static_cast<std::uint32_t>(events.size());
    envelope.currency = event.currency;
    envelope.postings = std::move(postings[i]);
    envelope.event = std::move(event.event);
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
  receipt.first = head_.position + 1;
  receipt.last = head.position;
  receipt.version = answered_version(order, receipt.events);
  head_ = head;
  batch.bytes += bytes;
  for (store::Record& record : records) batch.records.push_back(std::move(record));
  pending_.add(key, order.body_hash, batch.sequence);
  batch.entries.push_back(
      {key, receipt.first, static_cast<std::uint32_t>(receipt.events.size()), order.body_hash});
  return receipt;
}

}  // namespace billing::service
