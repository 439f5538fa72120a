// Open items and unapplied credit of accounts, and the one rule by which credit meets what is open.
#pragma once

#include <set>

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::receivables {

// Place of an open invoice in an account's queue: earliest due first, then lowest number.
struct ItemKey {
  Date due_date;
  std::string number;
  InvoiceId invoice;
  friend auto operator<=>(const ItemKey&, const ItemKey&) = default;
};
// Place of a credit in an account's queue: oldest first.
struct CreditKey {
  Date date;
  Uuid source;
  friend auto operator<=>(const CreditKey&, const CreditKey&) = default;
};
struct Credit {
  CreditSource kind = CreditSource::kPayment;
  std::int64_t remaining = 0;
};

// Unapplied credit of `account` was used on invoices.
struct CreditApplied {
  AccountId account;
  CreditSource source = CreditSource::kPayment;
  Uuid source_id;
  Currency currency;
  Date posting_date;
  std::vector<Allocation> allocations;
  friend bool operator==(const CreditApplied&, const CreditApplied&) = default;
};

// What a sum was used for: allocations, and what is left of it.
struct Application {
  std::vector<Allocation> allocations;
  std::int64_t rest = 0;
};
// Whose items come first. A payer's money goes to the invoices that it pays, then to its own shares of others'; a
// service account's credit goes to its own shares first.
enum class Priority : std::uint8_t { kInvoicesItPays, kOwnShares };

// Applies `amount` to the open items of `account` in the order of `priority`, each earliest due first, then lowest
// number; disputed amounts are left alone; at most kDefaultApplicationMax allocations. `reserved` are allocations of
// the same decision that reduce what is open.
Application apply_oldest_first(const billing::State& state, AccountId account, std::int64_t amount, Priority priority,
                               const std::vector<Allocation>& reserved = {});
// Splits `amount` (<= its open) over the invoice's service accounts, pro rata to what each has open.
std::vector<Allocation> split_over_shares(const billing::State& state, InvoiceId invoice, std::int64_t amount);

// Adds the events that close the disputes of invoices which `allocations` pay in full.
void close_paid_disputes(const billing::State& state, const std::vector<Allocation>& allocations,
                         std::vector<StreamEvent>& events, Date on);

// The bookkeeping that evolve functions share.
void open_item(billing::State& state, InvoiceId invoice);
void reduce_items(billing::State& state, const std::vector<Allocation>& allocations);
void add_credit(billing::State& state, AccountId account, CreditKey key, Credit credit);

void evolve(billing::State& state, const CreditApplied& event);

}  // namespace billing::receivables
