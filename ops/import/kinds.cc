#include "ops/import/kinds.h"

#include <algorithm>
#include <string>

namespace billing::import {
namespace {

constexpr std::array<std::string_view, kKindCount> kKinds{"accounts",     "contacts", "users",    "groups",
                                                          "invoices",     "credit_notes", "payments", "deposits",
                                                          "refunds",      "chargebacks",  "disputes"};

constexpr auto kAccountFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "account_key"}},
    {"number", Form::kText, {"number"}},
    {"name", Form::kText, {"name"}},
    {"parent", Form::kText, {"parent_key", "parent"}},
    {"opened_on", Form::kDate, {"opened_on"}, Need::kFilled},
    {"terms", Form::kInteger, {"terms", "payment_terms_days"}},
    {"bill_cycle_day", Form::kInteger, {"bill_cycle_day"}},
    {"external_id", Form::kText, {"external_id"}},
    {"role", Form::kText, {"role"}},
});
constexpr auto kContactFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"account_key", "account"}},
});
constexpr auto kContactLineFields = std::to_array<FieldKind>({
    {"role", Form::kText, {"role"}, Need::kColumn},
    {"name", Form::kText, {"name"}, Need::kColumn},
    {"email", Form::kText, {"email"}},
    {"phone", Form::kText, {"phone"}},
});
constexpr auto kUserFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "email"}},
    {"role", Form::kText, {"role"}, Need::kColumn},
    {"name", Form::kText, {"name"}, Need::kColumn},
    {"email", Form::kText, {"email"}, Need::kColumn},
    {"phone", Form::kText, {"phone"}},
});
constexpr auto kGroupFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "group_key"}},
    {"grouping", Form::kText, {"grouping"}, Need::kColumn},
    {"name", Form::kText, {"name"}},
    {"parent", Form::kText, {"parent_key", "parent"}},
});
constexpr auto kGroupLineFields = std::to_array<FieldKind>({
    {"account", Form::kText, {"account_key", "account"}},
    {"with_subtree", Form::kFlag, {"with_subtree"}},
    {"from", Form::kDate, {"from"}},
});
constexpr auto kInvoiceFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "number"}},
    {"number", Form::kText, {"number"}},
    {"account", Form::kText, {"account_key", "account"}, Need::kColumn},
    {"date", Form::kDate, {"date", "document_date"}, Need::kFilled},
    {"due_date", Form::kDate, {"due_date"}},
    {"purchase_order", Form::kText, {"purchase_order"}},
    {"memo", Form::kText, {"memo"}},
    {"external_id", Form::kText, {"external_id"}},
    {"total", Form::kMoney, {"total"}},
    {"currency", Form::kCurrency, {"currency"}},
});
constexpr auto kCreditNoteFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "number"}},
    {"number", Form::kText, {"number"}},
    {"account", Form::kText, {"account_key", "account"}, Need::kColumn},
    {"invoice", Form::kText, {"invoice_key", "invoice"}},
    {"date", Form::kDate, {"date", "document_date"}, Need::kFilled},
    {"reason", Form::kText, {"reason"}},
    {"external_id", Form::kText, {"external_id"}},
    {"total", Form::kMoney, {"total"}},
    {"currency", Form::kCurrency, {"currency"}},
});
constexpr auto kDocumentLineFields = std::to_array<FieldKind>({
    {"service_account", Form::kText, {"service_account_key", "service_account"}},
    {"description", Form::kText, {"description"}},
    {"product_code", Form::kText, {"product_code"}},
    {"quantity", Form::kDecimal, {"quantity"}},
    {"unit_price", Form::kPrice, {"unit_price"}},
    {"discount", Form::kMoney, {"discount"}},
    {"discount_rate", Form::kRate, {"discount_rate"}},
    {"amount", Form::kMoney, {"amount", "net"}},
    {"gross", Form::kMoney, {"gross"}},
    {"revenue_code", Form::kInteger, {"revenue_code"}},
    {"service_from", Form::kDate, {"service_from"}},
    {"service_to", Form::kDate, {"service_to"}},
    {"tax_authority", Form::kText, {"tax_authority"}},
    {"tax_code", Form::kText, {"tax_code"}},
    {"tax_rate", Form::kRate, {"tax_rate"}},
    {"tax_amount", Form::kMoney, {"tax_amount"}},
    {"tax2_authority", Form::kText, {"tax2_authority"}},
    {"tax2_code", Form::kText, {"tax2_code"}},
    {"tax2_rate", Form::kRate, {"tax2_rate"}},
    {"tax2_amount", Form::kMoney, {"tax2_amount"}},
    {"credited_line", Form::kInteger, {"credited_line"}},
});
constexpr auto kPaymentFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "payment_key"}},
    {"account", Form::kText, {"account_key", "account"}, Need::kColumn},
    {"amount", Form::kMoney, {"amount"}, Need::kColumn},
    {"method", Form::kText, {"method"}},
    {"received_on", Form::kDate, {"received_on", "date"}, Need::kFilled},
    {"invoice", Form::kText, {"invoice_key", "invoice"}},
    {"reference", Form::kText, {"reference"}},
    {"external_id", Form::kText, {"external_id"}},
    {"settled_amount", Form::kDecimal, {"settled_amount"}},
    {"settled_currency", Form::kText, {"settled_currency"}},
    {"settled_rate", Form::kDecimal, {"settled_rate"}},
    {"settled_source", Form::kText, {"settled_source"}},
    {"currency", Form::kCurrency, {"currency"}},
});
constexpr auto kDepositFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "deposit_key"}},
    {"account", Form::kText, {"account_key", "account"}, Need::kColumn},
    {"amount", Form::kMoney, {"amount"}, Need::kColumn},
    {"method", Form::kText, {"method"}},
    {"received_on", Form::kDate, {"received_on", "date"}, Need::kFilled},
    {"reference", Form::kText, {"reference"}},
    {"currency", Form::kCurrency, {"currency"}},
});
constexpr auto kRefundFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "refund_key"}},
    {"payment", Form::kText, {"payment_key", "payment"}, Need::kColumn},
    {"amount", Form::kMoney, {"amount"}, Need::kColumn},
    {"refunded_on", Form::kDate, {"refunded_on", "date"}, Need::kFilled},
    {"reference", Form::kText, {"reference"}},
    {"reason", Form::kText, {"reason"}},
    {"currency", Form::kCurrency, {"currency"}},
});
constexpr auto kChargebackFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "chargeback_key"}},
    {"payment", Form::kText, {"payment_key", "payment"}, Need::kColumn},
    {"amount", Form::kMoney, {"amount"}, Need::kColumn},
    {"code", Form::kText, {"code"}, Need::kColumn},
    {"opened_on", Form::kDate, {"opened_on", "date"}, Need::kFilled},
    {"reference", Form::kText, {"reference"}},
    {"outcome", Form::kText, {"outcome"}},
    {"closed_on", Form::kDate, {"closed_on"}},
    {"currency", Form::kCurrency, {"currency"}},
});
constexpr auto kDisputeFields = std::to_array<FieldKind>({
    {"key", Form::kText, {"key", "dispute_key"}},
    {"invoice", Form::kText, {"invoice_key", "invoice"}, Need::kColumn},
    {"amount", Form::kMoney, {"amount"}},
    {"reason", Form::kText, {"reason"}},
    {"opened_on", Form::kDate, {"opened_on", "date"}, Need::kFilled},
    {"currency", Form::kCurrency, {"currency"}},
});

}  // namespace

