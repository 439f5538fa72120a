// The naive model: payments with their refunds, chargebacks and returns.
#include <algorithm>

#include "projections/naive_lists.h"
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

// The day from which on an event about the payment itself counts; of others none.
std::optional<Date> counts_from(const codec::Envelope& event) {
  if (const auto* e = std::get_if<payment::Recorded>(&event.event)) return e->posting_date;
  if (const auto* e = std::get_if<payment::Requested>(&event.event)) return e->requested_on;
  if (const auto* e = std::get_if<payment::Succeeded>(&event.event)) return e->posting_date;
  if (std::holds_alternative<payment::Progressed>(event.event)) return day_of(event);
  if (std::holds_alternative<payment::Reversed>(event.event)) return day_of(event);
  return std::nullopt;
}

}  // namespace

Result<Payment> Model::payment_at(PaymentId id, Date day) const {
  BILLING_TRY(now, payment(id));
  Fold fold;
  for (const codec::Envelope& event : events_) {
    if (event.stream != StreamId{StreamKind::kPayment, id.uuid}) continue;
    const auto from = counts_from(event);
    if (!from || *from > day) continue;
    fold.event = &event;
    std::visit(fold, event.event);
  }
  if (fold.event == nullptr) return refuse(Code::kUnknownPayment, {});
  Payment then = fold.payment();
  then.id = id;
  then.customer = now.payment.customer;
  then.account = now.payment.account;
  then.names = now.payment.names;
  then.currency = now.payment.currency;
  then.version = now.payment.version;
  then.position = now.payment.position;
  then.unapplied = credit_left(id.uuid, day);
  for (const Claim& claim : now.claims) {
    if (claim.opened_on > day) continue;
    const bool decided = claim.decided_on && *claim.decided_on <= day;
    if (claim.kind == ClaimKind::kReturn) then.returned += claim.amount;
    if (claim.kind == ClaimKind::kRefund && decided && claim.phase == ClaimPhase::kSucceeded) then.refunded += claim.amount;
    if (claim.kind == ClaimKind::kChargeback && !(decided && claim.phase == ClaimPhase::kWon)) then.charged_back += claim.amount;
  }
  return then;
}

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
  detail.payment.names = names(detail.payment.account, detail.payment.position);
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

Result<std::vector<Payment>> Model::payments(const ListQuery& query) const {
  BILLING_TRY(list, accounts_of(query.scope, query.day()));
  std::vector<Payment> all;
  for (const codec::Envelope& event : events_) {
    if (event.stream.kind != StreamKind::kPayment || event.version != 1) continue;
    const PaymentId id{event.stream.id};
    const auto one = query.as_of ? payment_at(id, *query.as_of) : Result<Payment>(payment(id)->payment);
    if (one && std::ranges::find(list, one->account) != list.end()) all.push_back(*one);
  }
  return arranged(query, all, [&](const Payment& one) {
    return Facts{.date = payment(one.id)->payment.received_on,  // the order of a list is that of now
                 .position = one.position,
                 .posting = one.posting_date,
                 .statuses = {std::string(one.status())},
                 .method = std::string(payment::method_text(one.method)),
                 .texts = {one.reference, one.names.number, one.names.name},
                 .account_name = one.names.name,
                 .amount = one.amount,
                 .left = one.unapplied};
  });
}

}  // namespace billing::views::naive
