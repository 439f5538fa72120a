// Who is whose parent: one stream per customer. Opening an account places it, a move re-places it from today on.
#pragma once

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::hierarchy {

struct Moved {
  CustomerId customer;
  AccountId account;
  std::optional<AccountId> old_parent;
  std::optional<AccountId> new_parent;  // none: a second root of the same customer
  Date on;
  friend bool operator==(const Moved&, const Moved&) = default;
};

struct Move {
  AccountId account;
  std::optional<AccountId> new_parent;
};

// The ancestors of an account, nearest first, without itself. At most kHierarchyDepthMax.
std::vector<AccountId> ancestors(const billing::State& state, AccountId account);
// The account and all below it, parents before children.
std::vector<AccountId> subtree(const billing::State& state, AccountId account);

Decision decide(const billing::State& state, const Move& command, const Context& context);
void evolve(billing::State& state, const Moved& event);

}  // namespace billing::hierarchy
