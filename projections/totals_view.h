// Own and subtree sums of every account: each money event adds its difference to the account and all its ancestors; a
// move takes the subtree's sums from the old chain to the new one.
#pragma once

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

// Fixed width, so that a difference is added in place.
struct TotalsRow {
  AccountId parent{};  // nil: a root
  std::uint64_t children = 0;
  Totals own{};
  Totals subtree{};
};

namespace totals {
void apply(const codec::Envelope& event, Rows& rows);
}
// The row's bytes and back; false when they are not such a row.
std::string totals_bytes(const TotalsRow& row);
bool parse_totals(std::string_view bytes, TotalsRow& row);

void add_to(Totals& sum, const Totals& difference);
// Error: kUnknownAccount.
Result<TotalsRow> account_totals(const Source& source, AccountId id);
// Nearest first.
Result<std::vector<AccountId>> read_ancestors(const Source& source, AccountId id);

}  // namespace billing::views
