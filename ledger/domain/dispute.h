// A dispute over an issued invoice: the amount stays in ageing, flagged, and default application leaves it alone.
#pragma once

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::dispute {

enum class Outcome : std::uint8_t { kCredited = 1, kRejected = 2, kWithdrawn = 3, kPaid = 4 };
std::string_view outcome_text(Outcome outcome);
Result<Outcome> parse_outcome(std::string_view text);

struct State {
  DisputeId id;
  InvoiceId invoice;
  std::int64_t amount = 0;
  Date opened_on;
  bool closed = false;
  Date closed_on{};
};

struct Opened {
  DisputeId id;
  InvoiceId invoice;
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  std::string reason;
  Date opened_on;
  std::vector<std::uint32_t> lines;  // the disputed ones; empty: the whole invoice
  friend bool operator==(const Opened&, const Opened&) = default;
};
struct Closed {
  DisputeId id;
  InvoiceId invoice;
  AccountId account;
  Outcome outcome = Outcome::kWithdrawn;
  Date closed_on;
  friend bool operator==(const Closed&, const Closed&) = default;
};

struct Open {
  DisputeId id;  // nil: taken from the context
  InvoiceId invoice;
  std::optional<std::int64_t> amount;  // absent: all that is open; with lines: their totals as far as it is open
  std::optional<Currency> currency;
  std::string reason;
  std::optional<Date> opened_on;
  std::vector<std::uint32_t> lines{};
};
struct Close {
  DisputeId id;
  Outcome outcome = Outcome::kWithdrawn;
  std::optional<Date> closed_on;
};

Decision decide(const billing::State& state, const Open& command, const Context& context);
Decision decide(const billing::State& state, const Close& command, const Context& context);
void evolve(billing::State& state, const Opened& event);
void evolve(billing::State& state, const Closed& event);

}  // namespace billing::dispute
