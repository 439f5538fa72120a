#include "ledger/domain/hierarchy.h"

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/domain/state.h"

namespace billing::hierarchy {
namespace {

// Levels of the subtree under `account`, itself counted.
int height(const billing::State& state, AccountId account) {
  int levels = 0;
  std::vector<AccountId> level{account};
  while (!level.empty()) {
    ++levels;
    BILLING_ASSERT(levels <= kHierarchyDepthMax);
    std::vector<AccountId> next;
    for (const AccountId id : level) {
      if (const auto found = state.children.find(id); found != state.children.end()) {
        next.insert(next.end(), found->second.begin(), found->second.end());
      }
    }
    level = std::move(next);
  }
  return levels;
}

}  // namespace

std::vector<AccountId> ancestors(const billing::State& state, AccountId account) {
  std::vector<AccountId> chain;
  for (auto parent = state.accounts.at(account).parent; parent; parent = state.accounts.at(*parent).parent) {
    chain.push_back(*parent);
    BILLING_ASSERT(chain.size() <= kHierarchyDepthMax);
  }
  return chain;
}

std::vector<AccountId> subtree(const billing::State& state, AccountId account) {
  std::vector<AccountId> all{account};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const auto found = state.children.find(all[i]); found != state.children.end()) {
      all.insert(all.end(), found->second.begin(), found->second.end());
    }
  }
  return all;
}

Decision decide(const billing::State& state, const Move& command, const Context& context) {
  BILLING_TRY(account, find_open_account(state, command.account, "/account"));
  if (account->parent == command.new_parent) return refuse(Code::kNothingChanges, {}, "/parent");
  if (command.new_parent) {
    BILLING_TRY(parent, find_open_account(state, *command.new_parent, "/parent"));
    if (parent->customer != account->customer) return refuse(Code::kOtherCustomer, parent->number, "/parent");
    const auto above = ancestors(state, parent->id);
    if (parent->id == account->id || std::ranges::find(above, account->id) != above.end()) {
      return refuse(Code::kHierarchyCycle, parent->number, "/parent");
    }
    if (above.size() + 1 + static_cast<std::size_t>(height(state, account->id)) > kHierarchyDepthMax) {
      return refuse(Code::kHierarchyTooDeep, {}, "/parent");
    }
  }

  return std::vector<StreamEvent>{
      {.stream = {StreamKind::kHierarchy, account->customer.uuid},
       .customer = account->customer,
       .event = Moved{account->customer, account->id, account->parent, command.new_parent, context.today},
       .document_date = {},
       .posting_date = {},
       .currency = {}}};
}

void evolve(billing::State& state, const Moved& event) {
  account::State& account = state.accounts.at(event.account);
  if (event.old_parent) {
    state.children.at(*event.old_parent).erase(event.account);
    state.accounts.at(*event.old_parent).open_children--;
  }
  if (event.new_parent) {
    state.children[*event.new_parent].insert(event.account);
    state.accounts.at(*event.new_parent).open_children++;
  }
  account.parent = event.new_parent;
}

}  // namespace billing::hierarchy
