// Checkpoints of the views, spread evenly over the log: where a question about a past position begins to fold.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "ledger/store/log.h"
#include "ledger/store/table_checkpoints.h"

namespace billing::views {

struct CheckpointOptions {
  std::uint64_t interval = 262'144;  // events between two, while the log is short
  std::size_t kept_max = 16;         // with more the interval doubles, and every second one goes; at least 1
  // Told in plain words when one could not be made or had to go; any thread of those that call. May be empty.
  std::function<void(const std::string&)> on_problem;
};

// Which positions have one follows from the position of the views alone: the multiples of interval() up to it. So at most
// `kept_max` are kept, and no position is further from the one before it than an eighth of the log or than `interval`,
// whichever is more (with 16 of them). They are no truth: any may be dropped, and the fold begins earlier.
class ViewCheckpoints {
 public:
  // Takes over what `copies` has, and drops those that are of another format or whose last event is not in the log.
  // Both arguments must outlive this. Error: kStorageFailure.
  static Result<std::unique_ptr<ViewCheckpoints>> open(const store::Log& log, store::TableCheckpoints& copies,
                                                       CheckpointOptions options);

  // Events between two when the views are at `position`.
  std::uint64_t interval(Position position) const;
  // The first position behind `position` at which a batch has to end, so that a checkpoint can be made there.
  Position next(Position position) const;
  // The views' tables are at `position` and will not be written to during this call: makes the checkpoint that is due, and
  // drops those that are too many. A failure is told and nothing more. Projector's thread.
  void reached(Position position);
  // Drops all. Projector's thread.
  void clear();

  // The last one at or before `position`; nullptr rows where there is none. One that cannot be opened is dropped and told.
  // Any thread.
  struct Base {
    Position position = 0;
    std::shared_ptr<const store::Snapshot> rows{};
  };
  Base nearest(Position position);
  // One turned out to be damaged. Any thread.
  void damaged(Position position, const Error& error);

  std::size_t kept() const;

 private:
  ViewCheckpoints(const store::Log& log, store::TableCheckpoints& copies, CheckpointOptions options)
      : log_(log), copies_(copies), options_(std::move(options)) {}
  Result<void> take_over();
  Result<bool> is_whole(Position position) const;
  void drop(Position position);
  void tell(const std::string& what) const;

  const store::Log& log_;
  store::TableCheckpoints& copies_;
  const CheckpointOptions options_;
  mutable std::mutex mutex_;  // guards positions_, and opening against dropping
  std::set<Position> positions_;
};

}  // namespace billing::views
