#include "projections/scopes.h"

#include <unordered_map>

#include "projections/accounts_view.h"
#include "projections/customers_view.h"
#include "projections/groups_view.h"
#include "projections/totals_view.h"

namespace billing::views {
namespace {

// Beyond so many accounts the customer's whole hierarchy is read in one scan instead of one scan per account.
constexpr std::size_t kWalkedMax = 64;

using Children = std::unordered_map<AccountId, std::vector<AccountId>>;

Result<Children> all_children(const Source& source, CustomerId customer) {
  Children children;
  const Key prefix = Key(Table::kChild).add(customer);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    KeyReader reader(key, prefix.size());
    const auto parent = reader.id<AccountId>();
    children[parent].push_back(reader.id<AccountId>());
    return true;
  }));
  return children;
}

Result<std::vector<AccountId>> children_of(const Source& source, CustomerId customer, AccountId parent) {
  std::vector<AccountId> children;
  const Key prefix = Key(Table::kChild).add(customer).add(parent);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    children.push_back(KeyReader(key, prefix.size()).id<AccountId>());
    return true;
  }));
  return children;
}

Result<std::vector<AccountId>> accounts_of_customer(const Source& source, CustomerId customer) {
  std::set<AccountId> accounts;
  const Key prefix = Key(Table::kChild).add(customer);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    accounts.insert(KeyReader(key, prefix.size() + 16).id<AccountId>());
    return true;
  }));
  return std::vector(accounts.begin(), accounts.end());
}

}  // namespace

Result<void> add_subtrees(const Source& source, CustomerId customer, const std::set<AccountId>& tops,
                          std::set<AccountId>& accounts) {
  // A set of its own: what is in `accounts` already may be there without its subtree.
  std::set<AccountId> below = tops;
  std::vector<AccountId> pending(tops.begin(), tops.end());
  std::optional<Children> all;
  while (!pending.empty()) {
    const AccountId parent = pending.back();
    pending.pop_back();
    std::vector<AccountId> children;
    if (!all && below.size() > kWalkedMax) {
      BILLING_TRY(read, all_children(source, customer));
      all = std::move(read);
    }
    if (all) {
      if (const auto found = all->find(parent); found != all->end()) children = found->second;
    } else {
      BILLING_TRY(read, children_of(source, customer, parent));
      children = std::move(read);
    }
    for (const AccountId& child : children) {
      if (below.insert(child).second) pending.push_back(child);
    }
  }
  accounts.merge(below);
  return {};
}

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
  switch (scope.kind) {
    case ScopeKind::kCustomer: return accounts_of_customer(source, customer);
    case ScopeKind::kAccount: return std::vector{scope.account};
    case ScopeKind::kSubtree: {
      std::set<AccountId> accounts;
      BILLING_CHECK(add_subtrees(source, customer, {scope.account}, accounts));
      return std::vector(accounts.begin(), accounts.end());
    }
    case ScopeKind::kGroup: return group_accounts(source, customer, scope.grouping, scope.group, date);
  }
  return refuse(Code::kInternal, "a scope of no kind");
}

Result<Totals> totals_of(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(customer, customer_of(source, scope));
  Totals sum;
  if (scope.kind == ScopeKind::kCustomer) {
    BILLING_TRY(roots, children_of(source, customer, AccountId{}));
    for (const AccountId& root : roots) {
      BILLING_TRY(row, account_totals(source, root));
      add_to(sum, row.subtree);
    }
    return sum;
  }
  if (scope.kind != ScopeKind::kGroup) {
    BILLING_TRY(row, account_totals(source, scope.account));
    return scope.kind == ScopeKind::kAccount ? row.own : row.subtree;
  }
  BILLING_TRY(accounts, accounts_of(source, scope, date));
  for (const AccountId& account : accounts) {
    BILLING_TRY(row, account_totals(source, account));
    add_to(sum, row.own);
  }
  return sum;
}

}  // namespace billing::views
