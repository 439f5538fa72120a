// Which accounts a question is about.
#pragma once

#include "projections/figures_view.h"

namespace billing::views {

// See Reader. Errors: kUnknownCustomer, kUnknownAccount, kUnknownGrouping, kUnknownGroup.
Result<CustomerId> customer_of(const Source& source, const Scope& scope);
Result<std::vector<AccountId>> accounts_of(const Source& source, const Scope& scope, Date date);
// The same accounts as scopes that are no groups and have none in common, by id.
Result<std::vector<Scope>> parts_of(const Source& source, const Scope& scope, Date date);

struct FiguresOf {
  Figures sum{};
  std::uint32_t accounts = 0;
};
// Of parts of one customer at the end of `date`.
Result<FiguresOf> figures_of(const Source& source, CustomerId customer, const std::vector<Scope>& parts, Date date,
                             Detail detail);
Result<Sums> sums_of(const Source& source, const Scope& scope, Date date);

}  // namespace billing::views
