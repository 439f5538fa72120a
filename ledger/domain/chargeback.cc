#include "ledger/domain/chargeback.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/domain/oldest_first.h"
#include "ledger/domain/pairing.h"
#include "ledger/domain/payment_guards.h"
#include "ledger/domain/takeback.h"

namespace billing::chargeback {
namespace {

using payment::Claim;
using payment::ClaimKind;
using payment::ClaimPhase;
using payment::Dates;
using payment::payment_fact;

// For the id of an entry in the queue: a chargeback is reported when it is opened and when it is won or lost.
constexpr std::uint8_t kStageOpened = 0;
constexpr std::uint8_t kStageWon = 1;
constexpr std::uint8_t kStageLost = 2;
constexpr std::array<std::string_view, 3> kOutcomes{"", "won", "lost"};  // by stage

// What was reported, of a chargeback or a return.
struct Report {
  PaymentId payment;
  Uuid claim;
  ClaimKind kind = ClaimKind::kChargeback;
  std::optional<std::int64_t> amount;  // all that is left when absent
  std::optional<Currency> currency;
  std::string code;
  std::string reference;
  std::optional<Date> on;
};

// What is to be booked of a report.
struct Booking {
  const payment::State* payment = nullptr;
  Dates dates;
  payment::Taking taking;
};

Result<void> check_report(const Report& report) {
  if (report.amount && *report.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  BILLING_CHECK(check_optional_text(report.code, kNumberMax, "/code"));
  return check_optional_text(report.reference, kReferenceMax, "/reference");
}

Result<Booking> book(const billing::State& state, const Report& report, const Context& context) {
  BILLING_TRY(payment, payment::find_captured(state, report.payment));
  BILLING_TRY(currency, document::check_currency(state, payment->customer, report.currency, "/amount/currency"));
  const std::int64_t left = payment->amount - payment->claimed();
  const std::int64_t amount = report.amount.value_or(left);
  if (amount <= 0 || amount > left) {
    return refuse(Code::kExceedsCaptured, amount_text(left, currency) + " is left of the payment", "/amount");
  }
  BILLING_CHECK(check_turnover(state, currency, amount));
  Dates dates = payment::report_dates(state, payment->received_on, report.on, context);
  BILLING_TRY(taking, payment::take_back(state, *payment, amount, payment::Reach::kOwnMoney, dates.posting));
  dates.posting = taking.posting_date;
  return Booking{payment, dates, std::move(taking)};
}

Decision queue(const billing::State& state, const Report& report, const Error& why, const Context& context,
               std::uint8_t stage) {
  const auto payment = state.payments.find(report.payment);
  const bool known = payment != state.payments.end();
  const Dates dates = payment::report_dates(state, report.on.value_or(context.today), report.on, context);
  const bool is_return = report.kind == ClaimKind::kReturn;
  auto kind = is_return ? unbooked::Kind::kReturn : unbooked::Kind::kChargeback;
  if (stage == kStageWon && why.code == Code::kInvalidTransition) kind = unbooked::Kind::kLateMoney;
  unbooked::Queued entry = payment::late_news(state, report.payment, kind, why.code, dates);
  entry.detail = (stage == kStageOpened ? report.code : std::string(kOutcomes.at(stage))) + (why.detail.empty() ? "" : ": " + why.detail);
  entry.amount = report.amount.value_or(0);
  entry.currency = report.currency.value_or(entry.currency);
  if (!known) entry.method = is_return ? payment::Method::kBankDebit : payment::Method::kCard;
  entry.reference = report.reference;
  if (entry.kind == unbooked::Kind::kLateMoney && known) {
    const Claim* const claim = payment->second.find_claim(report.claim, report.kind);
    if (claim != nullptr && payment::check_settlement(state, claim->settled, entry.amount, entry.currency)) {
      entry.settled = claim->settled;
    }
  }
  return unbooked::queue(state, std::move(entry), report.claim, stage);
}

// Books a report as the event that `make` makes of it, or queues it with the reason why it cannot be booked.
template <class Make>
Decision take(const billing::State& state, const Report& report, const Context& context, Make make) {
  BILLING_CHECK(check_report(report));
  const auto known = state.payments.find(report.payment);
  if (known != state.payments.end() && known->second.find_claim(report.claim, report.kind) != nullptr) {
    return refuse(Code::kNothingChanges, "it was reported before", "/id");
  }
  auto booking = book(state, report, context);
  if (!booking) return queue(state, report, booking.error(), context, kStageOpened);

  const payment::State& payment = *booking->payment;
  const Dates dates = booking->dates;
  const Currency currency = state.customers.at(payment.customer).currency;
  std::vector<StreamEvent> events = std::move(booking->taking.undone);
  events.push_back(
      payment_fact(payment, make(payment, dates, currency, std::move(booking->taking.takeback)), dates, currency));
  return events;
}

Result<const Claim*> find_chargeback(const billing::State& state, PaymentId payment, ChargebackId id) {
  BILLING_TRY(found, find_payment(state, payment, "/id"));
  const Claim* const claim = found->find_claim(id.uuid, ClaimKind::kChargeback);
  if (claim == nullptr) return refuse(Code::kUnknownChargeback, id.text(), "/chargeback");
  return claim;
}

// An outcome that cannot be: of a chargeback that is not known, or (`claim`) of one that had the other outcome.
Decision queue_outcome(const billing::State& state, PaymentId payment, ChargebackId id, const Claim* claim,
                       std::optional<Date> on, const Error& why, const Context& context, std::uint8_t stage) {
  if (why.code == Code::kNothingChanges) return std::unexpected(why);
  const auto amount = claim == nullptr ? std::int64_t{0} : claim->amount;
  return queue(state, {payment, id.uuid, ClaimKind::kChargeback, amount, {}, {}, {}, on}, why, context, stage);
}

// Decided once: won or lost.
Result<void> check_open(const Claim& claim, ClaimPhase next) {
  if (claim.phase == next) return refuse(Code::kNothingChanges, {}, "/chargeback");
  if (claim.phase == ClaimPhase::kOpen) return {};
  return refuse(Code::kInvalidTransition, claim.phase == ClaimPhase::kWon ? "it was won" : "it was lost", "/chargeback");
}

// What is still open where the chargeback was taken from, in that order.
std::vector<Allocation> close_again(const billing::State& state, const Claim& claim) {
  std::vector<Allocation> allocations;
  for (const Allocation& reopened : claim.reopened) {
    const auto& shares = state.invoices.at(reopened.invoice).shares;
    std::int64_t open = std::ranges::find(shares, reopened.account, &invoice::ShareState::account)->open;
    for (const Allocation& earlier : allocations) {
      if (earlier.invoice == reopened.invoice && earlier.account == reopened.account) open -= earlier.amount;
    }
    const std::int64_t amount = std::min(open, reopened.amount);
    if (amount == 0) continue;
    allocations.push_back({reopened.invoice, reopened.account, amount});
  }
  return allocations;
}

Claim& claim_of(payment::State& payment, ChargebackId id) {
  auto& claims = payment.rare().claims;
  return *std::ranges::find_if(
      claims, [&](const Claim& claim) { return claim.id == id.uuid && claim.kind == ClaimKind::kChargeback; });
}

void add_claim(billing::State& state, PaymentId id, const Uuid& claim_id, ClaimKind kind, ClaimPhase phase,
               Currency currency, const Takeback& takeback, Date taken_on) {
  payment::State& payment = state.payments.at(id);
  Claim& claim = payment.rare().claims.emplace_back();
  claim.id = claim_id;
  claim.kind = kind;
  claim.phase = phase;
  claim.amount = takeback.amount;
  claim.settled = takeback.settled;
  claim.taken_on = taken_on;
  if (phase == ClaimPhase::kOpen) claim.reopened = takeback.reopened;
  state.turnover[currency] += takeback.amount;
  payment::evolve_takeback(state, payment, takeback, taken_on);
}

}  // namespace

Decision decide(const billing::State& state, const Open& command, const Context& context) {
  const auto id = command.chargeback.nil() ? context.fresh_id<ChargebackId>() : command.chargeback;
  const Report report{command.id,       id.uuid,      ClaimKind::kChargeback, command.amount,
                      command.currency, command.code, command.reference,      command.on};
  return take(state, report, context,
              [&](const payment::State& payment, Dates dates, Currency currency, Takeback takeback) {
                return Opened{payment.id,        id,             payment.account, payment.method, command.code,
                              command.reference, dates.document, dates.posting,   currency,       std::move(takeback)};
              });
}

Decision decide(const billing::State& state, const Return& command, const Context& context) {
  const auto id = command.return_id.nil() ? context.fresh_id<ReturnId>() : command.return_id;
  const Report report{command.id,       id.uuid,      ClaimKind::kReturn, command.amount,
                      command.currency, command.code, command.reference,  command.on};
  return take(state, report, context,
              [&](const payment::State& payment, Dates dates, Currency currency, Takeback takeback) {
                return Returned{payment.id,        id,             payment.account, payment.method, command.code,
                                command.reference, dates.document, dates.posting,   currency,       std::move(takeback)};
              });
}

Decision decide(const billing::State& state, const Win& command, const Context& context) {
  const auto found = find_chargeback(state, command.id, command.chargeback);
  if (!found) {
    return queue_outcome(state, command.id, command.chargeback, nullptr, command.on, found.error(), context, kStageWon);
  }
  const Claim* const claim = *found;
  if (const auto open = check_open(*claim, ClaimPhase::kWon); !open) {
    return queue_outcome(state, command.id, command.chargeback, claim, command.on, open.error(), context, kStageWon);
  }
  const payment::State* const payment = &state.payments.at(command.id);
  const Currency currency = state.customers.at(payment->customer).currency;
  if (const auto account = find_unfrozen_account(state, payment->account); !account) {
    return queue(state, {command.id, claim->id, ClaimKind::kChargeback, claim->amount, currency, {}, {}, command.on},
                 account.error(), context, kStageWon);
  }
  const Dates dates = payment::report_dates(state, claim->taken_on, command.on, context);
  BILLING_CHECK(check_turnover(state, currency, claim->amount));
  BILLING_CHECK(payment::check_moved(state, claim->settled));
  auto paid = receivables::incoming(state, claim->amount, close_again(state, *claim), dates.posting);

  std::vector<StreamEvent> events{payment_fact(
      *payment,
      Won{payment->id, command.chargeback, payment->account, payment->method, dates.document, dates.posting, currency,
          claim->amount, std::move(paid.allocations), paid.unapplied, claim->settled},
      dates, currency)};
  receivables::apply_by_day(events, payment->customer, {payment->account, CreditSource::kPayment, payment->id.uuid, currency, {}, {}},
               paid.pairings, dates.posting);
  receivables::close_paid_disputes(state, paid.pairings, events);
  return events;
}

Decision decide(const billing::State& state, const Lose& command, const Context& context) {
  const auto found = find_chargeback(state, command.id, command.chargeback);
  if (!found) {
    return queue_outcome(state, command.id, command.chargeback, nullptr, command.on, found.error(), context, kStageLost);
  }
  const Claim* const claim = *found;
  if (const auto open = check_open(*claim, ClaimPhase::kLost); !open) {
    return queue_outcome(state, command.id, command.chargeback, claim, command.on, open.error(), context, kStageLost);
  }
  const payment::State* const payment = &state.payments.at(command.id);
  const Dates dates = payment::report_dates(state, claim->taken_on, command.on, context);

  return std::vector{payment_fact(*payment, Lost{payment->id, command.chargeback, dates.document})};
}

void evolve(billing::State& state, const Opened& event) {
  add_claim(state, event.id, event.chargeback.uuid, ClaimKind::kChargeback, ClaimPhase::kOpen, event.currency,
            event.takeback, event.posting_date);
}

void evolve(billing::State& state, const Won& event) {
  payment::State& payment = state.payments.at(event.id);
  Claim& claim = claim_of(payment, event.chargeback);
  claim.phase = ClaimPhase::kWon;
  claim.reopened = {};
  state.turnover[event.currency] += event.amount;
  payment::count_moved(state, event.settled);
  payment::put_on_invoices(state, event.allocations, event.posting_date);
  receivables::change_credit(state, event.account, CreditSource::kPayment, event.id.uuid, event.unapplied);
}

void evolve(billing::State& state, const Lost& event) {
  Claim& claim = claim_of(state.payments.at(event.id), event.chargeback);
  claim.phase = ClaimPhase::kLost;
  claim.reopened = {};
}

void evolve(billing::State& state, const Returned& event) {
  add_claim(state, event.id, event.return_id.uuid, ClaimKind::kReturn, ClaimPhase::kSucceeded, event.currency,
            event.takeback, event.posting_date);
}

}  // namespace billing::chargeback
