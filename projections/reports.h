// Reports over the events of a scope: statement of account, taxes, revenue. They walk the scope's activity back to where a
// report begins; only whole customers' revenue has rows of its own.
#pragma once

#include "projections/model_reports.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

// A customer's revenue of a month of posting, by ledger; of 2300 `invoiced` is what was deferred.
struct RevenueRow {
  std::int64_t invoiced = 0;
  std::int64_t released = 0;
  std::int64_t credited = 0;
  static void fields(auto& row, auto& archive) { archive(row.invoiced, row.released, row.credited); }
};
namespace revenue {
void apply(const codec::Envelope& event, Rows& rows);
}

// Error: kInvalidParameter when `to` is before `from`.
Result<Statement> read_statement(const Source& source, const Scope& scope, Date from, Date to);
// The lines of these entries, with what they were.
Result<std::vector<StatementLine>> read_statement_lines(const Source& source, std::span<const StatementEntry> entries);
// By posting date, both days included.
Result<TaxSummary> read_tax_summary(const Source& source, const Scope& scope, Date from, Date to);
// Months of posting, both included (month_index).
Result<RevenueReport> read_revenue(const Source& source, const Scope& scope, std::int32_t from, std::int32_t to);
// The unapplied credit that accounts of a scope hold now, by account, each oldest first.
Result<Page<HeldCredit>> list_credit_balances(const Source& source, const Scope& scope, Date date,
                                              const PageRequest& page);

}  // namespace billing::views
