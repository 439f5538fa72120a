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
  bool held = false;  // kept from being applied by itself
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
// A credit is kept from, or given back to, being applied by itself.
struct CreditHeld {
  AccountId account;
  CreditSource source = CreditSource::kPayment;
  Uuid source_id;
  bool held = false;
  std::string reason;
  friend bool operator==(const CreditHeld&, const CreditHeld&) = default;
};
// Only the service account of the credit changes.
struct CreditTransferred {
  AccountId from_account;
  AccountId to_account;
  Currency currency;
  Date on;
  Date posting_date;
  std::int64_t amount = 0;
  std::vector<CreditPart> parts;  // of from_account, oldest first
  std::string reason;
  friend bool operator==(const CreditTransferred&, const CreditTransferred&) = default;
};

struct HoldCredit {
  AccountId account;
  Uuid source_id;
  bool held = true;
  std::string reason;
};
struct TransferCredit {
  AccountId from_account;
  AccountId to_account;
  std::optional<std::int64_t> amount;  // all that is not held when absent
  std::optional<Currency> currency;
  std::string reason;
};
// Applies what unapplied credit the account holds, oldest first and but for what is held, to what is open: the follow-up of a
// default application that stopped at its limit, and of a hold that ended.
struct ApplyCredit {
  AccountId account;
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

// The credit of `account` from `source`, or nullptr.
const Credit* find_credit(const billing::State& state, AccountId account, const Uuid& source);
// Takes `amount` of unapplied credit out of `account`'s credit from `source`; the credit must hold so much.
void take_credit(billing::State& state, AccountId account, const Uuid& source, std::int64_t amount);
// The opposite of reduce_items: `allocations` are open again.
void reopen_items(billing::State& state, const std::vector<Allocation>& allocations);

Decision decide(const billing::State& state, const HoldCredit& command, const Context& context);
Decision decide(const billing::State& state, const TransferCredit& command, const Context& context);
Decision decide(const billing::State& state, const ApplyCredit& command, const Context& context);
void evolve(billing::State& state, const CreditApplied& event);
void evolve(billing::State& state, const CreditHeld& event);
void evolve(billing::State& state, const CreditTransferred& event);

}  // namespace billing::receivables
