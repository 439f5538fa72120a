#include "projections/owed_view.h"

#include <algorithm>

#include "projections/customers_view.h"
#include "projections/invoices_view.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

Key row_key(AccountId payer, Date due) { return Key(Table::kOwed).add(payer).add(due); }

std::int64_t undisputed(const InvoiceRow& row) { return std::max<std::int64_t>(row.open - row.disputed, 0); }

void add(Rows& rows, const Key& key, const OwedChange& change) {
  OwedRow row = rows.load<OwedRow>(key).value_or(OwedRow{});
  const auto place = std::ranges::lower_bound(row.changes, change.day, {}, &OwedChange::day);
  if (place != row.changes.end() && place->day == change.day) {
    place->open += change.open;
    place->undisputed += change.undisputed;
  } else {
    row.changes.insert(place, change);
  }
  rows.save(key, row);
}

}  // namespace

void owed::change(Rows& rows, const InvoiceRow& before, const InvoiceRow& after, Date day) {
  const OwedChange change{day, after.open - before.open, undisputed(after) - undisputed(before)};
  if (change.open == 0 && change.undisputed == 0) return;
  add(rows, row_key(after.payer, after.due_date), change);
}

Result<void> visit_due_days(const Source& source, AccountId payer, Date date, const VisitDueDay& visit) {
  std::optional<Error> error;
  const Key prefix = Key(Table::kOwed).add(payer);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<OwedRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    std::int64_t open = 0, free = 0;
    for (const OwedChange& change : row->changes) {
      if (change.day > date) break;
      open += change.open;
      free += change.undisputed;
    }
    return open == 0 || visit(KeyReader(key, prefix.size()).date(), open, free);
  }));
  if (error) return std::unexpected(std::move(*error));
  return {};
}

OverdueStage overdue_stage(std::optional<Date> earliest_due, Date date, const OverdueSteps& steps) {
  OverdueStage stage;
  if (!earliest_due || date <= *earliest_due) return stage;
  stage.days = date.days - earliest_due->days;
  for (const std::int32_t days : steps.days) stage.stage += stage.days >= days ? 1 : 0;
  stage.billing_flag = stage.stage >= steps.flag_from;
  return stage;
}

Result<Owed> read_owed(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(currency, currency_of(source, customer));
  BILLING_TRY(accounts, accounts_of(source, scope, date));
  Owed owed{.date = date, .currency = currency};
  for (const AccountId& account : accounts) {
    BILLING_CHECK(visit_due_days(source, account, date, [&](Date due, std::int64_t open, std::int64_t undisputed) {
      owed.open += open;
      owed.disputed += open - undisputed;
      if (due < date) owed.overdue += open;
      if (undisputed > 0 && (!owed.earliest_due || due < *owed.earliest_due)) owed.earliest_due = due;
      return true;
    }));
  }
  if (scope.kind == ScopeKind::kAccount) owed.stage = overdue_stage(owed.earliest_due, date);
  return owed;
}

}  // namespace billing::views
