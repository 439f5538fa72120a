// A payment: asked for and decided elsewhere (authorised, pending, unknown …), or received; allocated to invoices by the
// payer's choice or oldest due first; the rest is unapplied. Its refunds, chargebacks and returns: refund.h, chargeback.h.
#pragma once

#include <memory>

#include "ledger/domain/customer.h"
#include "ledger/domain/receivables.h"
#include "ledger/domain/tranche.h"
#include "ledger/domain/types.h"

namespace billing::payment {

// Card and bank debit are collected by a provider (1050 until it pays out), the others arrive as cash (1000).
enum class Method : std::uint8_t { kCard = 1, kBankDebit = 2, kCheque = 3, kWire = 4, kCash = 5 };
std::string_view method_text(Method method);
Result<Method> parse_method(std::string_view text);
// The ledger that a payment by this method debits.
Ledger ledger_of(Method method);

// needs_review: unknown after the last look-up; it keeps its reservation, and a person decides.
enum class Phase : std::uint8_t {
  kRequested = 1,
  kAuthorised = 2,
  kPending = 3,
  kUnknown = 4,
  kNeedsReview = 5,
  kSucceeded = 6,
  kFailed = 7,
  kCancelled = 8
};
std::string_view phase_text(Phase phase);
Result<Phase> parse_phase(std::string_view text);
// True while the outcome is open: the reservation stands.
bool unresolved(Phase phase);

// Whether what was settled in another currency was worth more than the payment's amount, or less.
enum class DifferenceKind : std::uint8_t { kGain = 1, kLoss = 2 };
std::string_view difference_kind_text(DifferenceKind kind);
Result<DifferenceKind> parse_difference_kind(std::string_view text);

// What the payer wants paid on one invoice; it is split over the invoice's service accounts pro rata to their open, or
// goes to the share of `account` alone.
struct Instruction {
  InvoiceId invoice;
  std::int64_t amount = 0;
  std::optional<AccountId> account{};
  bool at_most = false;  // of money that is here: where less is open, only that; never stored
  friend bool operator==(const Instruction&, const Instruction&) = default;
};

// A refund, chargeback or return under a payment.
enum class ClaimKind : std::uint8_t { kRefund = 1, kChargeback = 2, kReturn = 3 };
enum class ClaimPhase : std::uint8_t {
  kRequested = 1,
  kPending = 2,
  kUnknown = 3,
  kNeedsReview = 4,
  kSucceeded = 5,
  kFailed = 6,
  kOpen = 7,  // a chargeback that may still be won
  kWon = 8,
  kLost = 9
};
struct Claim {
  Uuid id;
  ClaimKind kind = ClaimKind::kRefund;
  ClaimPhase phase = ClaimPhase::kRequested;
  std::int64_t amount = 0;
  bool settled_at_bank = false;       // of a refund: the money has left
  bool netted = false;                // of a refund: the provider kept it from what it pays out
  std::optional<Settlement> settled;  // what it took of the payment's settlement
  std::vector<Allocation> reopened;   // of a chargeback: where it was taken from
  Date taken_on;                      // once it has taken money: the posting date
  // Of a refund with adjustment, until it succeeds: the credit note that is to be issued.
  bool with_adjustment = false;
  std::string reason;
  std::optional<InvoiceId> invoice;
  std::vector<Line> adjustment_lines;
  // True while it counts against what was captured: all but failed refunds and chargebacks that were won.
  bool counts() const { return phase != ClaimPhase::kFailed && phase != ClaimPhase::kWon; }
  // True while it has taken money: a refund that succeeded, a return, a chargeback that is open or lost.
  bool took() const { return counts() && (phase == ClaimPhase::kSucceeded || phase >= ClaimPhase::kOpen); }
};

// What few payments have; made when it is first needed, so that the many stay small.
struct Rare {
  std::vector<Instruction> reserved;  // while unresolved
  std::vector<Claim> claims;
  std::vector<InvoiceId> former;         // invoices that something of it was taken off
  std::optional<Settlement> settled;
  std::int64_t exchange_difference = 0;  // of the settlement: gains less losses
  std::optional<UnbookedId> unbooked;    // the unidentified receipt that it was: booked from 2190
};
struct State {
  PaymentId id;
  CustomerId customer;
  AccountId account;
  std::int64_t amount = 0;
  Date received_on;
  Method method = Method::kCard;
  Phase phase = Phase::kSucceeded;
  bool reversed = false;
  bool paid_out = false;
  tranche::Tranches money;     // where what was not taken back of it is
  std::unique_ptr<Rare> more;  // by rare() only