std::string_view kind_text(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string_view kinds_text() {
  static const std::string text = [] {
    std::string out;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      if (i > 0) out += i + 1 < kKinds.size() ? ", " : " or ";
      out += kKinds[i];
    }
    return out;
  }();
  return text;
}

Result<Kind> parse_kind(std::string_view text) {
  const auto found = std::ranges::find(kKinds, text);
  if (found == kKinds.end())
    return refuse(Code::kConfiguration, "a kind is " + std::string(kinds_text()) + ", not '" + std::string(text) + "'");
  return static_cast<Kind>(found - kKinds.begin());
}

std::span<const FieldKind> fields_of(Kind kind) {
  switch (kind) {
    case Kind::kAccounts: return kAccountFields;
    case Kind::kContacts: return kContactFields;
    case Kind::kUsers: return kUserFields;
    case Kind::kGroups: return kGroupFields;
    case Kind::kInvoices: return kInvoiceFields;
    case Kind::kCreditNotes: return kCreditNoteFields;
    case Kind::kPayments: return kPaymentFields;
    case Kind::kDeposits: return kDepositFields;
    case Kind::kRefunds: return kRefundFields;
    case Kind::kChargebacks: return kChargebackFields;
    case Kind::kDisputes: return kDisputeFields;
  }
  return {};
}

std::span<const FieldKind> line_fields(Kind kind) {
  if (is_document(kind)) return kDocumentLineFields;
  if (kind == Kind::kContacts) return kContactLineFields;
  return kind == Kind::kGroups ? std::span<const FieldKind>(kGroupLineFields) : std::span<const FieldKind>();
}

}  // namespace billing::import
