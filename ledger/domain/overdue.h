// What of a payer's debt is overdue on a day: what is past its due date, less what free credit covers and what plans that
// are on track suspend. The one rule, for the late fees that are decided and for the reads.
#pragma once

#include <string>
#include <vector>

#include "ledger/domain/movements.h"
#include "ledger/domain/state.h"

namespace billing::overdue {

// An invoice of the payer that was due before the day, with what was open and disputed of it at the day's end.
struct Item {
  InvoiceId invoice;
  Date due;
  std::string number;
  std::uint64_t issued = 0;  // its place among what was issued; only the order counts
  std::int64_t open = 0;
  std::int64_t disputed = 0;          // part of open
  std::int64_t covered = 0;           // of what is not disputed, by free credit
  std::int64_t suspended = 0;         // of the rest of it, by plans
  std::int64_t covered_disputed = 0;  // of what is disputed, by free credit
  std::int64_t overdue() const { return open - covered - suspended - covered_disputed; }
  // What stages and late fees count.
  std::int64_t pressing() const { return open - disputed - covered - suspended; }
};
// What a plan that is on track leaves to be paid later, and of which invoices.
struct Suspension {
  std::int64_t left = 0;
  std::vector<InvoiceId> invoices{};  // sorted; empty: all that were issued before `before`
  std::uint64_t before = 0;
  bool covers(const Item& item) const;
};

// Puts the items in their order, earliest due first and then by number, and says what is covered and suspended of each.
// Free credit goes first to what is not disputed, as default application would use it; then each plan, in the order of the
// list, to what it covers of the rest; what credit is left then goes to what is disputed.
void relieve(std::vector<Item>& items, std::int64_t free_credit, std::vector<Suspension> plans);

// What `payer` had open at the end of `day` of invoices that were due before it, relieved.
std::vector<Item> items_on(const billing::State& state, AccountId payer, Date day);
// Its credit that was there on this day and is not held.
std::int64_t free_credit_on(const billing::State& state, AccountId account, Date day);

// Counts what an event, with its movements, pays on what plans are for, or takes back of it; the fold calls it for every
// event.
void note_paid(billing::State& state, const Event& event, const std::vector<Movement>& movements);

}  // namespace billing::overdue
