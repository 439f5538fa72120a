#include "ops/import/mapping.h"

#include <algorithm>

namespace billing::import {
namespace {

constexpr std::array<std::string_view, 5> kKinds{"accounts", "invoices", "credit_notes", "payments", "disputes"};

constexpr auto kAccountFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "account_key"}},
    {"number", Form::kText, {"number"}},
    {"name", Form::kText, {"name"}},
    {"parent", Form::kText, {"parent_key", "parent"}},
    {"opened_on", Form::kDate, {"opened_on"}},
    {"terms", Form::kInteger, {"terms", "payment_terms_days"}},
    {"bill_cycle_day", Form::kInteger, {"bill_cycle_day"}},
    {"external_id", Form::kText, {"external_id"}},
    {"role", Form::kText, {"role"}},
});
constexpr auto kInvoiceFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "number"}},
    {"number", Form::kText, {"number"}},
    {"account", Form::kText, {"account_key", "account"}},
    {"date", Form::kDate, {"date", "document_date"}},
    {"due_date", Form::kDate, {"due_date"}},
    {"purchase_order", Form::kText, {"purchase_order"}},
    {"memo", Form::kText, {"memo"}},
    {"external_id", Form::kText, {"external_id"}},
});
constexpr auto kCreditNoteFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "number"}},
    {"number", Form::kText, {"number"}},
    {"account", Form::kText, {"account_key", "account"}},
    {"invoice", Form::kText, {"invoice_key", "invoice"}},
    {"date", Form::kDate, {"date", "document_date"}},
    {"reason", Form::kText, {"reason"}},
    {"external_id", Form::kText, {"external_id"}},
});
constexpr auto kPaymentFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "payment_key"}},
    {"account", Form::kText, {"account_key", "account"}},
    {"amount", Form::kDecimal, {"amount"}},
    {"method", Form::kText, {"method"}},
    {"received_on", Form::kDate, {"received_on", "date"}},
    {"invoice", Form::kText, {"invoice_key", "invoice"}},
    {"reference", Form::kText, {"reference"}},
    {"external_id", Form::kText, {"external_id"}},
    {"settled_amount", Form::kDecimal, {"settled_amount"}},
    {"settled_currency", Form::kText, {"settled_currency"}},
    {"settled_rate", Form::kDecimal, {"settled_rate"}},
    {"settled_source", Form::kText, {"settled_source"}},
});
constexpr auto kDisputeFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "dispute_key"}},
    {"invoice", Form::kText, {"invoice_key", "invoice"}},
    {"amount", Form::kDecimal, {"amount"}},
    {"reason", Form::kText, {"reason"}},
    {"opened_on", Form::kDate, {"opened_on", "date"}},
});
constexpr auto kLineFields = std::to_array<FieldKind>({
    {"service_account", Form::kText, {"service_account_key", "service_account"}},
    {"description", Form::kText, {"description"}},
    {"product_code", Form::kText, {"product_code"}},
    {"quantity", Form::kDecimal, {"quantity"}},
    {"unit_price", Form::kDecimal, {"unit_price"}},
    {"discount", Form::kDecimal, {"discount"}},
    {"amount", Form::kDecimal, {"amount", "net"}},
    {"revenue_code", Form::kInteger, {"revenue_code"}},
    {"service_from", Form::kDate, {"service_from"}},
    {"service_to", Form::kDate, {"service_to"}},
    {"tax_authority", Form::kText, {"tax_authority"}},
    {"tax_code", Form::kText, {"tax_code"}},
    {"tax_rate", Form::kDecimal, {"tax_rate"}},
    {"tax_amount", Form::kDecimal, {"tax_amount"}},
    {"credited_line", Form::kInteger, {"credited_line"}},
});

}  // namespace

std::string_view kind_text(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Result<Kind> parse_kind(std::string_view text) {
  const auto found = std::ranges::find(kKinds, text);
  if (found == kKinds.end())
    return refuse(Code::kConfiguration, "a kind is accounts, invoices, credit_notes, payments or disputes, not '" +
                                            std::string(text) + "'");
  return static_cast<Kind>(found - kKinds.begin());
}

std::span<const FieldKind> fields_of(Kind kind) {
  switch (kind) {
    case Kind::kAccounts: return kAccountFields;
    case Kind::kInvoices: return kInvoiceFields;
    case Kind::kCreditNotes: return kCreditNoteFields;
    case Kind::kPayments: return kPaymentFields;
    case Kind::kDisputes: return kDisputeFields;
  }
  return {};
}

std::span<const FieldKind> line_fields() { return kLineFields; }

}  // namespace billing::import
