// A deposit: a customer's money that is held apart (2150) and is never credit until it is used.
#pragma once

#include "ledger/domain/payment.h"

namespace billing::deposit {

struct State {
  DepositId id;
  CustomerId customer;
  AccountId account;
  std::int64_t amount = 0;
  std::int64_t left = 0;
  Date received_on;
  Date posting_date;
};

struct Received {
  DepositId id;
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  payment::Method method = payment::Method::kWire;
  std::string reference;
  Date received_on;
  Date posting_date;
  friend bool operator==(const Received&, const Received&) = default;
};
// Used on what is open: by choice, or oldest due first.
struct Used {
  DepositId id;
  AccountId account;
  Currency currency;
  Date on;
  Date posting_date;
  std::int64_t amount = 0;
  std::vector<Allocation> allocations;
  friend bool operator==(const Used&, const Used&) = default;
};
// Given back to the payer (1000).
struct Returned {
  DepositId id;
  AccountId account;
  Currency currency;
  Date on;
  Date posting_date;
  std::int64_t amount = 0;
  std::string reference;
  friend bool operator==(const Returned&, const Returned&) = default;
};

struct Receive {
  DepositId id;  // nil: taken from the context
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  payment::Method method = payment::Method::kWire;
  std::string reference;
  std::optional<Date> received_on;
};
struct Use {
  DepositId id;
  std::optional<std::int64_t> amount;  // all that is left, as far as something is open, when absent
  std::optional<Currency> currency;
  std::optional<std::vector<payment::Instruction>> instructions;  // absent: oldest due first
  std::optional<Date> on;
};
struct Return {
  DepositId id;
  std::optional<std::int64_t> amount;  // all that is left when absent
  std::optional<Currency> currency;
  std::string reference;
  std::optional<Date> on;
};

Decision decide(const billing::State& state, const Receive& command, const Context& context);
Decision decide(const billing::State& state, const Use& command, const Context& context);
Decision decide(const billing::State& state, const Return& command, const Context& context);
void evolve(billing::State& state, const Received& event);
void evolve(billing::State& state, const Used& event);
void evolve(billing::State& state, const Returned& event);

}  // namespace billing::deposit
