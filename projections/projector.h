// Follows the log into the views: one thread folds events into rows and writes rows and checkpoint in one batch.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"
#include "ledger/store/tables.h"
#include "projections/view_checkpoints.h"
#include "projections/views.h"

namespace billing::views {

struct ProjectorOptions {
  std::size_t batch_events_max = 8'192;
  std::size_t cached_rows_max = 150'000;  // hot rows kept between batches, up to twice as many; some 350 bytes each
  std::function<Instant()> now;           // the clock, for lags; required
  // Called on the projector's thread after each batch and about every 200 ms when idle: seconds since the oldest event
  // that is not in the views was recorded; 0 when none is missing, and while views are built from nothing.
  std::function<void(std::int64_t seconds)> on_lag;
  // Told where the views are after each batch, which ends where a checkpoint is due; null: none are made. Views that are
  // built from nothing drop them all.
  ViewCheckpoints* checkpoints = nullptr;
  // Called on the projector's thread when a store fails (its error; the views stand, and it is tried again every second),
  // and when they go on (null).
  std::function<void(const Error*)> on_trouble;
  // Called once on the projector's thread when the views cannot go on: a damaged record, a damaged row.
  std::function<void(const Error&)> on_failure;
};

struct ProjectorMetrics {
  Position position = 0;
  std::uint64_t lag_events = 0;
  std::int64_t lag_seconds = 0;
  std::uint64_t events_applied = 0;  // since start
  std::uint64_t rows_written = 0;    // since start
  std::uint64_t batches = 0;
  bool rebuilding = false;           // started from nothing and has not yet reached the head it saw then
  Position rebuild_target = 0;
  std::optional<Error> failure{};      // it stands, until the store is sound again or
  bool stopped = false;                // for good
};

class Projector {
 public:
  // Starts the thread. The tables are dropped and rebuilt when their checkpoint is not of this log or their format is
  // not this version's. All arguments must outlive the projector; `keys` may be null. Errors: kStorageFailure.
  static Result<std::unique_ptr<Projector>> start(const store::Log& log, const codec::PersonKeys* keys,
                                                  store::Tables& tables, Views& views, ProjectorOptions options);
  ~Projector();  // stops
  Projector(const Projector&) = delete;
  Projector& operator=(const Projector&) = delete;

  // Any thread.
  ProjectorMetrics metrics() const;
  // Finishes the batch at hand and joins the thread. Idempotent.
  void stop();

 private:
  class Impl;
  explicit Projector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::views
