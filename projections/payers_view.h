// What makes payers' debt less pressing: credit that is free, and plans that are on track. Which payers have any, so that
// nobody else is looked at, and how much of their debt it is at a date (ledger/domain/overdue.h has the rule).
#pragma once

#include <map>

#include "projections/days.h"
#include "projections/figures_view.h"

namespace billing::views {

struct InvoiceRow;

// What a payer owes and holds as it is now, and its plans.
struct PayerRow {
  std::int64_t open = 0;
  std::int64_t credit = 0;
  std::int64_t held = 0;  // part of credit
  bool had_credit = false;
  std::vector<PlanId> plans{};  // as they were agreed
  static void fields(auto& row, auto& archive) { archive(row.open, row.credit, row.held, row.had_credit, row.plans); }
  // Whether there may be something at a date that is not before any change; at an earlier one; at any.
  bool eased() const { return !plans.empty() || (open > 0 && credit > held); }
  bool may_have_been_eased() const { return !plans.empty() || had_credit; }
};

// The folds of invoices, credits and plans call these.
namespace payers {
void issue(Rows& rows, InvoiceId id, const InvoiceRow& invoice);
void owe(Rows& rows, CustomerId customer, AccountId payer, std::int64_t change);
void hold(Rows& rows, CustomerId customer, AccountId account, std::int64_t credit, std::int64_t held);
void agree(Rows& rows, CustomerId customer, AccountId payer, PlanId plan);
std::vector<PlanId> plans_of(Rows& rows, AccountId payer);
}  // namespace payers

// By how much less than what is past its due date is overdue.
struct Relief {
  std::int64_t covered = 0;    // by free credit
  std::int64_t suspended = 0;  // by plans that are on track
  // Of what is not disputed, by due day: what stages do not count.
  std::map<Date, std::int64_t> not_pressing{};
};
// Of what the accounts of a scope owe as payers, and of the shares that they have open, whoever pays.
Result<Relief> relief_of_payers(const Source& source, CustomerId customer, const Scope& scope, Date date);
Result<Relief> relief_of_shares(const Source& source, CustomerId customer, const Scope& scope, Date date);

}  // namespace billing::views
