// When what is paired counts. What joins money or credit with an item is posted on the latest of the day that is asked for and
// the days since which both have been there, so that nothing is below zero on any day, whatever was entered first.
#pragma once

#include <map>

#include "ledger/domain/state.h"

namespace billing::receivables {

// Finds the days of pairings, one after the other, within one decision. The state must not change meanwhile.
class PairingDays {
 public:
  explicit PairingDays(const billing::State& state) : state_(state) {}

  // The decision opens so much of a share from this day on (or closes it, when negative) beside what match() uses.
  void change(InvoiceId invoice, AccountId account, Date on, std::int64_t amount);
  // Pairs `money` with each of `allocations`, not before `earliest`; what of them is there only later is a pairing of its
  // own. What was used is gone from `money`.
  std::vector<Pairing> match(Timeline& money, const std::vector<Allocation>& allocations, Date earliest);

 private:
  Timeline& open_of(InvoiceId invoice, AccountId account);

  const billing::State& state_;
  std::map<std::pair<InvoiceId, AccountId>, Timeline> open_;
};

// Those that count on this day.
std::vector<Allocation> on_day(const std::vector<Pairing>& pairings, Date day);
std::int64_t sum_of(const std::vector<Allocation>& allocations);
// Appends an event for each day of the pairings but `except`, earliest first: `credit` is applied, whose posting date and
// allocations are filled in.
void apply_by_day(std::vector<StreamEvent>& events, CustomerId customer, const CreditApplied& credit,
                  const std::vector<Pairing>& pairings, std::optional<Date> except = {});

// What money that comes in on a day pays: at once, and by the credit that it leaves on the days on which the rest is there.
struct Incoming {
  std::vector<Pairing> pairings;
  std::vector<Allocation> allocations;  // at once
  std::int64_t unapplied = 0;           // on its day
};
Incoming incoming(const billing::State& state, std::int64_t amount, const std::vector<Allocation>& allocations, Date day);

}  // namespace billing::receivables
