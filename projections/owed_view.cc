#include "projections/owed_view.h"

#include <algorithm>

#include "projections/customers_view.h"
#include "projections/invoices_view.h"
#include "projections/items_view.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

Key row_key(AccountId payer, Date due) { return Key(Table::kOwed).add(payer).add(due); }

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

Key disputed_key(InvoiceId id) { return Key(Table::kDisputedInvoice).add(id); }

OwedChange owed_at(const ItemRow& row, Date day) {
  const std::int64_t open = row.open_at(day);
  return {day, open, open - row.disputed_at(day)};
}

// Changes the days of an invoice that is or was disputed, and what its payer owes on the days from `from` on.
void edit_disputed(Rows& rows, InvoiceId id, const InvoiceRow& invoice, Date from, auto&& edit) {
  const Key key = disputed_key(id);
  auto row = rows.load<ItemRow>(key);
  if (!row) return rows.damaged(key);
  const ItemRow before = *row;
  edit(*row);
  rows.save(key, *row);
  OwedChange last;
  for (const Date day : days_of_change(before, *row, from)) {
    const OwedChange was = owed_at(before, day), is = owed_at(*row, day);
    const OwedChange difference{day, is.open - was.open, is.undisputed - was.undisputed};
    const OwedChange change{day, difference.open - last.open, difference.undisputed - last.undisputed};
    last = difference;
    if (change.open == 0 && change.undisputed == 0) continue;
    add(rows, row_key(invoice.payer, invoice.due_date), change);
  }
}

}  // namespace

void owed::change(Rows& rows, InvoiceId id, const InvoiceRow& invoice, std::int64_t amount, Date day) {
  if (amount == 0) return;
  if (!invoice.was_disputed) return add(rows, row_key(invoice.payer, invoice.due_date), {day, amount, amount});
  edit_disputed(rows, id, invoice, day, [&](ItemRow& row) { add_change(row.history, day, amount); });
}

void owed::open_dispute(Rows& rows, InvoiceId id, const InvoiceRow& invoice, std::int64_t amount, Date from) {
  if (!invoice.was_disputed) {
    ItemRow row{.due_date = invoice.due_date};
    for (const ShareRow& share : invoice.shares) {
      for (const Change& each : items::open_history(rows, invoice.customer, share.account, id)) {
        add_change(row.history, each.day, each.amount);
      }
    }
    rows.save_new(disputed_key(id), row);
  }
  edit_disputed(rows, id, invoice, from, [&](ItemRow& row) { row.disputes.push_back({{from, std::nullopt}, amount}); });
}

void owed::close_dispute(Rows& rows, InvoiceId id, const InvoiceRow& invoice, Date until) {
  edit_disputed(rows, id, invoice, until, [&](ItemRow& row) {
    if (!row.disputes.empty()) row.disputes.back().days.until = until;
  });
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
