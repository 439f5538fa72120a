#include "ledger/domain/refund.h"

#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/payment_guards.h"
#include "ledger/domain/takeback.h"

namespace billing::refund {
namespace {

using payment::Claim;
using payment::ClaimKind;
using payment::Dates;
using payment::payment_fact;
using payment::phases;

constexpr std::array<std::string_view, 6> kPhases{"requested", "pending", "unknown", "needs_review", "succeeded", "failed"};
constexpr payment::Transitions<6> kNext{
    phases({Phase::kPending, Phase::kUnknown, Phase::kSucceeded, Phase::kFailed}),
    phases({Phase::kUnknown, Phase::kSucceeded, Phase::kFailed}),
    phases({Phase::kNeedsReview, Phase::kPending, Phase::kSucceeded, Phase::kFailed}),
    phases({Phase::kSucceeded, Phase::kFailed}),
    0,
    0};

credit_note::Issue note_for(const payment::State& payment, const std::string& reason, std::optional<InvoiceId> invoice,
                            std::vector<Line> lines, Date date) {
  credit_note::Issue issue;
  issue.account = payment.account;
  issue.invoice = invoice;
  issue.lines = std::move(lines);
  issue.reason = reason;
  issue.document_date = date;
  return issue;
}
credit_note::Issue goodwill_note(const payment::State& payment, const std::string& reason, std::int64_t amount, Date date) {
  Line line;
  line.service_account = payment.account;
  line.description = reason.empty() ? "Refund" : reason;
  line.revenue_code = static_cast<std::uint16_t>(Ledger::kAdjustments);
  line.net = amount;
  return note_for(payment, reason, {}, {std::move(line)}, date);
}

// What the lines of an adjustment come to must be what is refunded; they are checked as the note will be.
Result<void> check_adjustment(const billing::State& state, const payment::State& payment, const Request& command,
                              const Context& context) {
  if (!command.with_adjustment) {
    if (!command.invoice && command.adjustment_lines.empty()) return {};
    return refuse(Code::kInvalidParameter, "an adjustment is only made where it is asked for", "/with_adjustment");
  }
  BILLING_CHECK(find_open_account(state, payment.account));
  if (command.adjustment_lines.empty()) {
    if (!command.invoice) return {};
    return refuse(Code::kNoLines, "which lines of the invoice are to be credited?", "/adjustment/lines");
  }
  auto note = credit_note::decide(
      state, note_for(payment, command.reason, command.invoice, command.adjustment_lines, context.today), context);
  if (!note) {  // its body is a part of ours
    Error error = std::move(note.error());
    if (error.pointer.starts_with("/lines") || error.pointer == "/invoice") error.pointer.insert(0, "/adjustment");
    return std::unexpected(std::move(error));
  }
  const std::int64_t total = std::get<credit_note::Issued>(note->front().event).total;
  if (total == command.amount) return {};
  const Currency currency = state.customers.at(payment.customer).currency;
  return refuse(Code::kSumMismatch, "the lines with their tax are " + amount_text(total, currency), "/adjustment/lines");
}

// The credit of the note is not used on anything open: the refund pays it out.
StreamEvent kept_for_refund(StreamEvent note) {
  auto& issued = std::get<credit_note::Issued>(note.event);
  issued.allocations.clear();
  issued.unapplied.clear();
  for (const Line& line : issued.lines) {
    auto share = std::ranges::find(issued.unapplied, line.service_account, &Share::account);
    if (share == issued.unapplied.end()) share = issued.unapplied.insert(share, Share{line.service_account, 0});
    share->amount += line.net + tax_of(line);
  }
  std::erase_if(issued.unapplied, [](const Share& share) { return share.amount == 0; });
  return note;
}

// The note as it was asked for; where its lines cannot be credited any more, one of goodwill: the provider has paid, and
// that is not refused. Nothing when not even that can be issued.
std::optional<StreamEvent> issue_note(const billing::State& state, const payment::State& payment, const Claim& claim,
                                      Date date, const Context& context) {
  const auto issue = [&](const credit_note::Issue& command) -> std::optional<StreamEvent> {
    auto events = credit_note::decide(state, command, context);
    if (!events || std::get<credit_note::Issued>(events->front().event).total != claim.amount) return std::nullopt;
    return kept_for_refund(std::move(events->front()));
  };
  std::optional<StreamEvent> note;
  if (!claim.adjustment_lines.empty()) {
    note = issue(note_for(payment, claim.reason, claim.invoice, claim.adjustment_lines, date));
  }
  return note ? note : issue(goodwill_note(payment, claim.reason, claim.amount, date));
}

Takeback pay_out(const payment::State& payment, const credit_note::Issued& note) {
  Takeback takeback;
  takeback.amount = note.total;
  for (const Share& share : note.unapplied) {
    takeback.credits.push_back({share.account, CreditSource::kCreditNote, note.id.uuid, share.amount});
  }
  takeback.settled = payment::settled_share(payment, note.total);
  return takeback;
}

// The provider has paid and the books cannot follow.
Decision queue(const billing::State& state, const payment::State& payment, const Claim& claim, const Progress& command,
               Dates dates, const Error& why) {
  unbooked::Queued report = payment::late_news(state, payment.id, unbooked::Kind::kPaymentResult, why.code, dates);
  report.detail = "the refund " + command.refund.text() + " has succeeded";
  report.amount = claim.amount;
  report.reference = command.provider_reference;
  return unbooked::queue(state, std::move(report), claim.id);
}

Decision succeed(const billing::State& state, const payment::State& payment, const Claim& claim, const Progress& command,
                 const Context& context) {
  Dates dates = payment::report_dates(state, payment.received_on, command.on, context);
  if (const auto account = find_unfrozen_account(state, payment.account); !account) {
    return queue(state, payment, claim, command, dates, account.error());
  }
  Succeeded succeeded;
  succeeded.id = payment.id;
  succeeded.refund = command.refund;
  succeeded.account = payment.account;
  succeeded.provider_reference = command.provider_reference;
  succeeded.on = dates.document;
  succeeded.posting_date = dates.posting;
  succeeded.currency = state.customers.at(payment.customer).currency;
  std::vector<StreamEvent> events;
  auto note = claim.with_adjustment ? issue_note(state, payment, claim, dates.document, context) : std::nullopt;
  if (note) {
    const auto& issued = std::get<credit_note::Issued>(note->event);
    succeeded.credit_note = issued.id;
    succeeded.takeback = pay_out(payment, issued);
    events.push_back(*std::move(note));
  } else {
    auto taking = payment::take_back(state, payment, claim.amount, payment::Reach::kAlsoCreditNotes, dates.posting);
    if (!taking) return queue(state, payment, claim, command, dates, taking.error());
    succeeded.takeback = std::move(taking->takeback);
    succeeded.posting_date = dates.posting = taking->posting_date;
    events = std::move(taking->undone);
  }
  const Currency currency = succeeded.currency;
  events.push_back(payment_fact(payment, std::move(succeeded), dates, currency));
  return events;
}

// What our own people decide about a refund is not among it: unknown, needs_review.
constexpr unsigned kNews = phases({Phase::kPending, Phase::kSucceeded, Phase::kFailed});

// News that cannot be: of a refund that is not known, or (`claim`) that does not go there from where it is.
Decision queue_news(const billing::State& state, const Claim* claim, const Progress& command, const Error& why,
                    const Context& context) {
  const Dates dates = payment::report_dates(state, command.on.value_or(context.today), command.on, context);
  unbooked::Queued report = payment::late_news(state, command.id, unbooked::Kind::kPaymentResult, why.code, dates);
  report.detail = "the refund " + command.refund.text() + " is reported as " + std::string(phase_text(command.phase)) + ": " +
                  why.detail;
  report.amount = claim == nullptr ? 0 : claim->amount;
  report.reference = command.provider_reference;
  return unbooked::queue(state, std::move(report), unbooked::news_of(command.refund.uuid, command.provider_reference),
                         static_cast<std::uint8_t>(command.phase));
}

// As a stage of unbooked::queue(), after those of the phases.
constexpr std::uint8_t kStageSettled = 9;

struct Refunded {
  const payment::State* payment;
  const Claim* claim;
};
// A refund that has succeeded. Errors: those of payment::find_captured, kUnknownRefund, kInvalidTransition.
Result<Refunded> find_refunded(const billing::State& state, PaymentId id, RefundId refund) {
  BILLING_TRY(payment, payment::find_captured(state, id));
  const Claim* const claim = payment->find_claim(refund.uuid, ClaimKind::kRefund);
  if (claim == nullptr) return refuse(Code::kUnknownRefund, refund.text(), "/refund");
  if (claim->phase == Phase::kSucceeded) return Refunded{payment, claim};
  return refuse(Code::kInvalidTransition, "it is " + std::string(phase_text(claim->phase)), "/refund");
}

// The bank has settled a refund that, for us, has not succeeded.
Decision queue_settled(const billing::State& state, const Settle& command, const Error& why, const Context& context) {
  const Dates dates = payment::report_dates(state, command.on.value_or(context.today), command.on, context);
  unbooked::Queued report = payment::late_news(state, command.id, unbooked::Kind::kPaymentResult, why.code, dates);
  report.detail = "the refund " + command.refund.text() + " is reported as settled" +
                  (why.detail.empty() ? std::string() : ": " + why.detail);
  report.amount = 0;
  if (const auto found = state.payments.find(command.id); found != state.payments.end()) {
    if (const Claim* const claim = found->second.find_claim(command.refund.uuid, ClaimKind::kRefund)) report.amount = claim->amount;
  }
  return unbooked::queue(state, std::move(report), command.refund.uuid, kStageSettled);
}

Claim& claim_of(billing::State& state, PaymentId payment, RefundId refund) {
  auto& claims = state.payments.at(payment).rare().claims;
  return *std::ranges::find_if(
      claims, [&](const Claim& claim) { return claim.id == refund.uuid && claim.kind == ClaimKind::kRefund; });
}

}  // namespace

std::string_view phase_text(Phase phase) {
  const auto n = static_cast<std::size_t>(phase) - 1;
  return n < kPhases.size() ? kPhases[n] : std::string_view();
}

Result<Phase> parse_phase(std::string_view text) {
  const auto found = std::ranges::find(kPhases, text);
  if (found == kPhases.end()) {
    return refuse(Code::kInvalidParameter,
                  "a refund is requested, pending, unknown, needs_review, succeeded or failed", "/phase");
  }
  return static_cast<Phase>(found - kPhases.begin() + 1);
}

Decision decide(const billing::State& state, const Request& command, const Context& context) {
  const RefundId refund = command.refund.nil() ? context.fresh_id<RefundId>(1) : command.refund;
  BILLING_TRY(payment, payment::find_captured(state, command.id));
  if (payment->find_claim(refund.uuid, ClaimKind::kRefund)) return refuse(Code::kAlreadyExists, refund.text(), "/refund");
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  BILLING_TRY(currency, document::check_currency(state, payment->customer, command.currency, "/amount/currency"));
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  if (const std::int64_t left = payment->amount - payment->claimed(); command.amount > left) {
    return refuse(Code::kExceedsCaptured, amount_text(left, currency) + " is left to refund", "/amount");
  }
  BILLING_CHECK(check_turnover(state, currency, command.amount));
  BILLING_CHECK(check_adjustment(state, *payment, command, context));

  std::vector events{payment_fact(
      *payment, Requested{payment->id, refund, payment->account, command.amount, currency, command.with_adjustment,
                          command.reason, context.today, command.invoice, command.adjustment_lines})};
  events.front().currency = currency;
  return events;
}

Decision decide(const billing::State& state, const Progress& command, const Context& context) {
  BILLING_CHECK(check_optional_text(command.provider_reference, kReferenceMax, "/provider_reference"));
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  const auto found = state.payments.find(command.id);
  const payment::State* const payment = found == state.payments.end() ? nullptr : &found->second;
  const Claim* const claim = payment == nullptr ? nullptr : payment->find_claim(command.refund.uuid, ClaimKind::kRefund);
  Result<void> possible;
  if (payment == nullptr) {
    possible = refuse(Code::kUnknownPayment, command.id.text(), "/id");
  } else if (claim == nullptr) {
    possible = refuse(Code::kUnknownRefund, command.refund.text(), "/refund");
  } else {
    possible = payment::check_transition(kNext, claim->phase, command.phase, phase_text);
  }
  if (!possible) {
    const bool news = (kNews >> static_cast<unsigned>(command.phase) & 1U) != 0;
    if (!news || possible.error().code == Code::kNothingChanges) return std::unexpected(possible.error());
    return queue_news(state, claim, command, possible.error(), context);
  }
  if (command.phase == Phase::kSucceeded) return succeed(state, *payment, *claim, command, context);

  return std::vector{payment_fact(*payment,
                                  Progressed{payment->id, command.refund, claim->phase, command.phase,
                                             command.provider_reference, command.reason},
                                  context.today)};
}

Decision decide(const billing::State& state, const Settle& command, const Context& context) {
  const auto refunded = find_refunded(state, command.id, command.refund);
  if (!refunded) return queue_settled(state, command, refunded.error(), context);
  const auto [payment, claim] = *refunded;
  if (claim->settled_at_bank) return refuse(Code::kNothingChanges, "it is settled", "/refund");
  if (command.netted && payment::ledger_of(payment->method) != Ledger::kPaymentsInTransit) {
    return refuse(Code::kUnknownMethod, "only a provider of card and bank_debit nets refunds", "/netted");
  }
  BILLING_TRY(dates, payment::check_dates(state, *payment, command.on, context));
  if (dates.posting < claim->taken_on) {
    return refuse(Code::kInvalidDate, "the refund succeeded on " + claim->taken_on.text(), "/on");
  }
  const Currency currency = state.customers.at(payment->customer).currency;
  BILLING_CHECK(check_turnover(state, currency, claim->amount));
  BILLING_CHECK(payment::check_moved(state, claim->settled));

  return std::vector{payment_fact(*payment,
                                  Settled{payment->id, command.refund, payment->account, claim->amount, command.netted,
                                          dates.document, dates.posting, currency, claim->settled},
                                  dates, currency)};
}

void evolve(billing::State& state, const Requested& event) {
  payment::State& payment = state.payments.at(event.id);
  Claim& claim = payment.rare().claims.emplace_back();
  claim.id = event.refund.uuid;
  claim.kind = ClaimKind::kRefund;
  claim.amount = event.amount;
  claim.with_adjustment = event.with_adjustment;
  claim.reason = event.reason;
  claim.invoice = event.invoice;
  claim.adjustment_lines = event.adjustment_lines;
  // Counted now, so that success always fits.
  state.turnover[event.currency] += event.amount;
}

void evolve(billing::State& state, const Progressed& event) {
  Claim& claim = claim_of(state, event.id, event.refund);
  claim.phase = event.new_phase;
  if (event.new_phase != Phase::kFailed) return;
  claim.adjustment_lines = {};
  state.turnover[state.customers.at(state.payments.at(event.id).customer).currency] -= claim.amount;
}

void evolve(billing::State& state, const Succeeded& event) {
  Claim& claim = claim_of(state, event.id, event.refund);
  claim.phase = Phase::kSucceeded;
  claim.settled = event.takeback.settled;
  claim.taken_on = event.posting_date;
  claim.adjustment_lines = {};
  payment::evolve_takeback(state, state.payments.at(event.id), event.takeback, event.posting_date);
}

void evolve(billing::State& state, const Settled& event) {
  Claim& claim = claim_of(state, event.id, event.refund);
  claim.settled_at_bank = true;
  claim.netted = event.netted;
  state.turnover[event.currency] += event.amount;
  payment::count_moved(state, event.settled);
}

}  // namespace billing::refund
