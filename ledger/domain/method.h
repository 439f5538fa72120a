// Payment methods on file: a provider's token with brand, last four digits and expiry, never a card number. And autopay:
// which method an account's invoices are drafted from, and when.
#pragma once

#include "ledger/domain/payment.h"

namespace billing::method {

inline constexpr std::size_t kMethodsPerAccountMax = 20;

struct State {
  MethodId id;
  CustomerId customer;
  AccountId account;
  payment::Method kind = payment::Method::kCard;
  bool removed = false;
};
// Of an account.
struct Autopay {
  MethodId method;
  int days_before_due = 0;             // 0: on the due date
  std::optional<std::int64_t> at_most;  // per draft
};

struct Added {
  MethodId id;
  AccountId account;
  payment::Method kind = payment::Method::kCard;  // card or bank debit
  std::string token;                              // the provider's
  std::string brand;                              // "visa", a bank's name
  std::string last_four;
  std::optional<std::int32_t> expires;  // month_index of the last valid month; cards only
  friend bool operator==(const Added&, const Added&) = default;
};
struct Removed {
  MethodId id;
  AccountId account;
  friend bool operator==(const Removed&, const Removed&) = default;
};
struct AutopaySet {
  MethodId id;
  AccountId account;
  int days_before_due = 0;
  std::optional<std::int64_t> at_most;
  Currency currency;
  friend bool operator==(const AutopaySet&, const AutopaySet&) = default;
};
struct AutopayCleared {
  MethodId id;
  AccountId account;
  friend bool operator==(const AutopayCleared&, const AutopayCleared&) = default;
};

struct Add {
  MethodId id;  // nil: taken from the context
  AccountId account;
  payment::Method kind = payment::Method::kCard;
  std::string token;
  std::string brand;
  std::string last_four;
  std::optional<std::int32_t> expires;
};
// Refused while autopay uses it.
struct Remove {
  MethodId id;
};
struct SetAutopay {
  MethodId id;
  int days_before_due = 0;  // 0 to 28
  std::optional<std::int64_t> at_most;
  std::optional<Currency> currency;
};
struct ClearAutopay {
  AccountId account;
};

// Whether a text is, or holds, a number that could be a card's: 13 to 19 digits, separators aside, that pass Luhn's check.
bool looks_like_card_number(std::string_view text);

Decision decide(const billing::State& state, const Add& command, const Context& context);
Decision decide(const billing::State& state, const Remove& command, const Context& context);
Decision decide(const billing::State& state, const SetAutopay& command, const Context& context);
Decision decide(const billing::State& state, const ClearAutopay& command, const Context& context);
void evolve(billing::State& state, const Added& event);
void evolve(billing::State& state, const Removed& event);
void evolve(billing::State& state, const AutopaySet& event);
void evolve(billing::State& state, const AutopayCleared& event);

}  // namespace billing::method
