// The checks that are always on: what decided events must hold before they are folded and stored (domain.md, Always-on
// checks). Deciders see to all of it; this does not trust them.
#pragma once

#include <span>

#include "ledger/domain/event.h"

namespace billing::checks {

// A breach: which check, the account that is to be frozen (nil: none can be named), and what was found.
struct Breach {
  std::string check;
  AccountId account;
  std::string detail;
};

// Checks the events of one command on the state before them, in order: postings balance in every currency; the customer of
// an event is that of its accounts; one currency per customer but in what was settled; no share, credit, deposit,
// capture or currency clearing is overdrawn; a series goes on without a gap. `postings` are those of each event. Pure;
// nothing is folded.
std::optional<Breach> check(const State& state, std::span<const StreamEvent> events,
                            std::span<const std::vector<Posting>> postings);

// Debits equal credits, currency by currency; `currency` is the event's. Sums in 128 bits.
bool balanced(const std::vector<Posting>& postings, Currency currency);

}  // namespace billing::checks
