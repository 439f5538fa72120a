// Promises to pay and instalment plans, with what was paid on each by day. Whether one is kept is worked out at the read.
#pragma once

#include "projections/model_accounts.h"
#include "ledger/domain/overdue.h"
#include "projections/days.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct PlanRow {
  CustomerId customer{};
  Position agreed = 0;     // of the event that made it
  Position cancelled = 0;  // of the one that cancelled it; 0: it stands
  std::uint64_t version = 0;
  bool names_invoices = false;
  Changes paid{};  // on what it is for, since it was agreed
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.agreed, row.cancelled, row.version, row.names_invoices, row.paid);
  }
};

namespace plans {
void apply(const codec::Envelope& event, Rows& rows);
// Payments and deposits paid so much more on an invoice that was issued at a position, or less: for the plans that are for it.
// The invoices' fold calls it.
void pay_invoice(Rows& rows, InvoiceId id, AccountId payer, Position issued, std::int64_t amount, Date day);
}

// Of the account, newest first, each as it stands at `date`.
Result<Page<Plan>> list_plans(const Source& source, AccountId account, Date date, const PageRequest& page);
// What the plan suspends at `date`, and of which invoices. Error: kUnknownPlan.
Result<overdue::Suspension> left_of_plan(const Source& source, PlanId id, Date date);
// Error: kUnknownPlan.
Result<Plan> read_plan(const Source& source, PlanId id, Date date);

}  // namespace billing::views
