#include "projections/view_checkpoints.h"

#include "ledger/base/assert.h"
#include "projections/fold.h"

namespace billing::views {

Result<std::unique_ptr<ViewCheckpoints>> ViewCheckpoints::open(const store::Log& log, store::TableCheckpoints& copies,
                                                               CheckpointOptions options) {
  BILLING_ASSERT(options.interval > 0 && options.kept_max > 0);
  std::unique_ptr<ViewCheckpoints> checkpoints(new ViewCheckpoints(log, copies, std::move(options)));
  BILLING_CHECK(checkpoints->take_over());
  return checkpoints;
}

Result<void> ViewCheckpoints::take_over() {
  for (const Position position : copies_.list()) {
    const auto whole = is_whole(position);
    if (whole && *whole) {
      positions_.insert(position);
      continue;
    }
    tell("the checkpoint of the views at position " + std::to_string(position) + " is dropped: " +
         (whole ? "it is of another log or of another version's rows" : whole.error().detail));
    BILLING_CHECK(copies_.drop(position));
  }
  return {};
}

Result<bool> ViewCheckpoints::is_whole(Position position) const {
  BILLING_TRY(rows, copies_.open(position));
  BILLING_TRY(value, rows->get(checkpoint_key()));
  const auto head = parse_checkpoint(value);
  if (!head || head->position != position) return false;
  return is_of_log(log_, *head);
}

std::uint64_t ViewCheckpoints::interval(Position position) const {
  std::uint64_t interval = options_.interval;
  while (position / interval > options_.kept_max) interval *= 2;
  return interval;
}

Position ViewCheckpoints::next(Position position) const {
  const std::uint64_t step = interval(position);
  return (position / step + 1) * step;
}

void ViewCheckpoints::reached(Position position) {
  if (position == 0) return;
  const std::uint64_t step = interval(position);
  std::set<Position> known;
  {
    const std::lock_guard lock(mutex_);
    known = positions_;
  }
  if (position % step == 0 && !known.contains(position)) {
    if (const auto made = copies_.make(position)) {
      const std::lock_guard lock(mutex_);
      positions_.insert(position);
    } else {
      tell("no checkpoint of the views was made at position " + std::to_string(position) + ": " + made.error().detail);
    }
  }
  for (const Position one : known) {
    if (one % step != 0) drop(one);
  }
}

void ViewCheckpoints::clear() {
  std::set<Position> known;
  {
    const std::lock_guard lock(mutex_);
    known = positions_;
  }
  for (const Position one : known) drop(one);
}

ViewCheckpoints::Base ViewCheckpoints::nearest(Position position) {
  while (true) {
    Position last = 0;
    Error error;
    {
      const std::lock_guard lock(mutex_);
      const auto after = positions_.upper_bound(position);
      if (after == positions_.begin()) return {};
      last = *std::prev(after);
      auto rows = copies_.open(last);
      if (rows) return {last, std::move(*rows)};
      error = std::move(rows.error());
    }
    damaged(last, error);
  }
}

void ViewCheckpoints::damaged(Position position, const Error& error) {
  tell("the checkpoint of the views at position " + std::to_string(position) + " is dropped: " + error.detail);
  drop(position);
}

// The files that cannot be deleted now are deleted by the next start.
void ViewCheckpoints::drop(Position position) {
  const std::lock_guard lock(mutex_);
  positions_.erase(position);
  if (const auto dropped = copies_.drop(position); !dropped) tell(dropped.error().detail);
}

void ViewCheckpoints::tell(const std::string& what) const {
  if (options_.on_problem) options_.on_problem(what);
}

std::size_t ViewCheckpoints::kept() const {
  const std::lock_guard lock(mutex_);
  return positions_.size();
}

}  // namespace billing::views
