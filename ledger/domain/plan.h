// A promise to pay or an instalment plan: what the payer agreed to, by day. It moves no money; whether it is kept follows from
// what was paid since. While it is on track, what it covers is not overdue (overdue.h).
#pragma once

#include "ledger/base/timeline.h"
#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::plan {

inline constexpr std::size_t kInstalmentsMax = 60;
inline constexpr std::size_t kPlansMax = 100;  // of an account, ended ones too: each payment looks at all of them

enum class Kind : std::uint8_t { kPromise = 1, kInstalments = 2 };
std::string_view kind_text(Kind kind);
Result<Kind> parse_kind(std::string_view text);

struct Instalment {
  Date due;
  std::int64_t amount = 0;
  friend bool operator==(const Instalment&, const Instalment&) = default;
};
struct Agreed {
  PlanId id;
  AccountId account;
  Kind kind = Kind::kInstalments;
  std::int64_t amount = 0;
  Currency currency;
  std::vector<Instalment> instalments;  // by day; they add up to amount
  std::vector<InvoiceId> invoices;      // what it is for; empty: all that the account then had to pay
  std::string note;
  Date agreed_on;
  friend bool operator==(const Agreed&, const Agreed&) = default;
};
struct State {
  CustomerId customer;
  Agreed terms;  // with its invoices by id
  std::optional<Date> cancelled_on;
  std::size_t issued_before = 0;  // so many of AccountQueues::issued were there when it was agreed
  Timeline paid;                  // by payments and deposits on what it is for, since it was agreed; by posting date
};
struct Cancelled {
  PlanId id;
  AccountId account;
  std::string reason;
  Date on;
  friend bool operator==(const Cancelled&, const Cancelled&) = default;
};

// How a plan stands on a day: kept when all of it is paid, broken when less is paid than was due before the day.
enum class Status : std::uint8_t { kOnTrack, kKept, kBroken, kCancelled };
struct Standing {
  std::int64_t paid = 0;    // at most the plan's amount
  std::int64_t behind = 0;  // due before the day and not paid
  Status status = Status::kOnTrack;
};
// `paid` is what was paid on what the plan is for, up to the day.
Standing stands(const Agreed& terms, std::int64_t paid, std::optional<Date> cancelled_on, Date day);
// How much of what it covers it suspends on a day: what is left of it while it is on track, nothing before it was agreed.
std::int64_t suspends(const Agreed& terms, std::int64_t paid, std::optional<Date> cancelled_on, Date day);

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
