// A refund of a payment: requested (a reservation, nothing posted), then succeeded or failed, then settled at the bank.
// It takes the payment's own unapplied money first, then credit that credit notes left on invoices that this payment
// paid, then its allocations, newest first. With an adjustment, a credit note of the same amount is issued and the refund pays
// that note out: it takes the note's credit and nothing else. In the payment's stream.
#pragma once

#include "ledger/domain/credit_note.h"
#include "ledger/domain/payment.h"

namespace billing::refund {

using Phase = payment::ClaimPhase;  // requested, pending, unknown, needs_review, succeeded, failed
std::string_view phase_text(Phase phase);
Result<Phase> parse_phase(std::string_view text);

struct Requested {
  PaymentId id;
  RefundId refund;
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  bool with_adjustment = false;  // a credit note of the same amount is issued when it succeeds
  std::string reason;
  Date requested_on;
  std::optional<InvoiceId> invoice;     // of the adjustment: whose lines are credited; none: a free note (4900)
  std::vector<Line> adjustment_lines;   // of the adjustment; empty: one goodwill line of the amount
  friend bool operator==(const Requested&, const Requested&) = default;
};
struct Progressed {
  PaymentId id;
  RefundId refund;
  Phase old_phase = Phase::kRequested;
  Phase new_phase = Phase::kPending;
  std::string provider_reference;
  std::string reason;
  friend bool operator==(const Progressed&, const Progressed&) = default;
};
struct Succeeded {
  PaymentId id;
  RefundId refund;
  AccountId account;
  std::string provider_reference;
  Date on;
  Date posting_date;
  Currency currency;
  Takeback takeback;
  std::optional<CreditNoteId> credit_note;  // of the adjustment
  friend bool operator==(const Succeeded&, const Succeeded&) = default;
};
// The money has left the bank (1000), or the provider netted it (1050).
struct Settled {
  PaymentId id;
  RefundId refund;
  AccountId account;
  std::int64_t amount = 0;
  bool netted = false;
  Date on;
  Date posting_date;
  Currency currency;
  std::optional<Settlement> settled;
  friend bool operator==(const Settled&, const Settled&) = default;
};

struct Request {
  PaymentId id;
  RefundId refund;  // nil: taken from the context
  std::int64_t amount = 0;
  std::optional<Currency> currency;
  bool with_adjustment = false;
  std::optional<InvoiceId> invoice;
  std::vector<Line> adjustment_lines;
  std::string reason;
};
struct Progress {
  PaymentId id;
  RefundId refund;
  Phase phase = Phase::kPending;
  std::string provider_reference;
  std::string reason;
  std::optional<Date> on;
};
struct Settle {
  PaymentId id;
  RefundId refund;
  bool netted = false;
  std::optional<Date> on;
};

Decision decide(const billing::State& state, const Request& command, const Context& context);
Decision decide(const billing::State& state, const Progress& command, const Context& context);
Decision decide(const billing::State& state, const Settle& command, const Context& context);
void evolve(billing::State& state, const Requested& event);
void evolve(billing::State& state, const Progressed& event);
void evolve(billing::State& state, const Succeeded& event);
void evolve(billing::State& state, const Settled& event);

}  // namespace billing::refund
