// Default application: the one rule by which a sum meets what is open when nobody chose.
#pragma once

#include <map>

#include "ledger/domain/state.h"

namespace billing::receivables {

// What a sum was used for: allocations, and what is left of it.
struct Application {
  std::vector<Allocation> allocations;
  std::int64_t rest = 0;
};
// Whose items come first. A payer's money goes to the invoices that it pays, then to its own shares of others'; a
// service account's credit goes to its own shares first.
enum class Priority : std::uint8_t { kInvoicesItPays, kOwnShares };

// Applies sums, one after the other, within one decision: each earliest due first, then lowest number; disputed amounts
// are left alone; some kDefaultApplicationMax allocations in all. It looks only at items that it uses, whatever the number
// of open ones. The state must not change meanwhile.
class OldestFirst {
 public:
  explicit OldestFirst(const billing::State& state) : state_(state) {}

  // What the decision uses an open item for beside this.
  void reserve(const Allocation& allocation);
  // Applies `amount` to the open items of `account` in the order of `priority`.
  Application apply(AccountId account, std::int64_t amount, Priority priority);
  // True once the limit is reached: what is left stays unapplied for now.
  bool full() const { return applied_ >= kDefaultApplicationMax; }

 private:
  using Items = std::set<ItemKey>;
  // Where an account's queues have something left.
  struct Places {
    Items::const_iterator own;
    Items::const_iterator payer;
  };
  void walk(const Items& items, Items::const_iterator& place, std::optional<AccountId> only, Application& application);
  void take(const invoice::State& invoice, std::optional<AccountId> only, Application& application);

  const billing::State& state_;
  std::map<AccountId, Places> places_;
  std::map<std::pair<InvoiceId, AccountId>, std::int64_t> used_;  // by this decision
  std::size_t applied_ = 0;
};

}  // namespace billing::receivables
