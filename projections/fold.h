// The fold itself: events of the log into rows of the tables, checkpoint included, batch by batch. The projector, a
// rebuild and a verification are all this.
#pragma once

#include <functional>
#include <optional>

#include "ledger/codec/envelope.h"
#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"
#include "ledger/store/tables.h"
#include "projections/figures_view.h"
#include "projections/months_view.h"
#include "projections/rows.h"

namespace billing::views {

// What is collected over a batch.
struct ViewChanges {
  FigureChanges figures{};
  MonthChanges months{};
};

// Applies one event to the rows of every view; figures and months are settled when a batch is whole.
void apply_to_views(const codec::Envelope& event, Rows& rows, ViewChanges& changes);

// The checkpoint's row; nullopt when there is none or it is of another format. `get` looks up a key.
struct CheckpointRow {
  std::uint8_t format = kRowFormat;
  Position position = 0;
  std::string hash;
  static void fields(auto& row, auto& archive) { archive(row.format, row.position, row.hash); }
};
Key checkpoint_key();
std::optional<store::Head> parse_checkpoint(const std::optional<std::string>& value);
// Whether the log has an event with this position and hash. Errors: kCorruptRecord, kStorageFailure.
Result<bool> is_of_log(const store::Log& log, const store::Head& head);

class Fold {
 public:
  Fold(const store::Log& log, const codec::PersonKeys* keys, store::Tables& tables, std::size_t cached_rows_max);

  // Goes on from the tables' checkpoint, or drops all rows when it is not of this log or format; true: dropped or new.
  Result<bool> resume();
  // Drops all rows.
  Result<void> restart();
  // Folds up to `events_max` events, not beyond `up_to`, and writes them as one batch. Returns how many it folded.
  // `on_first` is called with the first event's recorded time before anything is applied. After an error the fold must
  // not be used again.
  Result<std::size_t> step(std::size_t events_max, Position up_to, const std::function<void(Instant)>& on_first = {});

  const store::Head& at() const { return at_; }
  std::uint64_t rows_written() const { return rows_written_; }

 private:
  Result<void> write(const store::Head& head);

  const store::Log& log_;
  const codec::PersonKeys* keys_;
  store::Tables& tables_;
  const std::size_t cached_rows_max_;
  std::optional<Rows> rows_;
  ViewChanges changes_;
  store::Head at_;
  std::uint64_t rows_written_ = 0;
};

}  // namespace billing::views
