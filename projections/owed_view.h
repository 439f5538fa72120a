// What accounts owe as payers: by due day, with the days on which it changed, so that what was owed at an earlier day, the
// earliest due date and the stage of being overdue can be told.
#pragma once

#include <functional>

#include "projections/model_accounts.h"
#include "projections/figures_view.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct InvoiceRow;
struct ItemRow;

struct OwedChange {
  Date day{};  // posting day; of a dispute the day it was opened or closed
  std::int64_t open = 0;
  std::int64_t undisputed = 0;
  static void fields(auto& row, auto& archive) { archive(row.day, row.open, row.undisputed); }
};
// All that one payer owes on one due day.
struct OwedRow {
  std::vector<OwedChange> changes{};  // by day, one entry a day
  static void fields(auto& row, auto& archive) { archive(row.changes); }
};

// The invoices' fold calls these for every change of an invoice that was issued.
namespace owed {
// `changes` gets what the payer's figures differ by from those of the service accounts, which take theirs off again.
// What is open on the invoice changed by `amount` on a posting day.
void change(Rows& rows, FigureChanges& changes, InvoiceId id, const InvoiceRow& invoice, std::int64_t amount, Date day);
// A part of it is disputed from a day on. From the first dispute on the invoice's days are kept by themselves: at a
// date no more is disputed than is open then, so later changes of earlier days change both.
void open_dispute(Rows& rows, FigureChanges& changes, InvoiceId id, const InvoiceRow& invoice, std::int64_t amount,
                  Date from);
void close_dispute(Rows& rows, FigureChanges& changes, InvoiceId id, const InvoiceRow& invoice, Date until);
}  // namespace owed

// Calls `visit` for each due day on which `payer` owes something at the end of `date`, earliest first; false stops.
using VisitDueDay = std::function<bool(Date due, std::int64_t open, std::int64_t undisputed)>;
Result<void> visit_due_days(const Source& source, AccountId payer, Date date, const VisitDueDay& visit);

// The days of an invoice that is or was disputed.
Result<ItemRow> disputed_item(const Source& source, InvoiceId id);

// Stages of being overdue by days after the earliest due date that counts; 0: clear. Pure.
OverdueStage overdue_stage(std::optional<Date> earliest_due, Date date, const OverdueSteps& steps = {});

// What the accounts of a scope owe as payers at the end of `date`, from the figures of its parts; of one account with its
// stage and, unless it is not asked for, the stage of the account that pays for it.
Result<Owed> read_owed(const Source& source, const Scope& scope, Date date, const OverdueSteps& steps = {},
                       bool with_payer = true);

}  // namespace billing::views
