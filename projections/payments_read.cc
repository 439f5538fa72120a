// What is read from the rows of payments.
#include <algorithm>

#include "projections/credits_view.h"
#include "projections/customers_view.h"
#include "projections/listing.h"
#include "projections/payments_view.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

using payment::ClaimKind;
using payment::ClaimPhase;

constexpr DatedList kList{Table::kPaymentOfAccount, Table::kPaymentOfCustomer};

// What of a payment the row does not say, from the events that made and posted it.
void add_facts(Payment& payment, const Event& event) {
  if (const auto* paid = std::get_if<payment::Recorded>(&event)) {
    payment.method = paid->method;
    payment.reference = paid->reference;
    payment.external_id = paid->external_id;
    payment.posting_date = paid->posting_date;
    payment.settled = paid->settled;
  }
  if (const auto* asked = std::get_if<payment::Requested>(&event)) {
    payment.method = asked->method;
    payment.reference = asked->reference;
    payment.external_id = asked->external_id;
  }
  if (const auto* paid = std::get_if<payment::Succeeded>(&event)) {
    payment.method = paid->method;
    payment.posting_date = paid->posting_date;
    payment.settled = paid->settled;
  }
}

Payment present(PaymentId id, const PaymentRow& row, Currency currency) {
  Payment payment{.id = id,
                  .customer = row.customer,
                  .account = row.account,
                  .phase = row.phase,
                  .reversed = row.reversed,
                  .amount = row.amount,
                  .unapplied = row.unapplied,
                  .reserved = row.reserved,
                  .currency = currency,
                  .received_on = row.date,
                  .version = row.version,
                  .position = row.made};
  for (const ClaimRow& claim : row.claims) {
    const bool decided = claim.phase == ClaimPhase::kSucceeded;
    if (claim.kind == ClaimKind::kRefund && decided) payment.refunded += claim.amount;
    if (claim.kind == ClaimKind::kReturn) payment.returned += claim.amount;
    if (claim.kind == ClaimKind::kChargeback && claim.phase != ClaimPhase::kWon) payment.charged_back += claim.amount;
  }
  return payment;
}

// The row as it was at the end of a day; nullopt when it was not there yet.
std::optional<PaymentRow> as_of(PaymentRow row, Date day) {
  const PaymentStep* last = nullptr;
  for (const PaymentStep& step : row.steps) {
    if (step.day <= day) last = &step;
  }
  if (last == nullptr) return std::nullopt;
  row.phase = last->phase;
  row.amount = last->amount;
  row.reserved = last->reserved;
  row.date = last->date;
  if (row.phase != payment::Phase::kSucceeded) row.posted = 0;
  if (row.reversed_on && *row.reversed_on > day) row.reversed = false;
  row.unapplied = amount_at(row.credit, day);
  std::erase_if(row.claims, [&](const ClaimRow& claim) { return claim.opened_on > day; });
  for (ClaimRow& claim : row.claims) {
    if (!claim.decided_on || *claim.decided_on <= day) continue;
    claim.phase = claim.kind == ClaimKind::kChargeback ? ClaimPhase::kOpen : ClaimPhase::kRequested;
  }
  return row;
}

struct Loaded {
  PaymentRow row;
  Payment payment;
  codec::Envelope made;
};
// As it is now or was at the end of a day; nullopt when it was not there yet.
Result<std::optional<Loaded>> load(const Source& source, PaymentId id, const std::optional<Date>& day) {
  BILLING_TRY(row, row_at<PaymentRow>(source, payment_key(id.uuid)));
  if (!row) return refuse(Code::kUnknownPayment, "there is no payment " + id.text());
  if (day) row = as_of(std::move(*row), *day);
  if (!row) return std::nullopt;
  BILLING_TRY(currency, currency_of(source, row->customer));
  Payment payment = present(id, *row, currency);
  BILLING_TRY(made, event_at(source, row->made));
  add_facts(payment, made.event);
  if (row->posted != 0 && row->posted != row->made) {
    BILLING_TRY(posted, event_at(source, row->posted));
    add_facts(payment, posted.event);
  }
  return Loaded{std::move(*row), std::move(payment), std::move(made)};
}

Listed<Payment> listed(const Source& source, const ListQuery& query) {
  return {.list = kList,
          .find = [&source, &query](const Uuid& object) -> Result<std::optional<Payment>> {
            BILLING_TRY(found, load(source, PaymentId{object}, query.as_of));
            if (!found) return std::nullopt;
            return std::move(found->payment);
          },
          .wanted = [&source, &query](const Payment& one) -> Result<bool> {
            if (!query.posting.all() && !(one.posting_date && query.posting.has(*one.posting_date))) return false;
            if (!query.statuses.empty() && std::ranges::count(query.statuses, one.status()) == 0) return false;
            if (!query.methods.empty() && std::ranges::count(query.methods, payment::method_text(one.method)) == 0) return false;
            if (query.text.empty() || any_begins_with({one.reference}, query.text)) return true;
            BILLING_TRY(names, names_of(source, one.account, one.position));
            return any_begins_with({names.number, names.name}, query.text);
          },
          .key = [&source, &query](const Payment& one) -> Result<std::string> {
            if (query.sort == SortBy::kAmount) return amount_key(one.amount);
            if (query.sort == SortBy::kOpen) return amount_key(one.unapplied);
            if (query.sort != SortBy::kAccountName) return std::string();
            BILLING_TRY(names, names_of(source, one.account, one.position));
            return natural_key(names.name);
          },
          .complete = [&source](Payment& one) -> Result<void> {
            BILLING_TRY(names, names_of(source, one.account, one.position));
            one.names = std::move(names);
            return {};
          },
          .amounts = [](const Payment& one) { return std::pair(one.amount, one.unapplied); },
          .there_from_date = false};  // it is listed by the day of receipt, and there from the day that it was asked for
}

