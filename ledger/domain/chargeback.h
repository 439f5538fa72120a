// What a provider or bank takes back of a payment: a chargeback (opened, then won or lost) or a return (a bank return or
// a bounced cheque, with its code). They are reports: what cannot be booked is queued (unbooked.h), never refused.
// In the payment's stream.
#pragma once

#include "ledger/domain/payment.h"

namespace billing::chargeback {

struct Opened {
  PaymentId id;
  ChargebackId chargeback;
  AccountId account;
  payment::Method method = payment::Method::kCard;
  std::string code;  // the scheme's reason code
  std::string reference;
  Date on;
  Date posting_date;
  Currency currency;
  Takeback takeback;
  friend bool operator==(const Opened&, const Opened&) = default;
};
// Won: the money is back; it takes what is still open where it was taken from, the rest is unapplied.
struct Won {
  PaymentId id;
  ChargebackId chargeback;
  AccountId account;
  payment::Method method = payment::Method::kCard;
  Date on;
  Date posting_date;
  Currency currency;
  std::int64_t amount = 0;
  std::vector<Allocation> allocations;
  std::int64_t unapplied = 0;
  std::optional<Settlement> settled;
  friend bool operator==(const Won&, const Won&) = default;
};
struct Lost {
  PaymentId id;
  ChargebackId chargeback;
  Date on;
  friend bool operator==(const Lost&, const Lost&) = default;
};
struct Returned {
  PaymentId id;
  ReturnId return_id;
  AccountId account;
  payment::Method method = payment::Method::kBankDebit;
  std::string code;  // e.g. "AC04", "R01", "NSF"
  std::string reference;
  Date on;
  Date posting_date;
  Currency currency;
  Takeback takeback;
  friend bool operator==(const Returned&, const Returned&) = default;
};

struct Open {
  PaymentId id;
  ChargebackId chargeback;  // nil: taken from the context
  std::int64_t amount = 0;
  Currency currency;
  std::string code;
  std::string reference;
  std::optional<Date> on;
};
struct Win {
  PaymentId id;
  ChargebackId chargeback;
  std::optional<Date> on;
};
struct Lose {
  PaymentId id;
  ChargebackId chargeback;
  std::optional<Date> on;
};
struct Return {
  PaymentId id;
  ReturnId return_id;                  // nil: taken from the context
  std::optional<std::int64_t> amount;  // all that was captured and not yet taken back when absent
  std::optional<Currency> currency;
  std::string code;
  std::string reference;
  std::optional<Date> on;
};

Decision decide(const billing::State& state, const Open& command, const Context& context);
Decision decide(const billing::State& state, const Win& command, const Context& context);
Decision decide(const billing::State& state, const Lose& command, const Context& context);
Decision decide(const billing::State& state, const Return& command, const Context& context);
void evolve(billing::State& state, const Opened& event);
void evolve(billing::State& state, const Won& event);
void evolve(billing::State& state, const Lost& event);
void evolve(billing::State& state, const Returned& event);

}  // namespace billing::chargeback
