// The one rule of what a refund, chargeback, return or reversal takes back of a payment, and the bookkeeping of what of a
// payment is on invoices.
#pragma once

#include "ledger/domain/payment.h"

namespace billing::payment {

// A refund also takes the credit that credit notes left on invoices which the payment paid: the money is given back for it.
enum class Reach : std::uint8_t { kOwnMoney, kAlsoCreditNotes };

// What is taken back, and what was done with the money after that day: it is undone first, each on its own day, so that the
// money leaves from where it was.
struct Taking {
  std::vector<StreamEvent> undone;
  Takeback takeback;
  Date posting_date;  // that was asked for, or the first day on which so much of the money was there and could be taken
};
// In this order: the payment's own unapplied money, in its own account first; credit of credit notes, oldest first, if within
// reach and there on that day; its allocations, newest first. Errors: kTooManyItems; kOverflow; kCheckFailed when there is
// less than `amount`, which the sum of the claims excludes.
Result<Taking> take_back(const billing::State& state, const State& payment, std::int64_t amount, Reach reach,
                         Date posting_date);
// What `amount` is of the payment's settlement, at its own rate; the shares of all claims add up to it.
std::optional<Settlement> settled_share(const State& payment, std::int64_t amount);

// What moves in the currency of a settlement counts there like every amount. Error: kOverflow.
Result<void> check_moved(const billing::State& state, const std::optional<Settlement>& settled);
void count_moved(billing::State& state, const std::optional<Settlement>& settled);

// The bookkeeping that evolve functions share; each keeps invoice::State.paid. `on` is the posting date.
void evolve_takeback(billing::State& state, State& payment, const Takeback& takeback, Date on);
void put_on_invoices(billing::State& state, const std::vector<Allocation>& allocations, Date on);
void take_off_invoices(billing::State& state, State& payment, const std::vector<Allocation>& allocations, Date on);
// Remembers where a part of a payment's credit was transferred to.
void note_transfer(billing::State& state, const CreditPart& part, AccountId to);

}  // namespace billing::payment
