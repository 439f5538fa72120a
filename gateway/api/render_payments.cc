// Payments with what became of them, credit and deposits as JSON.
#include <cstdlib>

#include "gateway/api/render_views.h"

namespace billing::api {

void write_settlement(JsonWriter& json, const std::optional<Settlement>& settled) {
  json.key("settled");
  if (!settled) return json.null();
  json.begin_object();
  write_amount(json, "amount", settled->amount, settled->currency);
  json.member("rate", settled->rate.text());
  write_or_null(json, "source", settled->source);
  json.end_object();
}

namespace {

void write_members(JsonWriter& json, const views::Payment& payment) {
  json.member("id", payment.id.text());
  json.member("customer", payment.customer.text());
  json.member("account", payment.account.text());
  write_names(json, payment.names);
  json.member("status", payment.status());
  write_amount(json, "amount", payment.amount, payment.currency);
  write_amount(json, "unapplied", payment.unapplied, payment.currency);
  write_amount(json, "reserved", payment.reserved, payment.currency);
  write_amount(json, "refunded", payment.refunded, payment.currency);
  write_amount(json, "charged_back", payment.charged_back, payment.currency);
  write_amount(json, "returned", payment.returned, payment.currency);
  json.member("method", payment::method_text(payment.method));
  write_or_null(json, "reference", payment.reference);
  write_or_null(json, "external_id", payment.external_id);
  json.member("received_on", payment.received_on.text());
  write_optional(json, "posting_date", payment.posting_date);
  write_settlement(json, payment.settled);
  json.member("version", payment.version);
  json.member("position", payment.position);
}

void write_claim(JsonWriter& json, const views::Claim& claim, Currency currency) {
  json.begin_object();
  json.member("kind", views::claim_kind_text(claim.kind));
  json.member("id", views::claim_id_text(claim.kind, claim.id));
  json.member("status", views::claim_phase_text(claim.phase));
  write_amount(json, "amount", claim.amount, currency);
  json.member("opened_on", claim.opened_on.text());
  write_optional(json, "decided_on", claim.decided_on);
  write_optional(json, "settled_on", claim.settled_on);
  json.member("with_adjustment", claim.with_adjustment);
  write_optional(json, "credit_note", claim.credit_note);
  write_or_null(json, "code", claim.code);
  write_or_null(json, "reference", claim.reference);
  write_or_null(json, "reason", claim.reason);
  write_settlement(json, claim.settled);
  json.end_object();
}

void write_reserved(JsonWriter& json, const views::PaymentDetail& detail) {
  json.key("reservations");
  json.begin_array();
  for (const auto& instruction : detail.reserved) {
    json.begin_object();
    json.member("invoice", instruction.invoice.text());
    write_optional(json, "account", instruction.account);
    write_amount(json, "amount", instruction.amount, detail.payment.currency);
    json.end_object();
  }
  json.end_array();
}

void write_paid_out(JsonWriter& json, const views::PaymentDetail& detail) {
  json.key("paid_out");
  json.begin_array();
  for (const auto& paid_out : detail.paid_out) {
    json.begin_object();
    json.member("on", paid_out.on.text());
    write_amount(json, "amount", paid_out.amount, paid_out.currency);
    write_amount(json, "fee", paid_out.fee, paid_out.currency);
    json.end_object();
  }
  json.end_array();
}

void write_exchange_differences(JsonWriter& json, const views::PaymentDetail& detail) {
  using enum payment::DifferenceKind;
  json.key("exchange_differences");
  json.begin_array();
  for (const auto& difference : detail.exchange_differences) {
    json.begin_object();
    json.member("on", difference.on.text());
    json.member("kind", payment::difference_kind_text(difference.amount < 0 ? kLoss : kGain));
    write_amount(json, "amount", std::abs(difference.amount), detail.payment.currency);
    json.end_object();
  }
  json.end_array();
}

void write_members(JsonWriter& json, const views::Deposit& deposit) {
  json.member("id", deposit.id.text());
  json.member("customer", deposit.customer.text());
  json.member("account", deposit.account.text());
  write_names(json, deposit.names);
  write_amount(json, "amount", deposit.amount, deposit.currency);
  write_amount(json, "left", deposit.left, deposit.currency);
  write_amount(json, "used", deposit.used, deposit.currency);
  write_amount(json, "returned", deposit.returned, deposit.currency);
  json.member("method", payment::method_text(deposit.method));
  write_or_null(json, "reference", deposit.reference);
  json.member("received_on", deposit.received_on.text());
  json.member("posting_date", deposit.posting_date.text());
  json.member("version", deposit.version);
  json.member("position", deposit.position);
}

}  // namespace

void write_used(JsonWriter& json, const std::vector<views::UsedCredit>& used, Currency currency, std::string_view name) {
  json.key(name);
  json.begin_array();
  for (const auto& use : used) {
    json.begin_object();
    json.member("invoice", use.invoice.text());
    json.member("invoice_number", use.invoice_number);
    json.member("account", use.account.text());
    write_amount(json, "amount", use.amount, currency);
    json.member("event", use.event);
    json.member("posting_date", use.posting_date.text());
    json.member("position", use.position);
    json.end_object();
  }
  json.end_array();
}

void write_holders(JsonWriter& json, const std::vector<views::CreditHolder>& holders, Currency currency) {
  json.key("held_by");
  json.begin_array();
  for (const auto& holder : holders) {
    json.begin_object();
    json.member("account", holder.account.text());
    write_amount(json, "amount", holder.amount, currency);
    json.member("held", holder.held);
    json.end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const views::Payment& payment) {
  json.begin_object();
  write_members(json, payment);
  json.end_object();
}

void write(JsonWriter& json, const views::PaymentDetail& detail) {
  json.begin_object();
  write_members(json, detail.payment);
  write_used(json, detail.used, detail.payment.currency);
  write_holders(json, detail.holders, detail.payment.currency);
  write_reserved(json, detail);
  json.key("claims");
  json.begin_array();
  for (const auto& claim : detail.claims) write_claim(json, claim, detail.payment.currency);
  json.end_array();
  write_paid_out(json, detail);
  write_exchange_differences(json, detail);
  write_or_null(json, "provider_reference", detail.provider_reference);
  write_or_null(json, "reason", detail.reason);
  json.end_object();
}

std::string credit_source_text(const views::HeldCredit& credit) {
  return credit.source == CreditSource::kPayment ? "payment" : "credit_note";
}
std::string credit_source_id_text(const views::HeldCredit& credit) {
  return credit.source == CreditSource::kPayment ? PaymentId{credit.source_id}.text()
                                                 : CreditNoteId{credit.source_id}.text();
}

void write(JsonWriter& json, const views::HeldCredit& credit) {
  json.begin_object();
  json.member("account", credit.account.text());
  json.member("source", credit_source_text(credit));
  json.member("source_id", credit_source_id_text(credit));
  json.member("date", credit.date.text());
  write_amount(json, "amount", credit.amount, credit.currency);
  json.member("held", credit.held);
  json.end_object();
}

void write(JsonWriter& json, const views::Deposit& deposit) {
  json.begin_object();
  write_members(json, deposit);
  json.end_object();
}

void write(JsonWriter& json, const views::DepositDetail& detail) {
  json.begin_object();
  write_members(json, detail.deposit);
  write_used(json, detail.used, detail.deposit.currency, "uses");
  json.end_object();
}

}  // namespace billing::api
