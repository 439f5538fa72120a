// Views are nothing but a fold of the log: folding it again must give the same rows, byte for byte.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"
#include "ledger/store/tables.h"

namespace billing::views {

// How far a fold is.
struct FoldProgress {
  Position position = 0;
  Position target = 0;
  std::uint64_t rows = 0;              // written so far
  std::uint64_t rows_per_second = 0;
  std::uint64_t seconds_left = 0;      // estimated
};
// Called after each batch; false stops the fold (kShuttingDown). It may sleep: that is the throttle.
using OnFold = std::function<bool(const FoldProgress&)>;

// Folds the log from its start to `target` into `tables`, which are cleared first; the live views are not touched.
// Errors: kCorruptRecord, kStorageFailure, kShuttingDown; kPositionNotReached when the log ends before.
Result<void> rebuild_views(const store::Log& log, const codec::PersonKeys* keys, store::Tables& tables, Position target,
                           const OnFold& on_progress = {}, std::size_t batch_events = 8'192);

// Chained SHA-256 over all rows in key order, checkpoint included: equal for equal content, however it was batched.
Result<store::Hash> digest(const store::Snapshot& rows);
// The position and hash of the last event in the rows; {0, zeros} when there are none.
Result<store::Head> checkpoint(const store::Snapshot& rows);

// Whether the log has what the rows have seen: they are proof of what was acknowledged. Error: kCorruptRecord, with positions,
// when they stand beyond the log's end, or at another event than the log's.
Result<void> check_seen(const store::Log& log, const store::Head& seen);

struct RowDifference {
  std::string view{};  // "invoices", "totals", …
  std::string key{};   // hex
  std::string live{};  // hex of the first 256 bytes; "-" where the row is missing
  std::string folded{};
};
struct VerifyReport {
  store::Head at{};  // the live checkpoint
  std::uint64_t rows = 0;
  std::uint64_t differing = 0;
  std::vector<RowDifference> first_differences{};  // at most 10 per view
  bool controls_agree = true;                    // debits = credits and control accounts = their items
  bool good() const { return differing == 0 && controls_agree; }
};
// Folds the log into `scratch` (cleared first; memory tables will do) up to the live checkpoint and compares row by
// row. Errors: as rebuild_views; kCorruptRecord when the live checkpoint is not of this log.
Result<VerifyReport> verify_views(const store::Log& log, const codec::PersonKeys* keys, const store::Snapshot& live,
                                  store::Tables& scratch, const OnFold& on_progress = {});

}  // namespace billing::views
