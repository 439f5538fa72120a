#include "projections/fold.h"

#include <algorithm>
#include <cstring>

#include "ledger/codec/codec.h"
#include "projections/accounts_view.h"
#include "projections/activity_view.h"
#include "projections/books_view.h"
#include "projections/credits_view.h"
#include "projections/customers_view.h"
#include "projections/deposits_view.h"
#include "projections/figures_view.h"
#include "projections/groups_view.h"
#include "projections/hierarchy_view.h"
#include "projections/invoices_view.h"
#include "projections/items_view.h"
#include "projections/methods_view.h"
#include "projections/months_view.h"
#include "projections/payments_view.h"
#include "projections/people_view.h"
#include "projections/plans_view.h"
#include "projections/reports.h"
#include "projections/standing_view.h"
#include "projections/trial_view.h"

namespace billing::views {

void apply_to_views(const codec::Envelope& event, Rows& rows, ViewChanges& changes) {
  customers::apply(event, rows);
  accounts::apply(event, rows);
  standings::apply(event, rows);
  invoices::apply(event, rows, changes.figures);
  items::apply(event, rows, changes.figures);    // after invoices: it reads their shares
  months::apply(event, rows, changes.months);    // after invoices: it reads net and tax of drafted lines
  figures::apply(event, rows, changes.figures);
  hierarchies::apply(event, rows);  // after figures and months, which move by what was before
  payments::apply(event, rows);
  credits::apply(event, rows);  // after payments: it reads their dates
  deposits::apply(event, rows);
  plans::apply(event, rows);
  methods::apply(event, rows);
  books_view::apply(event, rows);
  activity::apply(event, rows);
  groups::apply(event, rows);
  trial::apply(event, rows);
  revenue::apply(event, rows);
  people::apply(event, rows);
}

Key checkpoint_key() { return Key(Table::kCheckpoint).text("views"); }

std::optional<store::Head> parse_checkpoint(const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  const auto row = parse_row<CheckpointRow>(*value);
  store::Head head;
  if (!row || row->format != kRowFormat || row->hash.size() != head.hash.size()) return std::nullopt;
  head.position = row->position;
  std::memcpy(head.hash.data(), row->hash.data(), head.hash.size());
  return head;
}

Result<bool> is_of_log(const store::Log& log, const store::Head& head) {
  if (head.position == 0 || head.position > log.head().position) return false;
  store::Hash hash{};
  BILLING_TRY(seen, log.read(head.position, 1, [&](const store::Record& record) {
    hash = store::record_hash(record);
    return false;
  }));
  return seen == 1 && hash == head.hash;
}

Fold::Fold(const store::Log& log, const codec::PersonKeys* keys, store::Tables& tables, std::size_t cached_rows_max)
    : log_(log), keys_(keys), tables_(tables), cached_rows_max_(cached_rows_max) {
  rows_.emplace(tables_, cached_rows_max_);
}

Result<bool> Fold::resume() {
  BILLING_TRY(value, tables_.get(checkpoint_key()));
  const auto checkpoint = parse_checkpoint(value);
  if (checkpoint) {
    BILLING_TRY(ours, is_of_log(log_, *checkpoint));
    if (ours) {
      at_ = *checkpoint;
      return false;
    }
  }
  BILLING_CHECK(restart());
  return true;
}

Result<void> Fold::restart() {
  BILLING_CHECK(tables_.clear());
  rows_.emplace(tables_, cached_rows_max_);
  changes_ = {};
  at_ = {};
  return {};
}

Result<std::size_t> Fold::step(std::size_t events_max, Position up_to,
                               const std::function<void(Instant)>& on_first) {
  const Position last = std::min({up_to, log_.head().position, at_.position + events_max});
  if (last <= at_.position) return std::size_t{0};
  const std::size_t wanted = static_cast<std::size_t>(last - at_.position);
  std::optional<Error> error;
  store::Head head = at_;
  BILLING_TRY(seen, log_.read(at_.position + 1, wanted, [&](const store::Record& record) {
    auto event = codec::decode(record, keys_);
    if (!event) {
      error = std::move(event.error());
      return false;
    }
    if (record.position == at_.position + 1 && on_first) on_first(event->recorded);
    apply_to_views(*event, *rows_, changes_);
    if (record.position == last) head = {last, store::record_hash(record)};
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  if (seen != wanted || head.position != last) {
    return refuse(Code::kCorruptRecord, "the log ends before position " + std::to_string(last));
  }
  BILLING_CHECK(write(head));
  return wanted;
}

Result<void> Fold::write(const store::Head& head) {
  figures::settle(changes_.figures, *rows_);
  months::settle(changes_.months, *rows_);
  const CheckpointRow row{.position = head.position,
                          .hash = std::string(reinterpret_cast<const char*>(head.hash.data()), head.hash.size())};
  rows_->append(checkpoint_key(), row_bytes(row));
  const store::Batch& batch = rows_->changes();
  if (rows_->failure()) return std::unexpected(*rows_->failure());
  BILLING_CHECK(tables_.write(batch));
  rows_written_ += batch.rows.size();
  rows_->written();
  at_ = head;
  return {};
}

}  // namespace billing::views
