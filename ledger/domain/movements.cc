#include "ledger/domain/movements.h"

namespace billing {
namespace {

using tranche::Place;

constexpr CreditSource kPayment = CreditSource::kPayment;
constexpr CreditSource kNote = CreditSource::kCreditNote;

Place share(const Allocation& allocation) { return {allocation.account, allocation.invoice}; }

// Money that came in: on invoices, and the rest unapplied.
template <class Paid>
std::vector<Movement> receive(const Paid& event) {
  std::vector<Movement> all;
  for (const Allocation& one : event.allocations) {
    all.push_back({kPayment, event.id.uuid, {}, share(one), event.posting_date, one.amount});
  }
  if (event.unapplied > 0) {
    all.push_back({kPayment, event.id.uuid, {}, Place{event.account}, event.posting_date, event.unapplied});
  }
  return all;
}
std::vector<Movement> of(const payment::Recorded& event) { return receive(event); }
std::vector<Movement> of(const payment::Succeeded& event) { return receive(event); }
std::vector<Movement> of(const chargeback::Won& event) { return receive(event); }

// Money that goes out, of the payment or of notes.
template <class Taken>
std::vector<Movement> take_back(const Taken& event) {
  std::vector<Movement> all;
  for (const CreditPart& part : event.takeback.credits) {
    all.push_back({part.source, part.source_id, Place{part.account}, {}, event.posting_date, part.amount});
  }
  for (const Allocation& one : event.takeback.reopened) {
    all.push_back({kPayment, event.id.uuid, share(one), {}, event.posting_date, one.amount});
  }
  return all;
}
std::vector<Movement> of(const payment::Reversed& event) { return take_back(event); }
std::vector<Movement> of(const chargeback::Opened& event) { return take_back(event); }
std::vector<Movement> of(const chargeback::Returned& event) { return take_back(event); }
std::vector<Movement> of(const refund::Succeeded& event) { return take_back(event); }

std::vector<Movement> of(const payment::Reallocated& event) {
  std::vector<Movement> all;
  const Place credit{event.account};
  for (const Allocation& one : event.released) {
    all.push_back({kPayment, event.id.uuid, share(one), credit, event.posting_date, one.amount});
  }
  for (const Allocation& one : event.allocations) {
    all.push_back({kPayment, event.id.uuid, credit, share(one), event.posting_date, one.amount});
  }
  return all;
}

std::vector<Movement> of(const credit_note::Issued& event) {
  std::vector<Movement> all;
  for (const Share& one : event.unapplied) {
    all.push_back({kNote, event.id.uuid, {}, Place{one.account}, event.posting_date, one.amount});
  }
  return all;
}

// What is used of a note's credit does not come back: nobody asks where it is.
std::vector<Movement> of(const receivables::CreditApplied& event) {
  std::vector<Movement> all;
  const bool note = event.source == kNote;
  for (const Allocation& one : event.allocations) {
    all.push_back({event.source, event.source_id, Place{event.account}, note ? std::nullopt : std::optional(share(one)),
                   event.posting_date, one.amount});
  }
  return all;
}

std::vector<Movement> of(const receivables::CreditTransferred& event) {
  std::vector<Movement> all;
  for (const CreditPart& part : event.parts) {
    all.push_back({part.source, part.source_id, Place{event.from_account}, Place{event.to_account}, event.posting_date,
                   part.amount});
  }
  return all;
}

template <class Other>
std::vector<Movement> of(const Other&) {
  return {};
}

}  // namespace

std::vector<Movement> movements_of(const Event& event) {
  return std::visit([](const auto& one) { return of(one); }, event);
}

void apply(tranche::Tranches& tranches, const Movement& movement) {
  if (!movement.from) {
    tranche::put(tranches, *movement.to, movement.on, movement.amount);
  } else if (!movement.to) {
    tranche::take(tranches, *movement.from, movement.on, movement.amount);
  } else {
    tranche::move(tranches, *movement.from, *movement.to, movement.on, movement.amount);
  }
}

}  // namespace billing
