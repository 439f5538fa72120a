// Which accounts a question is about.
#pragma once

#include <optional>
#include <unordered_map>

#include "projections/figures_view.h"
#include "projections/groups_view.h"

namespace billing::views {

// See Reader. Errors: kUnknownCustomer, kUnknownAccount, kUnknownGrouping, kUnknownGroup.
Result<CustomerId> customer_of(const Source& source, const Scope& scope);
Result<std::vector<AccountId>> accounts_of(const Source& source, const Scope& scope, Date date);
// The same accounts as scopes that are no groups and have none in common, by id.
Result<std::vector<Scope>> parts_of(const Source& source, const Scope& scope, Date date);

// Whether accounts are below any of `tops` or one of them, at the end of a day: found by walking up, and remembered.
class Below {
 public:
  Below(const Source& source, std::set<AccountId> tops, Date date)
      : source_(source), tops_(std::move(tops)), date_(date) {}
  // A nil account is not.
  Result<bool> has(AccountId account);

 private:
  Source source_;
  std::set<AccountId> tops_;
  Date date_;
  std::unordered_map<AccountId, bool> known_;
};

// The accounts of accounts_of(scope, date), asked one by one: a page of a large subtree does not walk all of it.
class Members {
 public:
  // Errors: those of accounts_of.
  static Result<Members> of(const Source& source, const Scope& scope, Date date);
  // All of them, sorted, where they are few; nullopt: many, or a whole customer.
  const std::optional<std::vector<AccountId>>& few() const { return few_; }
  // Of an account of the scope's customer.
  Result<bool> has(AccountId account);

 private:
  static constexpr std::size_t kFew = 64;
  Members(const Source& source, std::set<AccountId> tops, Date date) : below_(source, std::move(tops), date) {}
  bool all_ = false;
  std::set<AccountId> accounts_;  // without those below
  Below below_;
  std::optional<std::vector<AccountId>> few_;
};

struct FiguresOf {
  Figures sum{};
  std::uint32_t accounts = 0;
};
// Of parts of one customer at the end of `date`.
Result<FiguresOf> figures_of(const Source& source, CustomerId customer, const std::vector<Scope>& parts, Date date,
                             Detail detail);
Result<Sums> sums_of(const Source& source, const Scope& scope, Date date);

}  // namespace billing::views
