// How each event moves the money of payments and the credit of notes: between unapplied credit, shares of invoices and the
// outside. The one list from which the fold keeps where money is and since when (tranche.h).
#pragma once

#include "ledger/domain/event.h"
#include "ledger/domain/tranche.h"

namespace billing {

struct Movement {
  CreditSource source = CreditSource::kPayment;
  Uuid source_id;
  std::optional<tranche::Place> from;  // none: it comes in
  std::optional<tranche::Place> to;    // none: it goes out, or is used up
  Date on;                             // the posting date
  std::int64_t amount = 0;
};
// In the order in which they happen; none for an event that moves no money of a payment or note.
std::vector<Movement> movements_of(const Event& event);
// Keeps `tranches`, those of the movement's source.
void apply(tranche::Tranches& tranches, const Movement& movement);

}  // namespace billing
