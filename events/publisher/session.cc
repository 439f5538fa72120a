#include "events/publisher/session.h"

#include <algorithm>
#include <chrono>

#include "events/publisher/topic.h"

namespace billing::publisher {
namespace {

constexpr std::chrono::seconds kFencingMax{30};
constexpr std::chrono::seconds kStableEndMax{30};
constexpr int kAbortsInARowMax = 5;
constexpr std::chrono::milliseconds kIdleWait{200};

using Clock = std::chrono::steady_clock;

bool is_fenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

bool is_indefinite(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT ||
         code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE || code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT ||
         code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
}

Instant now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

Trouble Session::run() {
  auto outcome = run_steps();
  Trouble ended = outcome ? Trouble{Verdict::kStopped, "", false} : std::move(outcome.error());
  // An unfinished transaction would hold back every committed reader until it times out.
  if (in_transaction_ && (ended.verdict == Verdict::kHalt || ended.verdict == Verdict::kStopped))
    static_cast<void>(abort(ended.text));
  survey_.reset();
  follower_.reset();
  if (producer_ && !shared_.reaper.bury(std::move(*producer_)))
    ended.text += "; " + number(Reaper::kLeftMax) + " producers of before do not end: restart the service";
  producer_.reset();
  return ended;
}

Outcome<void> Session::run_steps() {
  BILLING_PASS(connect());
  BILLING_PASS(fence());
  BILLING_PASS(find_place());
  survey_.reset();
  BILLING_PASS(claim());
  return publish();
}

Outcome<void> Session::connect() {
  shared_.progress.set_state(State::kConnecting);
  auto survey = make_reading_client(options().connection, Isolation::kUncommitted);
  if (!survey) return std::unexpected(std::move(survey.error()));
  survey_.emplace(std::move(*survey));
  const bool must_exist = shared_.known.position > 0;
  const auto check = ensure_topic(*survey_, options(), must_exist, [&] { return stopped(); });
  if (!check) return std::unexpected(check.error());
  if (check->created)
    shared_.notify(Notice::Severity::kInfo, "created the topic " + options().connection.topic);
  for (const std::string& warning : check->warnings) shared_.notify(Notice::Severity::kWarning, warning);
  return {};
}

Outcome<void> Session::fence() {
  shared_.progress.set_state(State::kFencing);
  const std::string timeout_ms = std::to_string(options().transaction_timeout.count());
  std::vector<Setting> settings = connection_settings(options().connection);
  settings.insert(settings.end(), {{"transactional.id", transactional_id(options().connection.topic)},
                                   {"transaction.timeout.ms", timeout_ms},
                                   {"message.timeout.ms", timeout_ms},
                                   {"enable.idempotence", "true"},
                                   {"acks", "all"},
                                   {"compression.codec", "lz4"},
                                   {"linger.ms", "2"},
                                   {"queue.buffering.max.messages", "100000"},
                                   {"queue.buffering.max.kbytes", "65536"}});
  auto made = Client::make(RD_KAFKA_PRODUCER, settings);
  if (!made) return std::unexpected(std::move(made.error()));
  producer_.emplace(std::move(*made));
  // In slices, so that stop() is seen; the call resumes where it was.
  for (const auto began = Clock::now();;) {
    if (stopped()) return trouble(Verdict::kStopped, "");
    rd_kafka_error_t* const error = rd_kafka_init_transactions(producer_->get(), 500);
    if (error == nullptr) break;
    const bool again = rd_kafka_error_is_retriable(error) != 0 && Clock::now() - began < kFencingMax;
    Trouble why = judge(error, "init_transactions");
    if (!again) return std::unexpected(std::move(why));
    producer_->poll();
  }
  // Without the topic's metadata the first produce waits up to a second.
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(producer_->get(), options().connection.topic.c_str(), nullptr);
  if (topic == nullptr) return trouble(Verdict::kHalt, "the topic's name is refused");
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(producer_->get(), 0, topic, &metadata, 5'000);
  rd_kafka_topic_destroy(topic);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return trouble(Verdict::kRetry, "no metadata: " + error_text(code));
  rd_kafka_metadata_destroy(metadata);
  return {};
}

Outcome<void> Session::await_stable_end() {
  auto committed = make_reading_client(options().connection, Isolation::kCommitted);
  if (!committed) return std::unexpected(std::move(committed.error()));
  for (const auto began = Clock::now();;) {
    const auto stable = query_offsets(*committed, options().connection.topic, std::chrono::seconds(5));
    if (!stable) return std::unexpected(stable.error());
    const auto all = query_offsets(*survey_, options().connection.topic, std::chrono::seconds(5));
    if (!all) return std::unexpected(all.error());
    end_offset_ = stable->end;
    if (stable->end == all->end) return {};
    if (Clock::now() - began > kStableEndMax)
      return trouble(Verdict::kRetry, "a transaction stays open in the topic (stable end " +
                                          std::to_string(stable->end) + ", end " + std::to_string(all->end) +
                                          "): another writer, or a hanging one to abort with kafka-transactions");
    if (!shared_.stop.wait(std::chrono::milliseconds(50))) return trouble(Verdict::kStopped, "");
  }
}

Outcome<void> Session::find_place() {
  shared_.progress.set_state(State::kReadingTail);
  BILLING_PASS(await_stable_end());
  const auto tail = read_tail(options().connection, [&] { return stopped(); });
  if (!tail) return std::unexpected(tail.error());
  if (tail->foreign > 0)
    shared_.notify(Notice::Severity::kWarning, number(tail->foreign) + " records at the topic's end are not ours");
  return compare(*tail);
}

Outcome<void> Session::compare(const Tail& tail) {
  const store::Head& k = tail.head;
  const bool other_claim = tail.epoch > shared_.own_epoch ||
                           (tail.claim_epoch == shared_.own_epoch && tail.claim_node != shared_.node);
  if (shared_.own_epoch != 0 && other_claim)
    return forked("another writer (" + tail.claim_node + ", epoch " + number(tail.epoch) +
                  ") has claimed the topic after us: only one may run");
  const store::Head head = shared_.log.head();
  if (k.position > head.position)
    return forked("the topic is ahead of the store (topic " + number(k.position) + ", store " + number(head.position) +
                  "): the store lost acknowledged data; restore it from the topic or a newer backup");
  const store::Head& known = shared_.known;
  if (k.position < known.position)
    return trouble(Verdict::kHalt, "the topic ends at position " + number(k.position) + ", but " +
                                       number(known.position) +
                                       " was published to it before: the topic was emptied, replaced or lost data");
  if (k.position == known.position && known.position > 0 && k.hash != known.hash)
    return forked("position " + number(k.position) + " in the topic is not the event that was published");
  store::Hash stored{};
  if (k.position > 0) {
    const auto read = shared_.log.read(k.position, 1, [&](const store::Record& record) {
      stored = store::record_hash(record);
      return false;
    });
    if (!read || *read != 1)
      return trouble(read || read.error().code == Code::kCorruptRecord ? Verdict::kHalt : Verdict::kRetry,
                     "the log's record " + number(k.position) + " cannot be read");
  }
  if (k.position > 0 && stored != k.hash)
    return forked("position " + number(k.position) + " has another hash in the topic (" + hash_text(k.hash) +
                  ") than in the store (" + hash_text(stored) +
                  "): store and topic have different histories, as after restoring an older backup");
  published_ = k;
  shared_.known = k;
  epoch_ = tail.epoch + 1;
  shared_.progress.update([&](PublisherStats& stats) {
    stats.published = k.position;
    stats.compared = true;
  });
  return {};
}

Outcome<void> Session::claim() {
  shared_.progress.set_state(State::kClaiming);
  shared_.own_epoch = epoch_;  // before the attempt: it may be in the topic even if we never learn so
  BILLING_PASS(begin());
  const Claim claim{epoch_, shared_.node, published_, now()};
  const auto code = produce(*producer_, options().connection.topic, "", "", claim_headers(claim, options().source));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return trouble(is_fenced(code) ? Verdict::kFenced : Verdict::kRetry, "the CLAIM was refused: " + error_text(code));
  bool aborted = false;
  BILLING_PASS(commit(aborted));
  if (aborted) return trouble(Verdict::kRetry, shared_.progress.snapshot().last_error);
  BILLING_PASS(check_undisturbed());
  shared_.progress.update([&](PublisherStats& stats) { stats.epoch = epoch_; });
  shared_.notify(Notice::Severity::kInfo, "publishing from position " + number(published_.position + 1) +
                                              " on, epoch " + number(epoch_) + ", as " + shared_.node);
  return {};
}

Outcome<void> Session::publish() {
  shared_.progress.set_state(State::kPublishing);
  follower_ = std::make_unique<Follower>(options().connection,
                                         Follower::Start{end_offset_, epoch_, shared_.node, published_});
  while (!stopped()) {
    BILLING_PASS(check_followed());
    if (const auto noted = shared_.hint.note(published_, false); !noted) {
      shared_.progress.set_error(noted.error().detail);
      shared_.notify(Notice::Severity::kWarning, noted.error().detail);
    }
    if (shared_.log.wait_past(published_.position, kIdleWait)) BILLING_PASS(one_transaction());
    producer_->poll();
    if (const auto fatal = producer_->fatal(); fatal != RD_KAFKA_RESP_ERR_NO_ERROR)
      return trouble(is_fenced(fatal) ? Verdict::kFenced : Verdict::kRetry, error_text(fatal));
  }
  return trouble(Verdict::kStopped, "");
}

Outcome<void> Session::one_transaction() {
  // A connection was lost since the last one: a request that is still on its way could end the next transaction.
  BILLING_PASS(check_undisturbed());
  shared_.fault("before-begin");
  BILLING_PASS(begin());
  store::Head next = published_;
  Batch batch;
  BILLING_PASS(fill(next, batch));
  if (shared_.options.fault_point) {
    rd_kafka_flush(producer_->get(), 5'000);
    shared_.fault("before-commit");
  }
  bool aborted = false;
  BILLING_PASS(commit(aborted));
  if (aborted) {
    if (++aborts_in_a_row_ >= kAbortsInARowMax)
      return trouble(Verdict::kRetry, shared_.progress.snapshot().last_error);
    shared_.stop.wait(std::chrono::milliseconds(100 << aborts_in_a_row_));
    return {};
  }
  shared_.fault("after-commit");
  aborts_in_a_row_ = 0;
  made_progress_ = true;
  published_ = next;
  shared_.known = next;
  shared_.progress.update([&](PublisherStats& stats) {
    stats.published = next.position;
    stats.events += batch.events;
    ++stats.transactions;
  });
  return check_undisturbed();
}

Outcome<void> Session::fill(store::Head& next, Batch& batch) {
  const std::string& topic = options().connection.topic;
  const auto send = [&](const store::Record& record, const store::Hash& hash,
                        const Description& description) -> Outcome<void> {
    const auto headers = event_headers(record, hash, description, options().source, epoch_);
    const auto give_up = Clock::now() + options().transaction_timeout;
    for (;;) {
      const auto code = produce(*producer_, topic, description.customer.uuid.view(), record.public_part, headers);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || Clock::now() > give_up)
        return trouble(is_fenced(code) ? Verdict::kFenced : Verdict::kRetry,
                       "position " + number(record.position) + " cannot be sent: " + error_text(code));
      rd_kafka_poll(producer_->get(), 10);
    }
  };
  const auto until = Clock::now() + options().linger;
  for (;;) {
    BILLING_PASS(append_from_log(shared_, next, batch, send));
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (batch.full || left.count() <= 0 || stopped()) return {};
    if (!shared_.log.wait_past(next.position, left)) return {};
  }
}

Outcome<void> Session::begin() {
  rd_kafka_error_t* const error = rd_kafka_begin_transaction(producer_->get());
  if (error != nullptr) return std::unexpected(judge(error, "begin_transaction"));
  in_transaction_ = true;
  return {};
}

Outcome<void> Session::commit(bool& aborted) {
  rd_kafka_error_t* const error = rd_kafka_commit_transaction(producer_->get(), -1);
  producer_->poll();
  if (error == nullptr) {
    in_transaction_ = false;
    return {};
  }
  const bool can_abort = rd_kafka_error_txn_requires_abort(error) != 0 && rd_kafka_error_is_fatal(error) == 0 &&
                         !is_indefinite(rd_kafka_error_code(error)) && !producer_->signals().disturbed;
  Trouble why = judge(error, "commit_transaction");
  if (!can_abort || why.verdict != Verdict::kRetry) return std::unexpected(std::move(why));
  shared_.progress.set_error(why.text);
  shared_.notify(Notice::Severity::kWarning, why.text + "; the transaction is aborted and sent again");
  BILLING_PASS(abort(why.text));
  aborted = true;
  return {};
}

Outcome<void> Session::abort(const std::string& why) {
  in_transaction_ = false;
  rd_kafka_error_t* const error = rd_kafka_abort_transaction(producer_->get(), -1);
  producer_->poll();
  if (error != nullptr) return std::unexpected(judge(error, "abort_transaction after " + why));
  shared_.progress.update([](PublisherStats& stats) { ++stats.aborts; });
  return {};
}

Outcome<void> Session::check_followed() {
  if (auto fork = follower_->fork()) return forked(*std::move(fork));
  if (auto replaced = follower_->replaced()) return trouble(Verdict::kRetry, *std::move(replaced));
  if (auto unread = follower_->unread(); unread.has_value() != unread_) {
    unread_ = unread.has_value();
    shared_.notify(unread_ ? Notice::Severity::kWarning : Notice::Severity::kInfo,
                   unread_ ? "what is published cannot be read back: " + *unread : "what is published is read back again");
  }
  shared_.progress.update([&](PublisherStats& stats) { stats.read_back = follower_->position(); });
  if (const std::uint64_t strangers = follower_->strangers(); strangers != strangers_) {
    shared_.notify(Notice::Severity::kWarning,
                   number(strangers - strangers_) + " records in the topic are of no ledger; readers skip them");
    strangers_ = strangers;
  }
  return {};
}

Outcome<void> Session::check_undisturbed() {
  producer_->poll();
  if (!producer_->signals().disturbed) return {};
  Trouble lost{Verdict::kRetry, "a connection was lost, the tail is read back: " + producer_->last_error(), true};
  if (const auto fatal = producer_->fatal(); is_fenced(fatal)) lost = {Verdict::kFenced, error_text(fatal), false};
  return std::unexpected(std::move(lost));
}

Trouble Session::judge(rd_kafka_error_t* error, std::string_view what) const {
  const auto code = rd_kafka_error_code(error);
  const bool fenced = is_fenced(code) || is_fenced(producer_->fatal());
  Trouble why{fenced ? Verdict::kFenced : Verdict::kRetry,
              std::string(what) + ": " + rd_kafka_error_string(error) + " (" + rd_kafka_error_name(error) + ")", false};
  rd_kafka_error_destroy(error);
  if (const std::string last = producer_->last_error(); !last.empty()) why.text += "; " + last;
  return why;
}

Trouble after_fencing(Shared& shared) {
  // Whoever fenced us writes its CLAIM next; without one our transaction only timed out at the broker.
  for (int attempt = 0; attempt < 6; ++attempt) {
    const auto tail = read_tail(shared.options.connection, [&] { return shared.stop.raised(); });
    if (!tail) return tail.error();
    if (tail->epoch > shared.own_epoch || (tail->claim_epoch == shared.own_epoch && tail->claim_node != shared.node))
      return {Verdict::kHalt,
              "another writer (" + tail->claim_node + ", epoch " + number(tail->epoch) +
                  ") has claimed the topic after us: only one may run",
              false, true};
    if (!shared.stop.wait(std::chrono::milliseconds(500))) return {Verdict::kStopped, "", false};
  }
  return {Verdict::kRetry, "fenced, but nobody else has claimed the topic", true};
}

}  // namespace billing::publisher
