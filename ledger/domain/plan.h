// A promise to pay or an instalment plan: what the payer agreed to, by day. It moves no money; whether it is kept is
// worked out at the read from what was paid since.
#pragma once

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::plan {

inline constexpr std::size_t kInstalmentsMax = 60;

enum class Kind : std::uint8_t { kPromise = 1, kInstalments = 2 };
std::string_view kind_text(Kind kind);
Result<Kind> parse_kind(std::string_view text);

struct Instalment {
  Date due;
  std::int64_t amount = 0;
  friend bool operator==(const Instalment&, const Instalment&) = default;
};
struct State {
  PlanId id;
  CustomerId customer;
  AccountId account;
  bool cancelled = false;
};

struct Agreed {
  PlanId id;
  AccountId account;
  Kind kind = Kind::kInstalments;
  std::int64_t amount = 0;
  Currency currency;
  std::vector<Instalment> instalments;  // by day; they add up to amount
  std::vector<InvoiceId> invoices;      // what it is for; empty: all that the account pays
  std::string note;
  Date agreed_on;
  friend bool operator==(const Agreed&, const Agreed&) = default;
};
struct Cancelled {
  PlanId id;
  AccountId account;
  std::string reason;
  Date on;
  friend bool operator==(const Cancelled&, const Cancelled&) = default;
};

struct Agree {
  PlanId id;  // nil: taken from the context
  AccountId account;
  Kind kind = Kind::kInstalments;
  std::int64_t amount = 0;
  Currency currency;
  std::vector<Instalment> instalments;
  std::vector<InvoiceId> invoices;
  std::string note;
};
struct Cancel {
  PlanId id;
  std::string reason;
};

Decision decide(const billing::State& state, const Agree& command, const Context& context);
Decision decide(const billing::State& state, const Cancel& command, const Context& context);
void evolve(billing::State& state, const Agreed& event);
void evolve(billing::State& state, const Cancelled& event);

}  // namespace billing::plan
