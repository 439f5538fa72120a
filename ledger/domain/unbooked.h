// The queue of what a provider or bank reported and we could not book: an unknown payment, one chargeback too many, money
// from nobody that we know. Nothing is dropped; a person resolves it.
#pragma once

#include "ledger/domain/payment.h"

namespace billing::unbooked {

// late_money: a success that the payment could not take: it was not to come any more, it was of another amount, or we do not
// know it; and what a chargeback gives back after it was lost. Nothing is posted until it is assigned.
enum class Kind : std::uint8_t { kReceipt = 1, kChargeback = 2, kReturn = 3, kPaymentResult = 4, kLateMoney = 5 };
std::string_view kind_text(Kind kind);

struct State {
  UnbookedId id;
  CustomerId customer;
  Kind kind = Kind::kReceipt;
  std::int64_t amount = 0;
  Currency currency;
  payment::Method method = payment::Method::kWire;
  Date on;
  std::string reference;
  bool resolved = false;
  std::optional<Settlement> settled{};
};

struct Queued {
  UnbookedId id;
  CustomerId customer;  // whose payment it is about; kOperator when that is not known, and for receipts
  Kind kind = Kind::kReceipt;
  std::string reason;  // the public code of why it could not be booked, e.g. "unknown-payment"
  std::string detail;
  std::string reported_object;  // the id as reported: of a payment, an account number …
  std::int64_t amount = 0;
  Currency currency;
  payment::Method method = payment::Method::kWire;
  std::string reference;
  Date on;
  Date posting_date;
  std::optional<Settlement> settled{};  // of late money that came in another currency than the customer's
  friend bool operator==(const Queued&, const Queued&) = default;
};
// Dealt with: booked by another command (named in `how`), or found to be nothing.
struct Resolved {
  UnbookedId id;
  std::string how;
  friend bool operator==(const Resolved&, const Resolved&) = default;
};

// Money that arrived and says whose it is: recorded as a payment of the account with this number, or queued and booked
// on 2190.
struct Report {
  UnbookedId id;  // nil: taken from the context
  CustomerId customer;  // nil: not known
  std::string account_number;
  std::int64_t amount = 0;
  Currency currency;
  payment::Method method = payment::Method::kWire;
  std::string reference;
  std::optional<Date> on;
};
// A receipt, or late money, is whose after all: becomes a payment of the account.
struct Assign {
  UnbookedId id;
  AccountId account;
};
struct Resolve {
  UnbookedId id;
  std::string how;
};

// For the deciders of reports that cannot be booked: the one event that queues `what`, which names no id yet. The entry's id
// follows from `reported`, the report's own id, and `stage` where several reports share it, so that the same report again
// changes nothing. Errors: kNothingChanges.
Decision queue(const billing::State& state, Queued what, const Uuid& reported, std::uint8_t stage = 0);

// For queue(): an id for one piece of news about an object. With another reference it is other news.
Uuid news_of(const Uuid& object, std::string_view reference);

Decision decide(const billing::State& state, const Report& command, const Context& context);
Decision decide(const billing::State& state, const Assign& command, const Context& context);
Decision decide(const billing::State& state, const Resolve& command, const Context& context);
void evolve(billing::State& state, const Queued& event);
void evolve(billing::State& state, const Resolved& event);

}  // namespace billing::unbooked
