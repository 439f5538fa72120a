// The naive model: payments with their refunds, chargebacks and returns.
#include <algorithm>

#include "projections/naive_model.h"

namespace billing::views::naive {
namespace {

using payment::ClaimKind;
using payment::ClaimPhase;

// Takes in the events of one payment's stream, one after the other.
struct Fold {
  PaymentDetail detail{};
  const codec::Envelope* event = nullptr;
  std::map<Uuid, std::string> asked_because{};  // of refunds
  Payment& payment() { return detail.payment; }

  Claim& claim(const Uuid& id) { return *std::ranges::find(detail.claims, id, &Claim::id); }
  Claim& add(const Uuid& id, ClaimKind kind, ClaimPhase phase, std::int64_t amount, Date on) {
    return detail.claims.emplace_back(Claim{.id = id, .kind = kind, .phase = phase, .amount = amount, .opened_on = on});
  }
  void end_reservation() {
    payment().reserved = 0;
    detail.reserved.clear();
  }

  void operator()(const payment::Recorded& e) {
    payment() = {.id = e.id, .account = e.account, .amount = e.amount, .method = e.method, .reference = e.reference,
                 .external_id = e.external_id, .received_on = e.received_on, .posting_date = e.posting_date,
                 .settled = e.settled, .position = event->position};
  }
  void operator()(const payment::Requested& e) {
    payment() = {.id = e.id, .account = e.account, .phase = payment::Phase::kRequested, .amount = e.amount,
                 .method = e.method, .reference = e.reference, .external_id = e.external_id,
                 .received_on = e.requested_on, .position = event->position};
    for (const payment::Instruction& one : e.reserved) payment().reserved += one.amount;
    if (payment().reserved != 0) detail.reserved = e.reserved;
  }
  void operator()(const payment::Progressed& e) {
    payment().phase = e.new_phase;
    detail.provider_reference = e.provider_reference;
    detail.reason = e.reason;
    if (e.new_phase == payment::Phase::kFailed || e.new_phase == payment::Phase::kCancelled) end_reservation();
  }
  void operator()(const payment::Succeeded& e) {
    payment().phase = payment::Phase::kSucceeded;
    payment().amount = e.amount;
    payment().method = e.method;
    payment().received_on = e.received_on;
    payment().posting_date = e.posting_date;
    payment().settled = e.settled;
    detail.provider_reference = e.provider_reference;
    detail.reason.clear();
    end_reservation();
  }
  void operator()(const payment::Reversed& e) {
    payment().reversed = true;
    detail.reason = e.reason;
  }
  void operator()(const payment::PaidOut& e) {
    detail.paid_out.push_back({e.amount, e.fee, e.settled_in.valid() ? e.settled_in : e.currency, e.on});
  }
  void operator()(const payment::ExchangeDifferenceRecorded& e) {
    detail.exchange_differences.push_back({e.amount, e.on});
  }
  void operator()(const refund::Requested& e) {
    Claim& claim = add(e.refund.uuid, ClaimKind::kRefund, ClaimPhase::kRequested, e.amount, e.requested_on);
    claim.with_adjustment = e.with_adjustment;
    claim.reason = asked_because[e.refund.uuid] = e.reason;
  }
  void operator()(const refund::Progressed& e) {
    Claim& one = claim(e.refund.uuid);
    one.phase = e.new_phase;
    one.reference = e.provider_reference;
    one.reason = e.reason.empty() ? asked_because[e.refund.uuid] : e.reason;
  }
  void operator()(const refund::Succeeded& e) {
    Claim& one = claim(e.refund.uuid);
    one.phase = ClaimPhase::kSucceeded;
    one.decided_on = e.on;
    one.reference = e.provider_reference;
    one.reason = asked_because[e.refund.uuid];
    one.credit_note = e.credit_note;
    one.settled = e.takeback.settled;
  }
  void operator()(const refund::Settled& e) { claim(e.refund.uuid).settled_on = e.on; }
  void operator()(const chargeback::Opened& e) {
    Claim& one = add(e.chargeback.uuid, ClaimKind::kChargeback, ClaimPhase::kOpen, e.takeback.amount, e.on);
    one.code = e.code;
    one.reference = e.reference;
    one.settled = e.takeback.settled;
  }
  void operator()(const chargeback::Won& e) {
    claim(e.chargeback.uuid).phase = ClaimPhase::kWon;
    claim(e.chargeback.uuid).decided_on = e.on;
  }
  void operator()(const chargeback::Lost& e) {
    claim(e.chargeback.uuid).phase = ClaimPhase::kLost;
    claim(e.chargeback.uuid).decided_on = e.on;
  }
  void operator()(const chargeback::Returned& e) {
    Claim& one = add(e.return_id.uuid, ClaimKind::kReturn, ClaimPhase::kSucceeded, e.takeback.amount, e.on);
    one.decided_on = e.on;
    one.code = e.code;
    one.reference = e.reference;
    one.settled = e.takeback.settled;
  }
  void operator()(const auto&) {}
};

}  // namespace

Result<PaymentDetail> Model::payment(PaymentId id) const {
  Fold fold;
  for (const codec::Envelope& event : events_) {
    if (event.stream != StreamId{StreamKind::kPayment, id.uuid}) continue;
    fold.event = &event;
    std::visit(fold, event.event);
    fold.payment().customer = event.customer;
    fold.payment().version = event.version;
  }
  if (fold.event == nullptr) return refuse(Code::kUnknownPayment, {});
  PaymentDetail detail = std::move(fold.detail);
  detail.payment.currency = currency_of(detail.payment.customer);
  for (const Claim& claim : detail.claims) {
    const bool refunded = claim.kind == ClaimKind::kRefund && claim.phase == ClaimPhase::kSucceeded;
    if (refunded) detail.payment.refunded += claim.amount;
    if (claim.kind == ClaimKind::kReturn) detail.payment.returned += claim.amount;
    const bool lost_or_open = claim.kind == ClaimKind::kChargeback && claim.phase != ClaimPhase::kWon;
    if (lost_or_open) detail.payment.charged_back += claim.amount;
  }
  detail.used = used(id.uuid);
  detail.holders = holders(id.uuid);
  for (const CreditHolder& holder : detail.holders) detail.payment.unapplied += holder.amount;
  return detail;
}

Result<std::vector<Payment>> Model::payments(const Scope& scope, Date today) const {
  BILLING_TRY(list, accounts_of(scope, today));
  std::vector<Payment> all;
  for (const codec::Envelope& event : events_) {
    if (event.stream.kind != StreamKind::kPayment || event.version != 1) continue;
    const Payment one = payment(PaymentId{event.stream.id})->payment;
    if (std::ranges::find(list, one.account) != list.end()) all.push_back(one);
  }
  std::ranges::sort(all, std::greater(), [](const Payment& one) { return std::pair(one.received_on, one.position); });
  return all;
}

}  // namespace billing::views::naive
