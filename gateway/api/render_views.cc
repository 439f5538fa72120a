#include "gateway/api/render_views.h"

#include <ranges>

#include "ledger/base/money.h"

namespace billing::api {

void write_amount(JsonWriter& json, std::string_view name, std::int64_t minor, Currency currency) {
  json.key(name);
  json.begin_object();
  json.member("amount", amount_text(minor, currency));
  json.member("currency", currency.code());
  json.end_object();
}

void write_optional(JsonWriter& json, std::string_view name, std::optional<std::int64_t> minor, Currency currency) {
  if (minor) return write_amount(json, name, *minor, currency);
  json.key(name);
  json.null();
}

void write_optional(JsonWriter& json, std::string_view name, const std::optional<Date>& date) {
  write_or_null(json, name, date ? date->text() : std::string());
}

void write_postal_address(JsonWriter& json, const account::Personal& address) {
  json.key("postal_address");
  json.begin_object();
  json.key("lines");
  json.begin_array();
  for (const auto line : std::views::split(address.postal_address, '\n')) json.string(std::string_view(line));
  json.end_array();
  write_or_null(json, "postcode", address.postcode);
  write_or_null(json, "city", address.city);
  write_or_null(json, "region", address.region);
  write_or_null(json, "country", address.country);
  json.end_object();
}

void write_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name);
  if (text.empty()) {
    json.null();
  } else {
    json.string(text);
  }
}

void write(JsonWriter& json, const views::Customer& customer) {
  json.begin_object();
  json.member("id", customer.id.text());
  json.member("name", customer.name);
  json.member("currency", customer.currency.code());
  write_or_null(json, "external_id", customer.external_id);
  json.member("created", customer.created.text());
  json.member("version", customer.version);
  json.member("hierarchy_version", customer.hierarchy_version);
  json.end_object();
}

void write(JsonWriter& json, const views::Totals& totals, Currency currency) {
  json.begin_object();
  write_amount(json, "balance", totals.balance(), currency);
  write_amount(json, "open", totals.open, currency);
  write_amount(json, "unapplied_credit", totals.unapplied, currency);
  write_amount(json, "billed", totals.billed, currency);
  write_amount(json, "credited", totals.credited, currency);
  write_amount(json, "paid", totals.paid, currency);
  json.end_object();
}

void write_members(JsonWriter& json, const views::Account& account) {
  json.member("id", account.id.text());
  json.member("customer", account.customer.text());
  json.member("number", account.number);
  json.member("name", account.name);
  json.member("status", account.closed_on ? "closed" : "open");
  write_optional(json, "parent", account.parent);
  json.member("children", account.children);
  json.member("opened_on", account.opened_on.text());
  write_optional(json, "closed_on", account.closed_on);
  json.member("payment_terms_days", account.payment_terms_days);
  json.member("bill_cycle_day", account.bill_cycle_day);
  write_or_null(json, "external_id", account.external_id);
  json.member("currency", account.currency.code());
  json.member("version", account.version);
  json.key("own");
  write(json, account.own, account.currency);
  json.key("subtree");
  write(json, account.subtree, account.currency);
}

void write(JsonWriter& json, const views::Account& account) {
  json.begin_object();
  write_members(json, account);
  json.end_object();
}

namespace {
void write_personal(JsonWriter& json, const account::Personal& personal) {
  json.member("name", personal.name);
  write_or_null(json, "email", personal.email);
  write_or_null(json, "phone", personal.phone);
}
}  // namespace

void write(JsonWriter& json, const views::Contact& contact) {
  json.begin_object();
  json.member("person", contact.person.text());
  json.member("role", contact.role);
  write_personal(json, contact.personal);
  json.end_object();
}

void write(JsonWriter& json, const views::User& user) {
  json.begin_object();
  json.member("id", user.id.text());
  json.member("customer", user.customer.text());
  json.member("person", user.person.text());
  json.member("role", user::role_text(user.role));
  json.member("status", user.suspended ? "suspended" : "active");
  write_personal(json, user.personal);
  json.member("invited", user.invited.text());
  json.member("version", user.version);
  json.end_object();
}

void write_members(JsonWriter& json, const views::Ageing& ageing) {
  const std::pair<std::string_view, const views::Bucket*> buckets[] = {{"current", &ageing.current},
                                                                       {"1-30", &ageing.days_1_30},
                                                                       {"31-60", &ageing.days_31_60},
                                                                       {"61-90", &ageing.days_61_90},
                                                                       {"over-90", &ageing.days_over_90}};
  json.member("as_of", ageing.date.text());
  json.member("currency", ageing.currency.code());
  json.key("buckets");
  json.begin_array();
  for (const auto& [name, bucket] : buckets) {
    json.begin_object();
    json.member("days_late", name);
    write_amount(json, "open", bucket->amount, ageing.currency);
    json.member("invoices", bucket->count);
    json.end_object();
  }
  json.end_array();
  write_amount(json, "total", ageing.total, ageing.currency);
  json.member("invoices", ageing.invoices);
  write_amount(json, "overdue", ageing.overdue, ageing.currency);
  write_amount(json, "disputed", ageing.disputed, ageing.currency);
}

void write(JsonWriter& json, const views::Ageing& ageing) {
  json.begin_object();
  write_members(json, ageing);
  json.end_object();
}

void write_members(JsonWriter& json, const views::Summary& summary) {
  json.member("currency", summary.currency.code());
  json.member("accounts", summary.accounts);
  json.key("totals");
  write(json, summary.totals, summary.currency);
  json.member("as_of", summary.ageing.date.text());
  write_amount(json, "overdue", summary.overdue, summary.currency);
  write_amount(json, "suspended", summary.suspended, summary.currency);
  write_amount(json, "covered_by_credit", summary.covered, summary.currency);
  write_optional(json, "next_due_date", summary.next_due_date);
  json.key("ageing");
  write(json, summary.ageing);
}

void write(JsonWriter& json, const views::Summary& summary) {
  json.begin_object();
  write_members(json, summary);
  json.end_object();
}

void write(JsonWriter& json, const views::Grouping& grouping) {
  json.begin_object();
  json.member("id", grouping.id.text());
  json.member("customer", grouping.customer.text());
  json.member("name", grouping.name);
  json.member("version", grouping.version);
  json.end_object();
}

void write_members(JsonWriter& json, const views::Group& group) {
  json.member("id", group.id.text());
  json.member("name", group.name);
  write_optional(json, "parent", group.parent);
  json.key("members");
  json.begin_array();
  for (const auto& member : group.members) {
    json.begin_object();
    json.member("account", member.account.text());
    json.member("with_subtree", member.with_subtree);
    json.member("from", member.from.text());
    write_optional(json, "until", member.until);
    json.end_object();
  }
  json.end_array();
}

}  // namespace billing::api
