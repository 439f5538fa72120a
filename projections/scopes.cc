#include "projections/scopes.h"

#include <algorithm>
#include <map>

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
  // Whether the account or one above it is in with its subtree.
  std::map<AccountId, bool> known;
  const auto is_inside = [&](AccountId account) -> Result<bool> {
    if (members.tops.empty()) return false;
    std::vector<AccountId> passed;
    bool inside = false;
    while (!account.nil() && !inside) {
      if (const auto found = known.find(account); found != known.end()) {
        inside = found->second;
        break;
      }
      passed.push_back(account);
      inside = members.tops.contains(account);
      BILLING_TRY(parents, parents_of(source, account));
      account = parents.at(date);
    }
    for (const AccountId& id : passed) known[id] = inside;
    return inside;
  };
  std::vector<Scope> parts;
  for (const AccountId& account : members.accounts) {
    BILLING_TRY(inside, is_inside(account));
    if (!inside) parts.push_back(Scope::only(account));
  }
  for (const AccountId& top : members.tops) {
    BILLING_TRY(parents, parents_of(source, top));
    BILLING_TRY(inside, is_inside(parents.at(date)));
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
