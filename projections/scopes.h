// Which accounts a question is about.
#pragma once

#include <set>

#include "projections/source.h"

namespace billing::views {

// See Reader. Errors: kUnknownCustomer, kUnknownAccount, kUnknownGrouping, kUnknownGroup.
Result<CustomerId> customer_of(const Source& source, const Scope& scope);
Result<std::vector<AccountId>> accounts_of(const Source& source, const Scope& scope, Date date);
// Adds `tops` and all accounts below them, at the hierarchy of now.
Result<void> add_subtrees(const Source& source, CustomerId customer, const std::set<AccountId>& tops,
                          std::set<AccountId>& accounts);
Result<Totals> totals_of(const Source& source, const Scope& scope, Date date);

}  // namespace billing::views
