#include "projections/scopes.h"

#include <algorithm>

#include "projections/accounts_view.h"
#include "projections/customers_view.h"
#include "projections/days.h"
#include "projections/groups_view.h"
#include "projections/hierarchy_view.h"

namespace billing::views {
namespace {

// Those that are opened later too: money that came before an account's opening is the customer's all the same.
Result<std::vector<AccountId>> accounts_of_customer(const Source& source, CustomerId customer) {
  std::set<AccountId> accounts;
  BILLING_CHECK(add_subtrees(source, customer, {AccountId{}}, kNow, accounts));
  accounts.erase(AccountId{});
  return std::vector(accounts.begin(), accounts.end());
}

// Of the members those that no other member's subtree has, so that each account is in one part.
Result<std::vector<Scope>> disjoint(const Source& source, const GroupMembers& members, Date date) {
  Below tops(source, members.tops, date);
  std::vector<Scope> parts;
  for (const AccountId& account : members.accounts) {
    BILLING_TRY(inside, tops.has(account));
    if (!inside) parts.push_back(Scope::only(account));
  }
  for (const AccountId& top : members.tops) {
    BILLING_TRY(parents, parents_of(source, top));
    BILLING_TRY(inside, tops.has(parents.at(date)));
    if (!inside) parts.push_back(Scope::subtree(top));
  }
  std::ranges::sort(parts, {}, &Scope::account);
  return parts;
}

}  // namespace

Result<CustomerId> customer_of(const Source& source, const Scope& scope) {
  switch (scope.kind) {
    case ScopeKind::kCustomer: {
      BILLING_TRY(row, find_customer(source, scope.customer));
      return scope.customer;
    }
    case ScopeKind::kAccount:
    case ScopeKind::kSubtree: {
      BILLING_TRY(row, find_account(source, scope.account));
      return row.customer;
    }
    case ScopeKind::kGroup: {
      BILLING_TRY(row, find_grouping(source, scope.grouping));
      return row.customer;
    }
  }
  return refuse(Code::kInternal, "a scope of no kind");
}

Result<std::vector<AccountId>> accounts_of(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(customer, customer_of(source, scope));
  if (scope.kind == ScopeKind::kCustomer) return accounts_of_customer(source, customer);
  if (scope.kind == ScopeKind::kAccount) return std::vector{scope.account};
  GroupMembers members;
  if (scope.kind == ScopeKind::kSubtree) {
    members.tops.insert(scope.account);
  } else {
    BILLING_TRY(found, group_members(source, scope.grouping, scope.group, date));
    members = std::move(found);
  }
  BILLING_CHECK(add_subtrees(source, customer, members.tops, date, members.accounts));
  return std::vector(members.accounts.begin(), members.accounts.end());
}

Result<bool> Below::has(AccountId account) {
  if (tops_.empty()) return false;
  std::vector<AccountId> passed;
  bool inside = false;
  while (!account.nil() && !inside) {
    if (const auto found = known_.find(account); found != known_.end()) {
      inside = found->second;
      break;
    }
    passed.push_back(account);
    inside = tops_.contains(account);
    if (inside) break;
    BILLING_TRY(parents, parents_of(source_, account));
    account = parents.at(date_);
  }
  for (const AccountId& id : passed) known_[id] = inside;
  return inside;
}

Result<Members> Members::of(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(customer, customer_of(source, scope));
  GroupMembers group;
  switch (scope.kind) {
    case ScopeKind::kCustomer: break;
    case ScopeKind::kAccount: group.accounts.insert(scope.account); break;
    case ScopeKind::kSubtree: group.tops.insert(scope.account); break;
    case ScopeKind::kGroup: {
      BILLING_TRY(found, group_members(source, scope.grouping, scope.group, date));
      group = std::move(found);
    }
  }
  std::set<AccountId> together = group.accounts;
  bool few = scope.kind != ScopeKind::kCustomer && together.size() + group.tops.size() <= kFew;
  for (auto top = group.tops.begin(); few && top != group.tops.end(); ++top) {
    BILLING_TRY(subtree, small_subtree(source, customer, *top, date, kFew));
    if (subtree) together.merge(*subtree);
    few = subtree.has_value() && together.size() <= kFew;
  }
  Members members(source, std::move(group.tops), date);
  members.all_ = scope.kind == ScopeKind::kCustomer;
  members.accounts_ = std::move(group.accounts);
  if (few) members.few_.emplace(together.begin(), together.end());
  return members;
}

Result<bool> Members::has(AccountId account) {
  if (all_ || accounts_.contains(account)) return true;
  return below_.has(account);
}

Result<std::vector<Scope>> parts_of(const Source& source, const Scope& scope, Date date) {
  if (scope.kind != ScopeKind::kGroup) return std::vector{scope};
  BILLING_TRY(members, group_members(source, scope.grouping, scope.group, date));
  return disjoint(source, members, date);
}

Result<FiguresOf> figures_of(const Source& source, CustomerId customer, const std::vector<Scope>& parts, Date date,
                             Detail detail) {
  BILLING_TRY(latest, is_latest(source, customer, date));
  FiguresOf figures;
  BILLING_CHECK(figures_at(source, parts, date, latest, detail, [&](const Scope& part, const Figures& one) {
    if (part.kind != ScopeKind::kCustomer) ++figures.accounts;  // itself
    if (part.kind != ScopeKind::kAccount) figures.accounts += static_cast<std::uint32_t>(one.children);
    figures.sum.add(one);
  }));
  return figures;
}

Result<Sums> sums_of(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(parts, parts_of(source, scope, date));
  BILLING_TRY(figures, figures_of(source, customer, parts, date, Detail::kSums));
  return Sums{.totals = figures.sum.totals, .accounts = figures.accounts};
}

}  // namespace billing::views
