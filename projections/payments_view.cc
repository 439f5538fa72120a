// How events change the rows of payments; what is read from them is in payments_read.cc.
#include "projections/payments_view.h"

#include <algorithm>

namespace billing::views {
namespace {

using payment::ClaimKind;
using payment::ClaimPhase;

constexpr DatedList kList{Table::kPaymentOfAccount, Table::kPaymentOfCustomer};

// Changes a payment's row for each of its events.
class Fold {
 public:
  Fold(const codec::Envelope& event, Rows& rows) : event_(event), rows_(rows) {}

  void operator()(const payment::Recorded& e) const {
    make(e.id, PaymentRow{.customer = event_.customer,
                          .account = e.account,
                          .amount = e.amount,
                          .date = e.received_on,
                          .made = event_.position,
                          .posted = event_.position,
                          .last = event_.position,
                          .listed_date = e.received_on,
                          .version = event_.version},
         e.posting_date);
  }
  void operator()(const payment::Requested& e) const {
    PaymentRow row{.customer = event_.customer,
                   .account = e.account,
                   .phase = payment::Phase::kRequested,
                   .amount = e.amount,
                   .date = e.requested_on,
                   .made = event_.position,
                   .last = event_.position,
                   .listed_date = e.requested_on,
                   .version = event_.version};
    for (const payment::Instruction& instruction : e.reserved) row.reserved += instruction.amount;
    make(e.id, std::move(row), e.requested_on);
  }
  void operator()(const payment::Progressed& e) const {
    edit(e.id, [&](PaymentRow& row) {
      row.phase = e.new_phase;
      row.last = event_.position;
      if (e.new_phase == payment::Phase::kFailed || e.new_phase == payment::Phase::kCancelled) row.reserved = 0;
      add_step(row, day_of(event_));
    });
  }
  void operator()(const payment::Succeeded& e) const {
    edit(e.id, [&](PaymentRow& row) {
      row.phase = payment::Phase::kSucceeded;
      row.reserved = 0;
      row.amount = e.amount;
      row.date = e.received_on;
      row.posted = row.last = event_.position;
      add_step(row, e.posting_date);
      list_by(e.id, row, e.received_on);
    });
  }
  void operator()(const payment::Reversed& e) const {
    edit(e.id, [&](PaymentRow& row) {
      row.reversed = true;
      row.reversed_on = day_of(event_);
      row.last = event_.position;
    });
  }
  void operator()(const payment::Reallocated& e) const { touch(e.id); }
  void operator()(const payment::PaidOut& e) const {
    const Currency currency = e.settled_in.valid() ? e.settled_in : e.currency;
    edit(e.id, [&](PaymentRow& row) { row.paid_out.push_back({e.amount, e.fee, currency, e.on}); });
  }
  void operator()(const payment::ExchangeDifferenceRecorded& e) const {
    edit(e.id, [&](PaymentRow& row) { row.exchange_differences.push_back({e.amount, e.on}); });
  }
  void operator()(const refund::Requested& e) const {
    add_claim(e.id, e.refund.uuid, ClaimKind::kRefund, ClaimPhase::kRequested, e.amount, e.requested_on);
  }
  void operator()(const refund::Progressed& e) const {
    edit_claim(e.id, e.refund.uuid, [&](ClaimRow& claim) { claim.phase = e.new_phase; });
  }
  void operator()(const refund::Succeeded& e) const {
    edit_claim(e.id, e.refund.uuid, [&](ClaimRow& claim) { decide(claim, ClaimPhase::kSucceeded, e.on); });
  }
  void operator()(const refund::Settled& e) const {
    edit_claim(e.id, e.refund.uuid, [&](ClaimRow& claim) { claim.settled_on = e.on; });
  }
  void operator()(const chargeback::Opened& e) const {
    add_claim(e.id, e.chargeback.uuid, ClaimKind::kChargeback, ClaimPhase::kOpen, e.takeback.amount, e.on);
  }
  void operator()(const chargeback::Won& e) const {
    edit_claim(e.id, e.chargeback.uuid, [&](ClaimRow& claim) { decide(claim, ClaimPhase::kWon, e.on); });
  }
  void operator()(const chargeback::Lost& e) const {
    edit_claim(e.id, e.chargeback.uuid, [&](ClaimRow& claim) { decide(claim, ClaimPhase::kLost, e.on); });
  }
  void operator()(const chargeback::Returned& e) const {
    add_claim(e.id, e.return_id.uuid, ClaimKind::kReturn, ClaimPhase::kSucceeded, e.takeback.amount, e.on);
  }
  void operator()(const auto&) const {}

 private:
  void make(PaymentId id, PaymentRow row, Date day) const {
    add_step(row, day);
    rows_.save_new(payment_key(id.uuid), row);
    append_dated(rows_, kList, row.customer, {row.account}, {row.listed_date, row.made}, id.uuid);
  }
  static void add_step(PaymentRow& row, Date day) {
    row.steps.push_back({day, row.phase, row.amount, row.reserved, row.date});
  }
  void edit(PaymentId id, auto&& change) const {
    const Key key = payment_key(id.uuid);
    auto row = rows_.load<PaymentRow>(key);
    if (!row) return rows_.damaged(key);
    if (event_.stream == StreamId{StreamKind::kPayment, id.uuid}) row->version = event_.version;
    change(*row);
    rows_.save(key, *row);
  }
  void touch(PaymentId id) const {
    edit(id, [](PaymentRow&) {});
  }
  // Moves the payment to another day of the lists.
  void list_by(PaymentId id, PaymentRow& row, Date date) const {
    if (row.listed_date == date) return;
    drop_dated(rows_, kList, row.customer, {row.account}, {row.listed_date, row.made});
    row.listed_date = date;
    append_dated(rows_, kList, row.customer, {row.account}, {row.listed_date, row.made}, id.uuid);
  }
  void add_claim(PaymentId id, const Uuid& claim, ClaimKind kind, ClaimPhase phase, std::int64_t amount, Date on) const {
    edit(id, [&](PaymentRow& row) {
      ClaimRow& added = row.claims.emplace_back(ClaimRow{.id = claim, .kind = kind, .phase = phase, .amount = amount});
      added.opened_on = on;
      added.opened = added.last = event_.position;
      if (kind != ClaimKind::kRefund) added.decided = event_.position;
      if (kind == ClaimKind::kReturn) added.decided_on = on;
    });
  }
  void edit_claim(PaymentId id, const Uuid& claim, auto&& change) const {
    edit(id, [&](PaymentRow& row) {
      const auto found = std::ranges::find(row.claims, claim, &ClaimRow::id);
      if (found == row.claims.end()) return rows_.damaged(payment_key(id.uuid));
      change(*found);
      found->last = event_.position;
    });
  }
  void decide(ClaimRow& claim, ClaimPhase phase, Date on) const {
    claim.phase = phase;
    claim.decided_on = on;
    if (claim.kind == ClaimKind::kRefund) claim.decided = event_.position;
  }

  const codec::Envelope& event_;
  Rows& rows_;
};

}  // namespace

void payments::apply(const codec::Envelope& event, Rows& rows) { std::visit(Fold(event, rows), event.event); }

}  // namespace billing::views
