// Open items and unapplied credit of accounts, and the one rule by which credit meets what is open.
#pragma once

#include <map>

#include "ledger/domain/customer.h"
#include "ledger/domain/invoice.h"
#include "ledger/domain/tranche.h"
#include "ledger/domain/types.h"

namespace billing::receivables {

// Place of an open invoice in an account's queue: what is disputed as a whole comes last, since nothing meets it by itself;
// then earliest due first, then lowest number.
struct ItemKey {
  bool disputed = false;
  Date due_date;
  std::string number;
  InvoiceId invoice;
  friend bool operator==(const ItemKey&, const ItemKey&) = default;
  // By number in the order of number_order.h.
  friend std::strong_ordering operator<=>(const ItemKey& a, const ItemKey& b);
};
// Place of a credit in an account's queue: what is held comes last, since it meets nothing by itself; then oldest first. A
// payment and a credit note may have the same id.
struct CreditKey {
  bool held = false;
  Date date;
  Uuid source;
  CreditSource kind = CreditSource::kPayment;
  friend auto operator<=>(const CreditKey&, const CreditKey&) = default;
};
// What is left of each, in minor units; more than 0.
using Credits = std::map<CreditKey, std::int64_t>;

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

// Default application stopped at its limit while credit was left: the writer applies the rest by a command of its own
// (`due`), until one of these says that it is done.
struct FollowUpDue {
  AccountId account;
  bool due = false;
  Date on;            // the business day of the first command
  Date posting_date;  // of the first command: not before it the rest is posted
  friend bool operator==(const FollowUpDue&, const FollowUpDue&) = default;
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
// Applies what unapplied credit the account holds, oldest first and but for what is held, to what is open: by hand, or as
// the follow-up of a default application that stopped at its limit, which also says when nothing is left to do.
struct ApplyCredit {
  AccountId account;
  std::optional<FollowUpDue> after{};
};

// Splits `amount` over the invoice's shares by `weights`, which add up to at least as much.
std::vector<Allocation> split(const invoice::State& invoice, const std::vector<std::int64_t>& weights,
                              std::int64_t amount);
// Splits `amount` (<= its open) over the invoice's service accounts, pro rata to what each has open.
std::vector<Allocation> split_over_shares(const billing::State& state, InvoiceId invoice, std::int64_t amount);

// Adds the events that close the disputes of invoices which these pay in full: on the day of the last of them.
void close_paid_disputes(const billing::State& state, const std::vector<Pairing>& pairings,
                         std::vector<StreamEvent>& events);

// The event that says that the rest of `account`'s credit is to be applied by a follow-up.
StreamEvent follow_up(const billing::State& state, AccountId account, Date on, Date posting_date);

// The bookkeeping that evolve functions share; `on` is the posting date.
void open_item(billing::State& state, InvoiceId invoice);
void reduce_items(billing::State& state, const std::vector<Allocation>& allocations, Date on);
// The opposite of reduce_items: `allocations` are open again.
void reopen_items(billing::State& state, const std::vector<Allocation>& allocations, Date on);
// `amount` of what is open on the invoice is disputed from now on.
void set_disputed(billing::State& state, invoice::State& invoice, std::int64_t amount);

// The place of a credit that is not held: its date is that of the payment or note that it came from.
CreditKey key_of(const billing::State& state, CreditSource kind, const Uuid& source);
// The credits of `account`; none for an account that never had one.
const Credits& credits_of(const billing::State& state, AccountId account);
// The credit of `account` from that payment or credit note, or nullptr.
const Credits::value_type* find_credit(const billing::State& state, AccountId account, CreditSource kind,
                                       const Uuid& source);
// Where the money of that payment or the credit of that note is.
const tranche::Tranches& tranches_of(const billing::State& state, CreditSource kind, const Uuid& source);
// The credit of `account` from that payment or credit note grows by `amount`, or shrinks when it is negative; it must hold
// so much. What is held stays held. Where the money came from and since when: movements.h.
void change_credit(billing::State& state, AccountId account, CreditSource kind, const Uuid& source, std::int64_t amount);
// Holds the credit back, or lets it go.
void set_held(billing::State& state, AccountId account, CreditSource kind, const Uuid& source, bool held);

Decision decide(const billing::State& state, const HoldCredit& command, const Context& context);
Decision decide(const billing::State& state, const TransferCredit& command, const Context& context);
Decision decide(const billing::State& state, const ApplyCredit& command, const Context& context);
void evolve(billing::State& state, const CreditApplied& event);
void evolve(billing::State& state, const CreditHeld& event);
void evolve(billing::State& state, const CreditTransferred& event);
inline void evolve(billing::State& /*state*/, const FollowUpDue& /*event*/) {}  // the writer's

}  // namespace billing::receivables
