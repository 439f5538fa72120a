// What the deciders of payments, refunds, chargebacks and receipts check alike: dates, settlements, legal transitions.
#pragma once

#include <array>

#include "ledger/domain/document.h"
#include "ledger/domain/state.h"

namespace billing::payment {

using document::Dates;

// Of what people do to a payment: not after today, not before it was received.
// Errors: kInvalidDate and those of document::check_document_date.
Result<Dates> check_dates(const billing::State& state, const State& payment, std::optional<Date> given,
                          const Context& context);
// Of what a provider or bank reports, which is never refused for its date: between `earliest` and today.
Dates report_dates(const billing::State& state, Date earliest, std::optional<Date> given, const Context& context);

// A payment that has succeeded and was not reversed, of an account that is not frozen.
// Errors: kUnknownPayment, kPaymentNotSucceeded, kPaymentReversed, kAccountFrozen.
Result<const State*> find_captured(const billing::State& state, PaymentId id);

// News of a payment that cannot be booked, for unbooked::queue(): what is known of it, of the operator where we do not know it.
// The caller says what is told (`detail`, `reference`) and another amount where it is not the payment's.
unbooked::Queued late_news(const billing::State& state, PaymentId id, unbooked::Kind kind, Code why, Dates dates);

// A settlement is in another currency than `own`, and its amount is `amount` at its rate, to the minor unit.
// Errors: kSettlementMismatch, kAmountNotPositive, kUnknownCurrency, kOverflow.
Result<void> check_settlement(const billing::State& state, const std::optional<Settlement>& settled, std::int64_t amount,
                              Currency own);

// An event of a payment with both dates, in the customer's currency; one that moves no money yet; and a step of it on a day.
StreamEvent payment_fact(const State& payment, Event event, Dates dates, Currency currency);
StreamEvent payment_fact(const State& payment, Event event);
StreamEvent payment_fact(const State& payment, Event event, Date day);

// A set of phases, and which phases may follow each: row n is of the phase with number n + 1.
template <class AnyPhase>
constexpr unsigned phases(std::initializer_list<AnyPhase> list) {
  unsigned set = 0;
  for (const AnyPhase phase : list) set |= 1U << static_cast<unsigned>(phase);
  return set;
}
template <std::size_t count>
using Transitions = std::array<unsigned, count>;

// Errors: kNothingChanges when it is in that phase already, else kInvalidTransition, which says what is possible.
template <class AnyPhase, std::size_t count>
Result<void> check_transition(const Transitions<count>& table, AnyPhase from, AnyPhase to,
                              std::string_view (*text)(AnyPhase)) {
  const auto row = static_cast<std::size_t>(from) - 1;
  const unsigned next = row < count ? table[row] : 0;
  if (from == to) return refuse(Code::kNothingChanges, "it is " + std::string(text(from)), "/phase");
  if ((next >> static_cast<unsigned>(to)) & 1U) return {};
  std::string possible;
  for (unsigned phase = 1; phase <= count; ++phase) {
    if (((next >> phase) & 1U) == 0) continue;
    possible += (possible.empty() ? "" : ", ") + std::string(text(static_cast<AnyPhase>(phase)));
  }
  return refuse(Code::kInvalidTransition,
                "from " + std::string(text(from)) + " to " + std::string(text(to)) + "; possible: " +
                    (possible.empty() ? "nothing" : possible),
                "/phase");
}

}  // namespace billing::payment