// What the event that opened, moved on or decided a claim says of it.
void add_facts(Claim& claim, const Event& event) {
  if (const auto* asked = std::get_if<refund::Requested>(&event)) {
    claim.with_adjustment = asked->with_adjustment;
    claim.reason = asked->reason;
  }
  if (const auto* progressed = std::get_if<refund::Progressed>(&event)) {
    claim.reference = progressed->provider_reference;
    if (!progressed->reason.empty()) claim.reason = progressed->reason;
  }
  if (const auto* refunded = std::get_if<refund::Succeeded>(&event)) {
    claim.reference = refunded->provider_reference;
    claim.credit_note = refunded->credit_note;
    claim.settled = refunded->takeback.settled;
  }
  if (const auto* opened = std::get_if<chargeback::Opened>(&event)) {
    claim.code = opened->code;
    claim.reference = opened->reference;
    claim.settled = opened->takeback.settled;
  }
  if (const auto* returned = std::get_if<chargeback::Returned>(&event)) {
    claim.code = returned->code;
    claim.reference = returned->reference;
    claim.settled = returned->takeback.settled;
  }
}

Result<Claim> read_claim(const Source& source, const ClaimRow& row) {
  Claim claim{.id = row.id,
              .kind = row.kind,
              .phase = row.phase,
              .amount = row.amount,
              .opened_on = row.opened_on,
              .decided_on = row.decided_on,
              .settled_on = row.settled_on};
  Position before = 0;
  for (const Position position : {row.opened, row.decided, row.last}) {
    if (position == 0 || position == before) continue;
    BILLING_TRY(event, event_at(source, position));
    add_facts(claim, event.event);
    before = position;
  }
  return claim;
}

Result<void> add_last(const Source& source, const PaymentRow& row, PaymentDetail& detail) {
  if (row.last == row.made) return {};
  BILLING_TRY(event, event_at(source, row.last));
  if (const auto* progressed = std::get_if<payment::Progressed>(&event.event)) {
    detail.provider_reference = progressed->provider_reference;
    detail.reason = progressed->reason;
  }
  if (const auto* reversed = std::get_if<payment::Reversed>(&event.event)) detail.reason = reversed->reason;
  if (row.posted == 0 || row.posted == row.made) return {};
  BILLING_TRY(posted, event_at(source, row.posted));
  if (const auto* paid = std::get_if<payment::Succeeded>(&posted.event)) {
    detail.provider_reference = paid->provider_reference;
  }
  return {};
}

}  // namespace

std::string_view claim_kind_text(ClaimKind kind) {
  switch (kind) {
    case ClaimKind::kRefund: return "refund";
    case ClaimKind::kChargeback: return "chargeback";
    case ClaimKind::kReturn: return "return";
  }
  return {};
}

std::string_view claim_phase_text(ClaimPhase phase) {
  switch (phase) {
    case ClaimPhase::kRequested: return "requested";
    case ClaimPhase::kPending: return "pending";
    case ClaimPhase::kUnknown: return "unknown";
    case ClaimPhase::kNeedsReview: return "needs_review";
    case ClaimPhase::kSucceeded: return "succeeded";
    case ClaimPhase::kFailed: return "failed";
    case ClaimPhase::kOpen: return "open";
    case ClaimPhase::kWon: return "won";
    case ClaimPhase::kLost: return "lost";
  }
  return {};
}

std::string claim_id_text(ClaimKind kind, const Uuid& id) {
  switch (kind) {
    case ClaimKind::kRefund: return RefundId{id}.text();
    case ClaimKind::kChargeback: return ChargebackId{id}.text();
    case ClaimKind::kReturn: return ReturnId{id}.text();
  }
  return {};
}

Result<Page<Payment>> list_payments(const Source& source, const ListQuery& query) {
  return list_page(source, query, listed(source, query));
}

Result<ListSums> sum_payments(const Source& source, const ListQuery& query) {
  BILLING_TRY(customer, customer_of(source, query.scope));
  BILLING_TRY(currency, currency_of(source, customer));
  return list_sums(source, query, currency, listed(source, query));
}

Result<PaymentDetail> read_payment(const Source& source, PaymentId id) {
  BILLING_TRY(loaded, load(source, id, std::nullopt));
  Loaded& found = *loaded;
  PaymentDetail detail{.payment = std::move(found.payment)};
  BILLING_TRY(names, names_of(source, detail.payment.account, detail.payment.position));
  detail.payment.names = std::move(names);
  BILLING_TRY(used, read_used(source, found.made, id.uuid));
  detail.used = std::move(used);
  BILLING_TRY(holders, read_holders(source, id.uuid));
  detail.holders = std::move(holders);
  if (const auto* asked = std::get_if<payment::Requested>(&found.made.event); asked && found.row.reserved != 0) {
    detail.reserved = asked->reserved;
  }
  for (const ClaimRow& row : found.row.claims) {
    BILLING_TRY(claim, read_claim(source, row));
    detail.claims.push_back(std::move(claim));
  }
  for (const PayOutRow& row : found.row.paid_out) detail.paid_out.push_back({row.amount, row.fee, row.currency, row.on});
  for (const ExchangeDifferenceRow& row : found.row.exchange_differences) {
    detail.exchange_differences.push_back({row.amount, row.on});
  }
  BILLING_CHECK(add_last(source, found.row, detail));
  return detail;
}

}  // namespace billing::views
