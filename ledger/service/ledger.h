// The way in: one writer thread decides commands in order; what was decided during a sync is committed by the next.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/error.h"
#include "ledger/codec/codec.h"
#include "ledger/codec/envelope.h"
#include "ledger/domain/event.h"
#include "ledger/store/log.h"

namespace billing::service {

// A command with everything around it. Time and ids come in here; nothing below reads a clock or makes an id.
struct Order {
  Command command;
  Context context;
  CustomerId tenant;        // whose id space `id` belongs to; nil for the operator
  std::string id;           // the Idempotency-Key or a batch line's id, 1 to 255 bytes
  std::array<std::uint8_t, 16> body_hash{};
  std::optional<std::uint64_t> expected_version;  // of subject(command): If-Match
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

// What an acknowledged command did. Durable when you see it.
struct Receipt {
  Position first = 0;          // of its events; 0 when it added none
  Position last = 0;
  std::uint64_t version = 0;   // of the subject (of the new object) after it
  bool repeated = false;       // the same id was committed before; the events are those of then
  std::vector<codec::Envelope> events;
};

using Answer = std::function<void(Result<Receipt>)>;

// One commit, for metrics.
struct CommitReport {
  std::size_t commands = 0;
  std::size_t events = 0;
  std::size_t bytes = 0;
  std::chrono::microseconds decide{};
  std::chrono::microseconds commit{};
};

// Whether commits succeed. kFull: the last one was refused for lack of space, and the next one is tried. kFailed: a write
// failed; nothing is decided until the log could be opened anew, which is tried every few seconds.
enum class Writing : std::uint8_t { kFine, kFull, kFailed };

// How far a command's time may be from the last event's before it is taken for a wrong clock: a time years ahead would stand in
// the log for ever. 0: as far as it likes.
struct ClockLimits {
  std::int64_t ahead_micros_max = 0;
  std::int64_t behind_micros_max = 0;
};
// Error: kClockWrong, which names both times. Of an empty log (`last` 0) every time is right.
Result<void> check_clock(const ClockLimits& limits, Instant last, Instant now);

struct LedgerOptions {
  std::size_t batch_commands_max = 2'048;
  std::size_t batch_bytes_max = 4U << 20U;
  std::size_t single_queue_max = 16'384;
  std::size_t bulk_queue_max = 8'192;
  ClockLimits clock = {};
  // While the first single command of the queue has waited for longer, none is added.
  std::chrono::milliseconds single_queue_time_max{1'000};
  // The deciders; another function only where a test wants faulty ones.
  Decision (*decide)(const State&, const Command&, const Context&) = &billing::decide;
  // Called on the commit stage's thread after each commit, from the first on; may be empty.
  std::function<void(const CommitReport&)> on_commit = {};
  // Called when it changes, and when the log cannot be opened anew for another reason than before, with the reason, on the commit stage's thread or the one that decides; may be empty.
  std::function<void(Writing, const std::string& why)> on_writing = {};
  // Called when a command that the ledger itself gave was refused, on the thread that answers; may be empty.
  std::function<void(const Error&)> on_follow_up_refused = {};
};

// Each answered command, the ledger's own follow-ups too, is counted once: as accepted, repeated or refused, or as shed when
// it was refused before it was decided.
struct LedgerStats {
  std::size_t single_queue = 0;
  std::size_t single_queue_max = 0;
  std::size_t bulk_queue = 0;
  std::size_t bulk_queue_max = 0;
  Position position = 0;
  Writing writing = Writing::kFine;
  std::uint64_t commits = 0;
  std::uint64_t accepted = 0;
  std::uint64_t repeated = 0;
  std::uint64_t refused = 0;
  std::uint64_t shed = 0;
  std::uint64_t breaches = 0;        // commands whose events failed a check
  std::uint64_t accounts_frozen = 0;  // now
  std::vector<std::pair<Code, std::uint64_t>> refusals{};  // refused and shed ones by code, those that occurred
};

class Ledger {
 public:
  // Refolds the log into the state; `progress(done, head)` is called now and then. Errors: kCorruptRecord, also where a person
  // has lost the key that the log names; kStorageFailure. The log and keys must outlive the ledger.
  static Result<std::unique_ptr<Ledger>> open(store::Log& log, codec::PersonKeys& keys, LedgerOptions options,
                                              const std::function<void(Position, Position)>& progress = {});
  ~Ledger();  // stops
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Queues one command. `answer` is called exactly once, on the thread that commits, after the sync of the batch that
  // the command was decided in; or at once, on the caller's, with kShuttingDown, kReadOnly, kViewsBehind, kClockWrong or
  // kQueueFull (too many wait, or they wait too long);
  // or on the writer's, with kStorageFull. Errors: the decider's refusals; kNothingChanges (it decided nothing); kCheckFailed (its events failed a check, and the
  // account is frozen now); kKeyReused, kVersionMismatch, kDeadlineExceeded, kOutcomeUnknown.
  void execute(Order order, Answer answer);
  // Many commands of one stream, kept in order: `answer(i, result)` for each. The bulk lane never answers kQueueFull
  // here: false when there is no room for all of them now, and nothing was queued (try again when some were answered).
  bool execute_bulk(std::vector<Order>& orders, std::function<void(std::size_t, Result<Receipt>)> answer);

  // When the last event was recorded. Any thread.
  Instant recorded() const;
  // While true, new commands are refused with kViewsBehind. Any thread.
  void shed_load(bool shed);
  // From now on new commands are refused with `why`, bulk too, for there is nothing to wait for. The first call holds. Any
  // thread.
  void close(Error why);
  LedgerStats stats() const;
  // Refuses new commands, answers all that wait, joins the threads. Idempotent.
  void stop();

 private:
  class Writer;
  explicit Ledger(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace billing::service
