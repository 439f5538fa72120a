// The reports of Reader.
#include "projections/reports.h"
#include "projections/views.h"

namespace billing::views {

Result<Statement> Reader::statement(const Scope& scope, Date from, Date to) const {
  return read_statement({*rows_, log_, keys_}, scope, from, to);
}
Result<std::vector<StatementLine>> Reader::statement_lines(std::span<const StatementEntry> entries) const {
  return read_statement_lines({*rows_, log_, keys_}, entries);
}
Result<TaxSummary> Reader::tax_summary(const Scope& scope, Date from, Date to) const {
  return read_tax_summary({*rows_, log_, keys_}, scope, from, to);
}
Result<RevenueReport> Reader::revenue(const Scope& scope, std::int32_t from, std::int32_t to) const {
  return read_revenue({*rows_, log_, keys_}, scope, from, to);
}
Result<Page<HeldCredit>> Reader::credit_balances(const Scope& scope, Date date, const PageRequest& page) const {
  return list_credit_balances({*rows_, log_, keys_}, scope, date, page);
}

}  // namespace billing::views
