#include "projections/verify.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>

#include "projections/fold.h"
#include "projections/source.h"
#include "projections/trial_view.h"

namespace billing::views {
namespace {

constexpr std::size_t kCachedRowsMax = 150'000;
constexpr std::size_t kHashedAtOnce = 1U << 20U;
constexpr std::size_t kRowsAtOnce = 4'096;
constexpr std::size_t kDifferencesPerView = 10;
constexpr std::size_t kShownBytes = 256;

// All rows of a snapshot in order, read in slices, so that two can be walked side by side.
class RowStream {
 public:
  explicit RowStream(const store::Snapshot& rows) : rows_(rows) {}
  using Row = std::pair<std::string, std::string>;

  // nullptr at the end. Good until pop().
  Result<const Row*> front() {
    if (slice_.empty() && !ended_) BILLING_CHECK(fill());
    return slice_.empty() ? nullptr : &slice_.front();
  }
  void pop() { slice_.pop_front(); }

 private:
  Result<void> fill() {
    BILLING_CHECK(rows_.scan(next_, {}, [&](std::string_view key, std::string_view value) {
      slice_.emplace_back(key, value);
      return slice_.size() < kRowsAtOnce;
    }));
    if (slice_.size() < kRowsAtOnce) {
      ended_ = true;
    } else {
      next_ = slice_.back().first + '\0';
    }
    return {};
  }
  const store::Snapshot& rows_;
  std::deque<Row> slice_;
  std::string next_;
  bool ended_ = false;
};

std::string shown(const std::string* value) {
  return value == nullptr ? "-" : hex(std::string_view(*value).substr(0, kShownBytes));
}

class Comparison {
 public:
  explicit Comparison(VerifyReport& report) : report_(report) {}

  Result<void> run(const store::Snapshot& live, const store::Snapshot& folded) {
    RowStream left(live), right(folded);
    while (true) {
      BILLING_TRY(a, left.front());
      BILLING_TRY(b, right.front());
      if (a == nullptr && b == nullptr) return {};
      ++report_.rows;
      const bool take_a = b == nullptr || (a != nullptr && a->first <= b->first);
      const bool take_b = a == nullptr || (b != nullptr && b->first <= a->first);
      if (!take_a || !take_b || a->second != b->second) {
        differ(take_a ? a->first : b->first, take_a ? &a->second : nullptr, take_b ? &b->second : nullptr);
      }
      if (take_a) left.pop();
      if (take_b) right.pop();
    }
  }

 private:
  void differ(const std::string& key, const std::string* live, const std::string* folded) {
    ++report_.differing;
    const std::string view(view_name(key.empty() ? 0xFF : static_cast<std::uint8_t>(key.front())));
    if (++per_view_[view] > kDifferencesPerView) return;
    report_.first_differences.push_back({view, hex(key), shown(live), shown(folded)});
  }
  VerifyReport& report_;
  std::map<std::string, std::size_t> per_view_;
};

Result<bool> controls_agree(const Source& source) {
  BILLING_TRY(controls, read_control(source));
  BILLING_TRY(balances, read_trial_balance(source, Date{INT32_MAX}));
  return std::all_of(controls.begin(), controls.end(), [](const Control& control) { return control.agrees(); }) &&
         std::all_of(balances.begin(), balances.end(), [](const TrialBalance& b) { return b.balanced(); });
}

FoldProgress progress_of(const Fold& fold, Position target, std::chrono::steady_clock::time_point since) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
  const auto millis = static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed.count(), 1));
  const Position done = std::max<Position>(fold.at().position, 1);
  return {.position = fold.at().position,
          .target = target,
          .rows = fold.rows_written(),
          .rows_per_second = fold.rows_written() * 1'000 / millis,
          .seconds_left = (target - fold.at().position) * millis / done / 1'000};
}

}  // namespace

Result<void> rebuild_views(const store::Log& log, const codec::PersonKeys* keys, store::Tables& tables, Position target,
                           const OnFold& on_progress, std::size_t batch_events) {
  const auto since = std::chrono::steady_clock::now();
  Fold fold(log, keys, tables, kCachedRowsMax);
  BILLING_CHECK(fold.restart());
  while (fold.at().position < target) {
    BILLING_TRY(folded, fold.step(batch_events, target));
    if (folded == 0) {
      return refuse(Code::kPositionNotReached, "the log ends at position " + std::to_string(fold.at().position));
    }
    if (on_progress && !on_progress(progress_of(fold, target, since))) {
      return refuse(Code::kShuttingDown, "the fold was stopped");
    }
  }
  return {};
}

Result<store::Hash> digest(const store::Snapshot& rows) {
  // A chain of hashes over slices of whole rows; the slices depend on the rows alone.
  store::Record slice;
  const auto add = [&](std::string_view bytes) {
    slice.public_part.append(Key(Table::kCheckpoint).add(std::uint64_t{bytes.size()}).bytes()).append(bytes);
  };
  BILLING_CHECK(rows.scan({}, {}, [&](std::string_view key, std::string_view value) {
    add(key);
    add(value);
    if (slice.public_part.size() >= kHashedAtOnce) {
      slice.previous_hash = store::record_hash(slice);
      slice.public_part.clear();
    }
    return true;
  }));
  return store::record_hash(slice);
}

Result<store::Head> checkpoint(const store::Snapshot& rows) {
  BILLING_TRY(value, rows.get(checkpoint_key()));
  return parse_checkpoint(value).value_or(store::Head{});
}

Result<void> check_seen(const store::Log& log, const store::Head& seen) {
  const Position end = log.head().position;
  if (seen.position > end) {
    const Position missing = seen.position - end;
    return refuse(Code::kCorruptRecord,
                  "they have seen position " + std::to_string(seen.position) + ", the log ends at " + std::to_string(end) + ": " +
                      std::to_string(missing) + (missing == 1 ? " acknowledged event is" : " acknowledged events are") +
                      " missing, restore a backup");
  }
  if (seen.position == 0) return {};
  BILLING_TRY(ours, is_of_log(log, seen));
  if (ours) return {};
  return refuse(Code::kCorruptRecord, "they are of another history than the log: the hashes at position " +
                                          std::to_string(seen.position) + " differ");
}

Result<VerifyReport> verify_views(const store::Log& log, const codec::PersonKeys* keys, const store::Snapshot& live,
                                  store::Tables& scratch, const OnFold& on_progress) {
  BILLING_TRY(head, checkpoint(live));
  VerifyReport report{.at = head};
  BILLING_CHECK(rebuild_views(log, keys, scratch, head.position, on_progress));
  const auto folded = scratch.snapshot();
  BILLING_TRY(reached, checkpoint(*folded));
  if (reached != head) {
    return refuse(Code::kCorruptRecord, "the views' checkpoint at position " + std::to_string(head.position) +
                                            " is not of this log; they will be rebuilt at the next start");
  }
  BILLING_CHECK(Comparison(report).run(live, *folded));
  // Rows so damaged that no sum can be made of them do not agree; which ones they are is in the report already.
  report.controls_agree = controls_agree(Source{live, log, keys}).value_or(false);
  return report;
}

}  // namespace billing::views
