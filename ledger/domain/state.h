// Everything that decisions look at: the fold of the log. Owned by the writer thread; plain values, rebuilt at opening.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "ledger/domain/event.h"

namespace billing {

struct StreamIdHash {
  std::size_t operator()(const StreamId& stream) const {
    return UuidHash{}(stream.id) ^ (static_cast<std::size_t>(stream.kind) << 56U);
  }
};

// Open items and credits of one account, as service account and as payer.
struct AccountQueues {
  std::set<receivables::ItemKey> own;    // invoices on which it has an open share as service account
  std::set<receivables::ItemKey> payer;  // open invoices that it pays
  receivables::Credits credits;
  Timeline credit_by_day;         // what it held, by posting date
  std::vector<InvoiceId> issued;  // all invoices that it pays, open or not
};

struct State {
  std::unordered_map<CustomerId, customer::State> customers;
  std::unordered_map<AccountId, account::State> accounts;
  std::unordered_map<AccountId, std::set<AccountId>> children;
  std::unordered_map<InvoiceId, invoice::State> invoices;
  std::unordered_map<CreditNoteId, credit_note::State> credit_notes;
  std::unordered_map<PaymentId, payment::State> payments;
  std::unordered_map<DisputeId, dispute::State> disputes;
  std::unordered_map<InvoiceId, std::vector<DisputeId>> disputes_of;
  std::unordered_map<GroupingId, grouping::State> groupings;
  std::unordered_map<UserId, user::State> users;
  std::unordered_map<DepositId, deposit::State> deposits;
  std::unordered_map<PlanId, plan::State> plans;
  std::unordered_map<AccountId, std::vector<PlanId>> plans_of;  // as they were agreed
  std::unordered_map<MethodId, method::State> methods;
  std::unordered_map<UnbookedId, unbooked::State> unbooked;
  std::unordered_map<AccountId, method::Autopay> autopay;
  std::unordered_map<AccountId, AccountQueues> queues;
  // Accounts that credit was transferred to, by the payment that it came from.
  std::unordered_map<PaymentId, std::vector<AccountId>> credit_holders;
  // Unapplied credit of notes against an invoice: its place (as if it were not held) and the account that holds it.
  std::unordered_map<InvoiceId, std::set<std::pair<receivables::CreditKey, AccountId>>> note_credits;
  books::State books;

  // Claims on unique keys; each follows from its owner's event.
  std::unordered_map<std::string, AccountId> account_numbers;  // key: customer's 16 bytes + number
  std::unordered_map<std::string, UserId> user_emails;         // key: e-mail digest
  std::unordered_set<std::string> document_numbers;            // key: series + "/" + number (imported: per customer)
  std::unordered_map<std::string, Uuid> external_ids;          // key: external_id.cc
  std::unordered_map<std::string, std::uint64_t> series;       // last number given, per gapless series

  // Sum of the absolute amounts ever booked per currency: while it fits, no sum over any set of items can overflow.
  std::map<Currency, std::int64_t> turnover;

  std::unordered_map<StreamId, std::uint64_t, StreamIdHash> versions;
  std::unordered_map<CustomerId, std::uint64_t> customer_sequences;
};

// Look-ups that refuse by name.
Result<const customer::State*> find_customer(const State& state, CustomerId id);
Result<const account::State*> find_account(const State& state, AccountId id, std::string_view pointer = "/account");
// find_account, and refuses a closed one.
Result<const account::State*> find_open_account(const State& state, AccountId id,
                                                std::string_view pointer = "/account");
// find_open_account, and refuses a frozen one: for commands that move money.
Result<const account::State*> find_money_account(const State& state, AccountId id,
                                                 std::string_view pointer = "/account");
// find_account, and refuses a frozen one: a closed account still takes the money that comes, a frozen one none.
Result<const account::State*> find_unfrozen_account(const State& state, AccountId id,
                                                    std::string_view pointer = "/account");
Result<const payment::State*> find_payment(const State& state, PaymentId id, std::string_view pointer = "/payment");
// An invoice that was issued and is not void. Errors: kUnknownInvoice, kNotIssued, kInvoiceVoid.
Result<const invoice::State*> find_issued_invoice(const State& state, InvoiceId id,
                                                  std::string_view pointer = "/invoice");
Result<const invoice::State*> find_invoice(const State& state, InvoiceId id, std::string_view pointer = "/invoice");
// Refuses when `amount` (absolute) would let a sum overflow.
Result<void> check_turnover(const State& state, Currency currency, std::int64_t amount);

}  // namespace billing