  const Rare& rare() const;
  Rare& rare();
  const std::vector<Claim>& claims() const { return rare().claims; }
  const std::optional<Settlement>& settled() const { return rare().settled; }
  const Claim* find_claim(const Uuid& claim, ClaimKind kind) const;
  // Sum of the claims that count.
  std::int64_t claimed() const;
  // Of one that was settled in another currency: what currency clearing (1900) holds of it in the customer's currency,
  // less what was taken back and has not left the bank yet. Below zero where money went back after a loss.
  std::int64_t on_clearing() const;
};

struct Recorded {
  PaymentId id;
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  Method method = Method::kCard;
  std::string reference;
  std::string external_id;
  Date received_on;
  Date posting_date;
  std::vector<Allocation> allocations;
  std::int64_t unapplied = 0;
  std::optional<Settlement> settled;
  std::optional<UnbookedId> unbooked;  // the unidentified receipt that it was: debits 2190
  friend bool operator==(const Recorded&, const Recorded&) = default;
};
// The payer's wish is with the provider. Nothing is posted; `reserved` blocks a second attempt on the same money.
struct Requested {
  PaymentId id;
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  Method method = Method::kCard;
  std::optional<MethodId> method_on_file;
  std::string reference;
  std::string external_id;
  Date requested_on;
  std::vector<Instruction> reserved;
  friend bool operator==(const Requested&, const Requested&) = default;
};
// authorised, pending, unknown, needs_review, failed, cancelled: nothing is posted.
struct Progressed {
  PaymentId id;
  Phase old_phase = Phase::kRequested;
  Phase new_phase = Phase::kPending;
  std::string provider_reference;
  std::string reason;
  friend bool operator==(const Progressed&, const Progressed&) = default;
};
struct Succeeded {
  PaymentId id;
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  Method method = Method::kCard;
  std::string provider_reference;
  Date received_on;
  Date posting_date;
  std::vector<Allocation> allocations;
  std::int64_t unapplied = 0;
  std::optional<Settlement> settled;
  friend bool operator==(const Succeeded&, const Succeeded&) = default;
};
// Wrongly keyed: all of it is taken back.
struct Reversed {
  PaymentId id;
  AccountId account;
  Method method = Method::kCard;
  std::string reason;
  Date on;
  Date posting_date;
  Currency currency;
  Takeback takeback;
  std::optional<UnbookedId> unbooked;  // the receipt becomes unidentified again
  friend bool operator==(const Reversed&, const Reversed&) = default;
};
// Moved to other invoices through 2100.
struct Reallocated {
  PaymentId id;
  AccountId account;
  Date on;
  Date posting_date;
  Currency currency;
  std::vector<Allocation> released;
  std::vector<Allocation> allocations;
  std::int64_t unapplied_change = 0;  // released - allocations, of the credit that `account` holds
  friend bool operator==(const Reallocated&, const Reallocated&) = default;
};
// The provider paid it out, less its fee: what of it was still in transit.
struct PaidOut {
  PaymentId id;
  AccountId account;
  std::int64_t amount = 0;
  std::int64_t fee = 0;
  Date on;
  Date posting_date;
  Currency currency;
  std::string reference;
  Currency settled_in{};  // valid(): the payment was settled in it, and amount and fee are in it
  friend bool operator==(const PaidOut&, const PaidOut&) = default;
};
// What was settled in another currency turned out to be worth more or less in the customer's.
struct ExchangeDifferenceRecorded {
  PaymentId id;
  AccountId account;
  std::int64_t amount = 0;  // a gain; a loss is negative
  Date on;
  Date posting_date;
  Currency currency;
  std::string reference;
  friend bool operator==(const ExchangeDifferenceRecorded&, const ExchangeDifferenceRecorded&) = default;
};

struct Record {
  PaymentId id;  // nil: taken from the context
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  Method method = Method::kCard;
  std::string reference;
  std::string external_id;
  std::optional<Date> received_on;                       // today when absent
  std::optional<std::vector<Instruction>> instructions;  // absent: oldest due first
  std::optional<Settlement> settled{};
};
struct Request {
  PaymentId id;  // nil: taken from the context
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  Method method = Method::kCard;
  std::optional<MethodId> method_on_file;
  std::string reference;
  std::string external_id;
  std::optional<std::vector<Instruction>> instructions;
};
// What the provider, or a person after a look-up, says of a payment that was requested. kSucceeded posts it. What only a
// provider can know (authorised, pending, succeeded, failed) is news: where it cannot be, it is queued (unbooked.h).
struct Progress {
  PaymentId id;
  Phase phase = Phase::kPending;
  std::string provider_reference;
  std::string reason;
  std::optional<Date> on;  // of success: when it was received, today when absent
  std::optional<Settlement> settled;
  std::optional<std::int64_t> amount{};  // as reported; another one than was requested is queued
  std::optional<Currency> currency{};    // of the amount
};
struct Reverse {
  PaymentId id;
  std::string reason;
  std::optional<Date> on;
};
struct Reallocate {
  PaymentId id;
  std::vector<Instruction> instructions;  // where all of the payment that can move is to be; the rest is unapplied
  std::optional<Date> on;
  std::optional<Currency> currency{};  // of the amounts; checked against the customer's when given
};
struct PayOut {
  PaymentId id;
  std::int64_t fee = 0;
  std::optional<Currency> currency;
  std::string reference;
  std::optional<Date> on;
};
// What became known after the settlement: as often as it does, each time only what is new.
struct RecordExchangeDifference {
  PaymentId id;
  DifferenceKind kind = DifferenceKind::kGain;
  std::int64_t amount = 0;           // positive
  std::optional<Currency> currency;  // checked against the customer's when given
  std::string reference;
  std::optional<Date> on;
};

// Records a payment; `unbooked` is the unidentified receipt that it was.
Decision record(const billing::State& state, const Record& command, std::optional<UnbookedId> unbooked,
                const Context& context);

Decision decide(const billing::State& state, const Record& command, const Context& context);
Decision decide(const billing::State& state, const Request& command, const Context& context);
Decision decide(const billing::State& state, const Progress& command, const Context& context);
Decision decide(const billing::State& state, const Reverse& command, const Context& context);
Decision decide(const billing::State& state, const Reallocate& command, const Context& context);
Decision decide(const billing::State& state, const PayOut& command, const Context& context);
Decision decide(const billing::State& state, const RecordExchangeDifference& command, const Context& context);
void evolve(billing::State& state, const Recorded& event);
void evolve(billing::State& state, const Requested& event);
void evolve(billing::State& state, const Progressed& event);
void evolve(billing::State& state, const Succeeded& event);
void evolve(billing::State& state, const Reversed& event);
void evolve(billing::State& state, const Reallocated& event);
void evolve(billing::State& state, const PaidOut& event);
void evolve(billing::State& state, const ExchangeDifferenceRecorded& event);

}  // namespace billing::payment
