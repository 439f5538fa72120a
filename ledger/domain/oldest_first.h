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

// What a payment that is under way wants to pay: money that arrived may pay it first, credit that was freed waits for the
// outcome.
enum class Reserved : std::uint8_t { kIsPaid, kIsLeftAlone };

// Applies sums, one after the other, within one decision: each earliest due first, then lowest number; disputed amounts
// are left alone; some kDefaultApplicationMax allocations in all. It looks only at items that it uses, whatever the number
// of open ones. The state must not change meanwhile.
class OldestFirst {
 public:
  explicit OldestFirst(const billing::State& state, Reserved reserved = Reserved::kIsPaid)
      : state_(state), reserved_(reserved) {}

  // What the decision uses an open item for beside this, or opens again when the amount is negative.
  void reserve(const Allocation& allocation);
  // An invoice of which the decision opens something again, or that it lets be paid: what of it is disputed and reserved now.
  void change(const invoice::State& invoice, std::int64_t disputed, std::int64_t reserved);
  // Applies `amount` to the open items of `account` in the order of `priority`.
  Application apply(AccountId account, std::int64_t amount, Priority priority);
  // Whether there is an open item that the account's money or credit would pay.
  bool finds_any(AccountId account);
  // True once the limit is reached: what is left stays unapplied for now.
  bool full() const { return applied_ >= kDefaultApplicationMax; }

 private:
  using Items = std::set<ItemKey>;
  // An account's queue, and what the decision adds to it: where each has something left.
  struct Place {
    const Items* items = nullptr;
    Items::const_iterator item;
    const Items* added = nullptr;
    Items::const_iterator addition;
  };
  struct Places {
    Place own;
    Place payer;
  };
  struct Added {
    Items own;
    Items payer;
  };
  struct Change {
    std::int64_t disputed = 0;
    std::int64_t reserved = 0;
  };
  Places& places_of(AccountId account);
  bool done(const Place& place) const;
  bool next_is_added(const Place& place) const;
  void walk(Place& place, std::optional<AccountId> only, Application& application);
  void take(const invoice::State& invoice, std::optional<AccountId> only, Application& application);
  std::int64_t payable(const invoice::State& invoice, std::optional<AccountId> only,
                       std::vector<std::int64_t>& weights) const;

  const billing::State& state_;
  const Reserved reserved_;
  std::map<InvoiceId, Change> changes_;
  std::map<AccountId, Added> added_;
  std::map<AccountId, Places> places_;
  std::map<std::pair<InvoiceId, AccountId>, std::int64_t> used_;  // by this decision
  std::size_t applied_ = 0;
};

}  // namespace billing::receivables
