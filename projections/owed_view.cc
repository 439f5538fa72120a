#include "projections/owed_view.h"

#include <algorithm>

#include "projections/customers_view.h"
#include "projections/invoices_view.h"
#include "projections/items_view.h"
#include "projections/payers_view.h"
#include "projections/scopes.h"
#include "projections/standing_view.h"

namespace billing::views {
namespace {

void add(Rows& rows, FigureChanges& changes, const InvoiceRow& invoice, const OwedChange& change) {
  changes[{invoice.customer, invoice.payer, change.day}].add(
      Owing{.due = invoice.due_date, .open = change.open, .disputed = change.open - change.undisputed});
  const Key key = Key(Table::kOwed).add(invoice.payer).add(invoice.due_date);
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
void edit_disputed(Rows& rows, FigureChanges& changes, InvoiceId id, const InvoiceRow& invoice, Date from, auto&& edit) {
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
    add(rows, changes, invoice, change);
  }
}

}  // namespace

void owed::change(Rows& rows, FigureChanges& changes, InvoiceId id, const InvoiceRow& invoice, std::int64_t amount,
                  Date day) {
  if (amount == 0) return;
  payers::owe(rows, invoice.customer, invoice.payer, amount);
  if (!invoice.was_disputed) return add(rows, changes, invoice, {day, amount, amount});
  edit_disputed(rows, changes, id, invoice, day, [&](ItemRow& row) { add_change(row.history, day, amount); });
}

void owed::open_dispute(Rows& rows, FigureChanges& changes, InvoiceId id, const InvoiceRow& invoice,
                        std::int64_t amount, Date from) {
  if (!invoice.was_disputed) {
    ItemRow row{.due_date = invoice.due_date};
    for (const ShareRow& share : invoice.shares) {
      for (const Change& each : items::open_history(rows, invoice.customer, share.account, id)) {
        add_change(row.history, each.day, each.amount);
      }
    }
    rows.save_new(disputed_key(id), row);
  }
  edit_disputed(rows, changes, id, invoice, from,
                [&](ItemRow& row) { row.disputes.push_back({{from, std::nullopt}, amount}); });
}

void owed::close_dispute(Rows& rows, FigureChanges& changes, InvoiceId id, const InvoiceRow& invoice, Date until) {
  edit_disputed(rows, changes, id, invoice, until, [&](ItemRow& row) {
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

Result<ItemRow> disputed_item(const Source& source, InvoiceId id) {
  BILLING_TRY(row, row_at<ItemRow>(source, disputed_key(id)));
  if (!row) return std::unexpected(unreadable_row(disputed_key(id)));
  return *std::move(row);
}

OverdueStage overdue_stage(std::optional<Date> earliest_due, Date date, const OverdueSteps& steps) {
  OverdueStage stage;
  if (!earliest_due || date <= *earliest_due) return stage;
  stage.days = date.days - earliest_due->days;
  for (const std::int32_t days : steps.days) stage.stage += stage.days >= days ? 1 : 0;
  stage.billing_flag = stage.stage >= steps.flag_from;
  return stage;
}

namespace {

// What another account that pays for this one's charges stands at.
Result<std::optional<PayerStage>> payer_stage(const Source& source, AccountId account, Date date,
                                              const OverdueSteps& steps) {
  BILLING_TRY(payer, payer_of(source, account, date));
  if (payer == account) return std::nullopt;
  BILLING_TRY(owed, read_owed(source, Scope::only(payer), date, steps, false));
  return PayerStage{payer, *owed.stage};
}

}  // namespace

Result<Owed> read_owed(const Source& source, const Scope& scope, Date date, const OverdueSteps& steps,
                       bool with_payer) {
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(currency, currency_of(source, customer));
  BILLING_TRY(parts, parts_of(source, scope, date));
  BILLING_TRY(figures, figures_of(source, customer, parts, date, Detail::kDues));
  BILLING_TRY(relief, relief_of_payers(source, customer, scope, date));
  std::vector<Owing>& by_day = figures.sum.owing;  // the differences, and then all
  for (const Due& due : figures.sum.dues) {
    figures.sum.add(Owing{.due = due.due, .open = due.open, .disputed = due.disputed});
  }
  Owed owed{.date = date,
            .currency = currency,
            .suspended = relief.suspended,
            .covered = relief.covered,
            .steps = steps};
  for (const Owing& on_day : by_day) {
    owed.open += on_day.open;
    owed.disputed += on_day.disputed;
    if (on_day.due < date) owed.overdue += on_day.open;
    const auto eased = relief.not_pressing.find(on_day.due);
    const std::int64_t pressing = on_day.open - on_day.disputed - (eased == relief.not_pressing.end() ? 0 : eased->second);
    if (!owed.earliest_due && pressing > 0) owed.earliest_due = on_day.due;
  }
  owed.overdue -= relief.covered + relief.suspended;
  if (scope.kind != ScopeKind::kAccount) return owed;
  owed.stage = overdue_stage(owed.earliest_due, date, steps);
  if (with_payer) {
    BILLING_TRY(payer, payer_stage(source, scope.account, date, steps));
    owed.payer = payer;
  }
  return owed;
}

}  // namespace billing::views
