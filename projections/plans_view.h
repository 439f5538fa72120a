// Promises to pay and instalment plans. Whether one is kept is worked out at the read.
#pragma once

#include "projections/model_accounts.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct PlanRow {
  CustomerId customer{};
  Position agreed = 0;     // of the event that made it
  Position cancelled = 0;  // of the one that cancelled it; 0: it stands
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) { archive(row.customer, row.agreed, row.cancelled, row.version); }
};

namespace plans {
void apply(const codec::Envelope& event, Rows& rows);
}

// Says how a plan stands at `date` with `paid` on it so far. Pure.
void judge_plan(Plan& plan, std::int64_t paid, Date date);

// Of the account, newest first, each as it stands at `date`.
Result<Page<Plan>> list_plans(const Source& source, AccountId account, Date date, const PageRequest& page);
// Error: kUnknownPlan.
Result<Plan> read_plan(const Source& source, PlanId id, Date date);

}  // namespace billing::views
