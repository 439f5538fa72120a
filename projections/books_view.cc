#include "projections/books_view.h"

namespace billing::views {
namespace {

Key period_key(std::int32_t month) { return Key(Table::kPeriod).add(static_cast<std::uint16_t>(month)); }
Key row_key(UnbookedId id) { return Key(Table::kUnbooked).add(id); }

void edit_period(Rows& rows, std::int32_t month, auto&& change) {
  const Key key = period_key(month);
  PeriodRow row = rows.load<PeriodRow>(key).value_or(PeriodRow{});
  change(row);
  rows.save(key, row);
}

void queue(const codec::Envelope& event, const unbooked::Queued& queued, Rows& rows) {
  const std::string id(queued.id.uuid.view());
  const Key key = row_key(queued.id);
  // One that was assigned and reversed is queued again.
  UnbookedRow row = rows.load<UnbookedRow>(key).value_or(UnbookedRow{.queued = event.recorded});
  row.position = event.position;
  row.resolved = 0;
  row.version = event.version;
  rows.save(key, row);
  rows.append(Key(Table::kUnbookedOpen).add(event.position), id);
  rows.append(Key(Table::kUnbookedAll).add(event.position), id);
}

void resolve(const codec::Envelope& event, const unbooked::Resolved& resolved, Rows& rows) {
  const Key key = row_key(resolved.id);
  auto row = rows.load<UnbookedRow>(key);
  if (!row) return rows.damaged(key);
  rows.drop(Key(Table::kUnbookedOpen).add(row->position));
  row->resolved = event.position;
  row->version = event.version;
  rows.save(key, *row);
}

// A reversal makes the receipt unidentified again.
void reopen(const payment::Reversed& reversed, Rows& rows) {
  if (!reversed.unbooked) return;
  const Key key = row_key(*reversed.unbooked);
  auto row = rows.load<UnbookedRow>(key);
  if (!row) return rows.damaged(key);
  if (row->resolved == 0) return;
  row->resolved = 0;
  rows.append(Key(Table::kUnbookedOpen).add(row->position), std::string(reversed.unbooked->uuid.view()));
  rows.save(key, *row);
}

}  // namespace

void books_view::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* closing = std::get_if<books::PeriodClosing>(&event.event)) {
    return edit_period(rows, closing->period, [&](PeriodRow& row) { row.closing_since = event.recorded; });
  }
  if (const auto* released = std::get_if<books::RevenueReleased>(&event.event); released != nullptr && !released->is_correction()) {
    return edit_period(rows, released->period, [&](PeriodRow& row) { row.released_lines += released->lines.size(); });
  }
  if (const auto* closed = std::get_if<books::PeriodClosed>(&event.event)) {
    return edit_period(rows, closed->period, [&](PeriodRow& row) {
      row.closed = true;
      row.closed_at = event.recorded;
    });
  }
  if (const auto* queued = std::get_if<unbooked::Queued>(&event.event)) return queue(event, *queued, rows);
  if (const auto* resolved = std::get_if<unbooked::Resolved>(&event.event)) return resolve(event, *resolved, rows);
  if (const auto* reversed = std::get_if<payment::Reversed>(&event.event)) return reopen(*reversed, rows);
}

Result<std::vector<AccountingPeriod>> read_periods(const Source& source) {
  std::vector<AccountingPeriod> periods;
  std::optional<Error> error;
  const Key prefix(Table::kPeriod);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<PeriodRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    AccountingPeriod period{.month = KeyReader(key).u16(), .closed = row->closed, .closing_since = row->closing_since};
    if (row->closed) period.closed_at = row->closed_at;
    period.released_lines = row->released_lines;
    periods.push_back(period);
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return periods;
}

Result<Unbooked> read_unbooked(const Source& source, UnbookedId id) {
  BILLING_TRY(row, row_at<UnbookedRow>(source, row_key(id)));
  if (!row) return refuse(Code::kUnknownUnbooked, "there is no unbooked report " + id.text());
  BILLING_TRY(event, event_at(source, row->position));
  const auto* queued = std::get_if<unbooked::Queued>(&event.event);
  if (queued == nullptr) return std::unexpected(unreadable_row(row_key(id)));
  Unbooked found{.id = id,
                 .customer = queued->customer.nil() ? event.customer : queued->customer,
                 .kind = queued->kind,
                 .reason = queued->reason,
                 .detail = queued->detail,
                 .reported_object = queued->reported_object,
                 .amount = queued->amount,
                 .currency = queued->currency,
                 .method = queued->method,
                 .reference = queued->reference,
                 .settled = queued->settled,
                 .on = queued->on,
                 .queued = row->queued,
                 .version = row->version};
  if (row->resolved != 0) {
    BILLING_TRY(ended, event_at(source, row->resolved));
    found.resolved = ended.recorded;
    if (const auto* resolved = std::get_if<unbooked::Resolved>(&ended.event)) found.how = resolved->how;
  }
  return found;
}

Result<Page<Unbooked>> list_unbooked(const Source& source, bool all, std::optional<CustomerId> customer,
                                     const PageRequest& request) {
  Page<Unbooked> page;
  BILLING_CHECK(page_of(source, Key(all ? Table::kUnbookedAll : Table::kUnbookedOpen), request, false, page,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
    if (value.size() != 16) return std::unexpected(unreadable_row(tail));
    BILLING_TRY(found, read_unbooked(source, UnbookedId{Uuid::from_bytes(value)}));
    if (customer && found.customer != *customer) return false;
    page.items.push_back(std::move(found));
    return true;
  }));
  return page;
}

Result<UnbookedBacklog> read_unbooked_backlog(const Source& source) {
  UnbookedBacklog backlog;
  std::optional<Uuid> oldest;
  const Key prefix(Table::kUnbookedOpen);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view, std::string_view value) {
    if (!oldest && value.size() == 16) oldest = Uuid::from_bytes(value);
    ++backlog.open;
    return true;
  }));
  if (!oldest) return backlog;
  BILLING_TRY(row, row_at<UnbookedRow>(source, row_key(UnbookedId{*oldest})));
  if (row) backlog.oldest = row->queued;
  return backlog;
}

}  // namespace billing::views
