// Invoices, credit notes, payments, disputes, activity and reports as JSON.
#include "gateway/api/render_views.h"

#include "ledger/base/money.h"

namespace billing::api {
namespace {

std::string_view source_text(views::AllocationSource source) {
  switch (source) {
    case views::AllocationSource::kPayment: return "payment";
    case views::AllocationSource::kCreditNote: return "credit_note";
    case views::AllocationSource::kDeposit: return "deposit";
    case views::AllocationSource::kWriteOff: return "write_off";
  }
  return {};
}
std::string source_id_text(views::AllocationSource source, const Uuid& id) {
  switch (source) {
    case views::AllocationSource::kPayment: return PaymentId{id}.text();
    case views::AllocationSource::kCreditNote: return CreditNoteId{id}.text();
    case views::AllocationSource::kDeposit: return DepositId{id}.text();
    case views::AllocationSource::kWriteOff: return InvoiceId{id}.text();
  }
  return {};
}

void write_line(JsonWriter& json, const Line& line, Currency currency) {
  json.begin_object();
  json.member("service_account", line.service_account.text());
  json.member("description", line.description);
  write_or_null(json, "product_code", line.product_code);
  json.member("revenue_code", line.revenue_code);
  const bool priced = line.quantity != Decimal{} || line.unit_price != Decimal{};  // or given as a net amount
  write_or_null(json, "quantity", priced ? line.quantity.text() : std::string());
  write_or_null(json, "unit_price", priced ? line.unit_price.text() : std::string());
  write_amount(json, "discount", line.discount, currency);
  write_amount(json, "net", line.net, currency);
  write_amount(json, "tax", tax_of(line), currency);
  json.key("service_period");
  if (line.service_period) {
    json.begin_object();
    json.member("from", line.service_period->from.text());
    json.member("to", line.service_period->to.text());
    json.end_object();
  } else {
    json.null();
  }
  json.key("taxes");
  json.begin_array();
  for (const Tax& tax : line.taxes) {
    json.begin_object();
    json.member("authority", tax.authority);
    json.member("code", tax.code);
    const bool rated = tax.rate != Decimal{} || tax.amount == 0;  // or given as an amount
    write_or_null(json, "rate", rated ? tax.rate.text() : std::string());
    write_amount(json, "basis", tax.basis, currency);
    write_amount(json, "amount", tax.amount, currency);
    write_or_null(json, "exempt_reason", tax.exempt_reason);
    json.member("computed", tax.computed);
    json.end_object();
  }
  json.end_array();
  if (line.credited_line) json.member("credited_line", *line.credited_line);
  if (line.late_fee_for) json.member("late_fee_for", line.late_fee_for->text());
  json.end_object();
}

void write_lines(JsonWriter& json, const std::vector<Line>& lines, Currency currency) {
  json.key("lines");
  json.begin_array();
  for (const Line& line : lines) write_line(json, line, currency);
  json.end_array();
}

void write_members(JsonWriter& json, const views::Invoice& invoice) {
  const bool issued = invoice.status != views::InvoiceStatus::kDraft && invoice.status != views::InvoiceStatus::kDiscarded;
  const auto date = [&](Date day) { return issued ? std::optional<Date>(day) : std::nullopt; };
  json.member("id", invoice.id.text());
  json.member("customer", invoice.customer.text());
  json.member("account", invoice.account.text());
  write_names(json, invoice.names);
  json.member("payer", invoice.payer.text());
  json.member("payer_number", invoice.payer_names.number);
  json.member("payer_name", invoice.payer_names.name);
  json.member("kind", invoice::kind_text(invoice.kind));
  write_optional(json, "about", invoice.about);
  write_or_null(json, "cycle", invoice.cycle);
  json.member("status", views::status_text(invoice.status));
  write_or_null(json, "series", invoice.series);
  write_or_null(json, "number", invoice.number);
  json.member("document_date", invoice.document_date.text());
  write_optional(json, "posting_date", date(invoice.posting_date));
  write_optional(json, "due_date", date(invoice.due_date));
  json.member("currency", invoice.currency.code());
  write_amount(json, "net", invoice.net, invoice.currency);
  write_amount(json, "tax", invoice.tax, invoice.currency);
  write_amount(json, "total", invoice.total, invoice.currency);
  write_amount(json, "open", invoice.open, invoice.currency);
  write_amount(json, "paid", invoice.paid, invoice.currency);
  write_amount(json, "credited", invoice.credited, invoice.currency);
  write_amount(json, "written_off", invoice.written_off, invoice.currency);
  write_amount(json, "disputed", invoice.disputed, invoice.currency);
  write_optional(json, "dispute", invoice.dispute);
  json.member("line_count", invoice.line_count);
  write_or_null(json, "purchase_order", invoice.purchase_order);
  write_or_null(json, "memo", invoice.memo);
  write_or_null(json, "external_id", invoice.external_id);
  json.member("version", invoice.version);
  json.member("position", invoice.position);
}

void write_shares(JsonWriter& json, const views::InvoiceDetail& detail) {
  const Currency currency = detail.invoice.currency;
  json.key("shares");
  json.begin_array();
  for (const auto& share : detail.shares) {
    json.begin_object();
    json.member("account", share.account.text());
    json.member("account_number", share.account_number);
    json.member("account_name", share.account_name);
    write_amount(json, "net", share.net, currency);
    write_amount(json, "tax", share.tax, currency);
    write_amount(json, "total", share.total, currency);
    write_amount(json, "open", share.open, currency);
    json.end_object();
  }
  json.end_array();
  json.key("applied");
  json.begin_array();
  for (const auto& credit : detail.applied) {
    json.begin_object();
    json.member("source", source_text(credit.source));
    json.member("source_id", source_id_text(credit.source, credit.source_id));
    json.member("account", credit.account.text());
    write_amount(json, "amount", credit.amount, currency);
    json.member("event", credit.event);
    json.member("posting_date", credit.posting_date.text());
    json.member("position", credit.position);
    json.end_object();
  }
  json.end_array();
}

void write_members(JsonWriter& json, const views::CreditNote& note) {
  json.member("id", note.id.text());
  json.member("customer", note.customer.text());
  json.member("account", note.account.text());
  write_names(json, note.names);
  write_optional(json, "invoice", note.invoice);
  write_or_null(json, "invoice_number", note.invoice_number);
  json.member("series", note.series);
  json.member("number", note.number);
  json.member("reason", note.reason);
  write_or_null(json, "external_id", note.external_id);
  json.member("document_date", note.document_date.text());
  json.member("posting_date", note.posting_date.text());
  json.member("currency", note.currency.code());
  write_amount(json, "net", note.net, note.currency);
  write_amount(json, "tax", note.tax, note.currency);
  write_amount(json, "total", note.total, note.currency);
  write_amount(json, "unapplied", note.unapplied, note.currency);
  json.member("version", note.version);
  json.member("position", note.position);
}

void write_address(JsonWriter& json, const std::optional<account::Personal>& address) {
  json.key("address");
  if (!address) return json.null();
  json.begin_object();
  write_or_null(json, "name", address->name);
  write_postal_address(json, *address);
  json.end_object();
}

void write_voided(JsonWriter& json, const std::optional<views::Voiding>& voided) {
  json.key("voided");
  if (!voided) return json.null();
  json.begin_object();
  json.member("on", voided->on.text());
  json.member("reason", voided->reason);
  write_optional(json, "credit_note", voided->credit_note);
  json.end_object();
}

void write_linked(JsonWriter& json, const std::vector<views::LinkedInvoice>& linked) {
  json.key("linked");
  json.begin_array();
  for (const auto& other : linked) {
    json.begin_object();
    json.member("invoice", other.id.text());
    json.member("number", other.number);
    json.member("kind", invoice::kind_text(other.kind));
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_names(JsonWriter& json, const views::AccountNames& names) {
  json.member("account_number", names.number);
  json.member("account_name", names.name);
  json.member("account_name_now", names.name_now);
}

void write(JsonWriter& json, const views::Invoice& invoice) {
  json.begin_object();
  write_members(json, invoice);
  json.end_object();
}

void write(JsonWriter& json, const views::InvoiceDetail& detail) {
  json.begin_object();
  write_members(json, detail.invoice);
  write_address(json, detail.address);
  write_voided(json, detail.voided);
  write_linked(json, detail.linked);
  write_lines(json, detail.lines, detail.invoice.currency);
  write_shares(json, detail);
  json.key("disputes");
  json.begin_array();
  for (const auto& dispute : detail.disputes) write(json, dispute);
  json.end_array();
  json.end_object();
}

void write(JsonWriter& json, const views::CreditNote& note) {
  json.begin_object();
  write_members(json, note);
  json.end_object();
}

void write(JsonWriter& json, const views::CreditNoteDetail& detail) {
  json.begin_object();
  write_members(json, detail.credit_note);
  write_lines(json, detail.lines, detail.credit_note.currency);
  write_used(json, detail.used, detail.credit_note.currency);
  write_holders(json, detail.holders, detail.credit_note.currency);
  json.end_object();
}

void write(JsonWriter& json, const views::Dispute& dispute) {
  json.begin_object();
  json.member("id", dispute.id.text());
  json.member("customer", dispute.customer.text());
  json.member("invoice", dispute.invoice.text());
  json.member("invoice_number", dispute.invoice_number);
  json.member("account", dispute.account.text());
  write_names(json, dispute.names);
  json.member("status", dispute.closed_on ? "closed" : "open");
  write_amount(json, "amount", dispute.amount, dispute.currency);
  json.member("reason", dispute.reason);
  json.member("opened_on", dispute.opened_on.text());
  write_optional(json, "closed_on", dispute.closed_on);
  write_or_null(json, "outcome", dispute.outcome ? dispute::outcome_text(*dispute.outcome) : std::string_view());
  json.member("version", dispute.version);
  json.end_object();
}

std::string object_text(const StreamId& stream) {
  switch (stream.kind) {
    case StreamKind::kCustomer:
    case StreamKind::kHierarchy: return CustomerId{stream.id}.text();
    case StreamKind::kAccount:
    case StreamKind::kReceivables: return AccountId{stream.id}.text();
    case StreamKind::kInvoice: return InvoiceId{stream.id}.text();
    case StreamKind::kCreditNote: return CreditNoteId{stream.id}.text();
    case StreamKind::kPayment: return PaymentId{stream.id}.text();
    case StreamKind::kDispute: return DisputeId{stream.id}.text();
    case StreamKind::kGrouping: return GroupingId{stream.id}.text();
    case StreamKind::kUser: return UserId{stream.id}.text();
    case StreamKind::kBooks: return CustomerId{stream.id}.text();
    case StreamKind::kDeposit: return DepositId{stream.id}.text();
    case StreamKind::kPlan: return PlanId{stream.id}.text();
    case StreamKind::kMethod: return MethodId{stream.id}.text();
    case StreamKind::kUnbooked: return UnbookedId{stream.id}.text();
  }
  return {};
}

void write(JsonWriter& json, const views::Activity& activity) {
  json.begin_object();
  json.member("position", activity.position);
  json.member("recorded", activity.recorded.text());
  json.member("actor", activity.actor);
  json.member("type", activity.type);
  json.key("object");
  json.begin_object();
  json.member("kind", stream_kind_text(activity.object.kind));
  json.member("id", object_text(activity.object));
  json.end_object();
  write_optional(json, "account", activity.account);
  write_optional(json, "date", activity.date);
  write_optional(json, "amount", activity.amount, activity.currency);
  write_or_null(json, "number", activity.number);
  write_or_null(json, "old", activity.old_text);
  write_or_null(json, "new", activity.new_text);
  write_or_null(json, "note", activity.note);
  json.member("command_id", activity.command_id);
  json.member("version", activity.version);
  json.end_object();
}

void write_members(JsonWriter& json, const views::Month& month, Currency currency) {
  json.member("month", month_text(month.month));
  write_amount(json, "invoiced", month.invoiced, currency);
  write_amount(json, "invoiced_net", month.invoiced_net, currency);
  write_amount(json, "invoiced_tax", month.invoiced_tax, currency);
  write_amount(json, "credited", month.credited, currency);
  write_amount(json, "credited_net", month.credited_net, currency);
  write_amount(json, "credited_tax", month.credited_tax, currency);
  write_amount(json, "net", month.net(), currency);
  write_amount(json, "tax", month.tax(), currency);
  write_amount(json, "paid", month.paid, currency);
  write_amount(json, "written_off", month.written_off, currency);
  json.member("invoices", month.invoices);
  json.member("credit_notes", month.credit_notes);
  json.member("payments", month.payments);
}

void write(JsonWriter& json, const views::TrialBalance& balance) {
  json.begin_object();
  json.member("currency", balance.currency.code());
  if (balance.month) json.member("month", month_text(*balance.month));
  json.key("ledgers");
  json.begin_array();
  for (const auto& ledger : balance.ledgers) {
    json.begin_object();
    json.member("ledger", static_cast<std::uint16_t>(ledger.ledger));
    json.member("name", ledger_name(ledger.ledger));
    write_amount(json, "debit", ledger.debit, balance.currency);
    write_amount(json, "credit", ledger.credit, balance.currency);
    write_amount(json, "balance", ledger.balance(), balance.currency);
    json.end_object();
  }
  json.end_array();
  write_amount(json, "debit", balance.debit, balance.currency);
  write_amount(json, "credit", balance.credit, balance.currency);
  json.member("balanced", balance.balanced());
  json.end_object();
}

}  // namespace billing::api
