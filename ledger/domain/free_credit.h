// No credit beside debt: what a command opens again, and credit that it frees, meet at once, as they do when an invoice is
// issued.
#pragma once

#include "ledger/domain/oldest_first.h"
#include "ledger/domain/pairing.h"

namespace billing::receivables {

// Credit of an account that is not held, and since when it is there.
struct FreeCredit {
  CreditKey key;
  Timeline left;
};
// Spends the credits of `holder` in their order, until nothing is open that default application pays, or its limit is
// reached; appends an event for each credit and day, not before `earliest`. Returns what was paired.
std::vector<Pairing> spend(const account::State& holder, std::vector<FreeCredit>& credits, OldestFirst& oldest_first,
                           PairingDays& days, Date earliest, std::vector<StreamEvent>& events, const billing::State& state);

// Appends to the events of a command the application of free credit to what they open, and of what they free. What is
// disputed, reserved by a payment that is under way, or of a frozen account is left alone; beyond the limit of default
// application a follow-up goes on.
void apply_free_credit(const billing::State& state, std::vector<StreamEvent>& events, const Context& context);

}  // namespace billing::receivables
