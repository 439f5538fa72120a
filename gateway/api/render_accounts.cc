// How accounts stand, what they agreed to and pay with; the operator's queue and periods. As JSON.
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

void write_role(JsonWriter& json, const views::RolePeriod& role) {
  json.begin_object();
  json.member("from", role.from.text());
  json.member("role", account::role_text(role.role));
  json.end_object();
}

void write_frozen(JsonWriter& json, const std::optional<views::Freeze>& frozen) {
  json.key("frozen");
  if (!frozen) return json.null();
  json.begin_object();
  json.member("check", frozen->check);
  write_or_null(json, "detail", frozen->detail);
  json.member("since", frozen->since.text());
  json.end_object();
}

void write_address(JsonWriter& json, const std::optional<views::Address>& address) {
  json.key("address");
  if (!address) return json.null();
  json.begin_object();
  json.member("person", address->person.text());
  write_or_null(json, "name", address->personal.name);
  write_postal_address(json, address->personal);
  json.member("version", address->version);
  json.end_object();
}

void write_autopay(JsonWriter& json, const std::optional<views::Autopay>& autopay) {
  json.key("autopay");
  if (!autopay) return json.null();
  json.begin_object();
  json.member("method", autopay->method.text());
  json.member("days_before_due", autopay->days_before_due);
  write_optional(json, "at_most", autopay->at_most, autopay->currency);
  write_optional(json, "next_draft", autopay->next_draft);
  write_optional(json, "next_due_date", autopay->next_due);
  write_optional(json, "next_amount", autopay->next_draft ? std::optional(autopay->next_amount) : std::nullopt, autopay->currency);
  json.end_object();
}

// With nulls for accounts that are several.
void write_stage(JsonWriter& json, const std::optional<views::OverdueStage>& stage) {
  const auto of_one = [&](std::string_view name, auto value_of) {
    if (stage) return json.member(name, value_of(*stage));
    json.key(name);
    json.null();
  };
  of_one("days_overdue", [](const auto& one) { return one.days; });
  of_one("stage", [](const auto& one) { return one.stage; });
  of_one("billing_flag", [](const auto& one) { return one.billing_flag; });
}

}  // namespace

void write(JsonWriter& json, const views::Owed& owed) {
  json.begin_object();
  json.member("as_of", owed.date.text());
  write_amount(json, "open", owed.open, owed.currency);
  write_amount(json, "disputed", owed.disputed, owed.currency);
  write_amount(json, "overdue", owed.overdue, owed.currency);
  write_amount(json, "suspended", owed.suspended, owed.currency);
  write_amount(json, "covered_by_credit", owed.covered, owed.currency);
  write_optional(json, "earliest_due_date", owed.earliest_due);
  write_stage(json, owed.stage);
  json.key("payer");
  if (owed.payer) {
    json.begin_object();
    json.member("account", owed.payer->account.text());
    write_stage(json, owed.payer->stage);
    json.end_object();
  } else {
    json.null();
  }
  json.key("stages");
  json.begin_object();
  json.key("days");
  json.begin_array();
  for (const std::int32_t days : owed.steps.days) json.number(days);
  json.end_array();
  json.member("billing_flag_from", owed.steps.flag_from);
  json.end_object();
  json.end_object();
}

void write(JsonWriter& json, const views::Standing& standing) {
  json.begin_object();
  json.member("role", account::role_text(standing.role));
  json.key("next_role");
  if (standing.next_role) {
    write_role(json, *standing.next_role);
  } else {
    json.null();
  }
  json.key("roles");
  json.begin_array();
  for (const auto& role : standing.roles) write_role(json, role);
  json.end_array();
  json.member("invoiced_by", standing.invoiced_by.text());
  json.member("paid_by", standing.paid_by.text());
  write_frozen(json, standing.frozen);
  write_address(json, standing.address);
  json.end_object();
}

void write(JsonWriter& json, const views::Plan& plan) {
  json.begin_object();
  json.member("id", plan.id.text());
  json.member("customer", plan.customer.text());
  json.member("account", plan.account.text());
  json.member("kind", plan::kind_text(plan.kind));
  json.member("status", views::plan_status_text(plan.status));
  write_amount(json, "amount", plan.amount, plan.currency);
  write_amount(json, "paid", plan.paid, plan.currency);
  write_amount(json, "behind", plan.behind, plan.currency);
  json.key("instalments");
  json.begin_array();
  for (const auto& instalment : plan.instalments) {
    json.begin_object();
    json.member("due", instalment.due.text());
    write_amount(json, "amount", instalment.amount, plan.currency);
    write_amount(json, "paid", instalment.paid, plan.currency);
    json.end_object();
  }
  json.end_array();
  json.key("invoices");
  json.begin_array();
  for (const auto& invoice : plan.invoices) json.string(invoice.text());
  json.end_array();
  write_or_null(json, "note", plan.note);
  json.member("agreed_on", plan.agreed_on.text());
  write_optional(json, "cancelled_on", plan.cancelled_on);
  write_or_null(json, "reason", plan.reason);
  json.member("version", plan.version);
  json.end_object();
}

void write(JsonWriter& json, const views::PaymentMethod& method) {
  json.begin_object();
  json.member("id", method.id.text());
  json.member("customer", method.customer.text());
  json.member("account", method.account.text());
  json.member("kind", payment::method_text(method.kind));
  json.member("token", method.token);
  write_or_null(json, "brand", method.brand);
  write_or_null(json, "last_four", method.last_four);
  write_or_null(json, "expires", method.expires ? month_text(*method.expires) : std::string());
  json.member("status", method.removed ? "removed" : "on_file");
  json.member("version", method.version);
  json.end_object();
}

void write(JsonWriter& json, const views::PaymentMethods& methods) {
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const auto& method : methods.methods) write(json, method);
  json.end_array();
  write_autopay(json, methods.autopay);
  json.end_object();
}

void write(JsonWriter& json, const views::Unbooked& unbooked) {
  json.begin_object();
  json.member("id", unbooked.id.text());
  write_or_null(json, "customer", unbooked.customer == kOperator ? std::string() : unbooked.customer.text());
  json.member("kind", unbooked::kind_text(unbooked.kind));
  json.member("status", unbooked.resolved ? "resolved" : "open");
  json.member("reason", unbooked.reason);
  write_or_null(json, "detail", unbooked.detail);
  write_or_null(json, "reported_object", unbooked.reported_object);
  write_optional(json, "amount", unbooked.amount != 0 ? std::optional(unbooked.amount) : std::nullopt, unbooked.currency);
  write_settlement(json, unbooked.settled);
  json.member("method", payment::method_text(unbooked.method));
  write_or_null(json, "reference", unbooked.reference);
  json.member("on", unbooked.on.text());
  json.member("queued", unbooked.queued.text());
  write_or_null(json, "resolved", unbooked.resolved ? unbooked.resolved->text() : std::string());
  write_or_null(json, "how", unbooked.how);
  json.member("version", unbooked.version);
  json.end_object();
}

void write(JsonWriter& json, const views::AccountingPeriod& period) {
  json.begin_object();
  json.member("period", month_text(period.month));
  json.member("status", period.closed ? "closed" : "closing");
  json.member("closing_since", period.closing_since.text());
  write_or_null(json, "closed", period.closed_at ? period.closed_at->text() : std::string());
  json.member("released_lines", period.released_lines);
  json.end_object();
}

}  // namespace billing::api
