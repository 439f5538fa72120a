// The views as they were at any position of the log: the nearest checkpoint, and a fold from there in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "projections/view_checkpoints.h"
#include "projections/views.h"

namespace billing::views {

struct PastOptions {
  std::size_t waiting_max = 8;              // jobs that wait for the one at work
  std::size_t kept_max = 2;                 // results that stay for further questions of the same position; at least 1
  std::uint64_t events_max = 4'194'304;     // of one job
  std::size_t bytes_max = 1U << 30U;        // of the rows that one job may keep in memory; a step may pass it by its own rows
  std::size_t batch_events = 4'096;         // of a step: stopping waits for one
  std::size_t cached_rows_max = 50'000;     // of the fold at work
};

struct PastMetrics {
  bool running = false;
  std::size_t waiting = 0;
  std::size_t kept = 0;
  std::uint64_t bytes_kept = 0;    // rows in memory, of the results that are kept
  std::uint64_t done = 0;          // jobs since start
  std::uint64_t failed = 0;        // likewise, refused for their size too
  std::uint64_t refused = 0;       // questions turned away since too many jobs waited
  std::uint64_t events = 0;        // folded since start
  std::uint64_t micros = 0;        // that jobs took since start
};

// A position that somebody asked for. Any thread.
class PastJob {
 public:
  using Answer = Result<std::shared_ptr<const Reader>>;
  virtual ~PastJob() = default;
  // nullopt while the job waits or works. Errors: kPastTooFar, kShuttingDown, kCorruptRecord, kStorageFailure.
  virtual std::optional<Answer> answer() const = 0;
};

// One thread does the jobs, one after the other in the order in which they were asked for. Rows at a position are the same
// however they were folded, so every answer for a position is the same for ever (but for persons erased meanwhile, whose
// data no reader shows).
class PastViews {
 public:
  // `live` is asked for the newest position, `checkpoints` where to begin. All arguments must outlive this.
  PastViews(const store::Log& log, const codec::PersonKeys* keys, const Views& live, ViewCheckpoints& checkpoints,
            PastOptions options);
  ~PastViews();  // stops
  PastViews(const PastViews&) = delete;
  PastViews& operator=(const PastViews&) = delete;

  // The job for a position, done already when the rows are at hand; equal positions share one. It goes on when nobody
  // waits for it any more. Any thread; does not wait. Errors: kInvalidParameter (position 0), kPositionNotReached (the log
  // has no such event yet), kTooManyRequests, kShuttingDown.
  Result<std::shared_ptr<const PastJob>> at(Position position);

  PastMetrics metrics() const;
  // Finishes the step at hand; jobs that are not done answer kShuttingDown. Idempotent.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::views
