// What the views answer, as JSON: one function for each thing, the same wherever it appears.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/codec/json_writer.h"
#include "projections/model_reports.h"

namespace billing::api {

using codec::JsonWriter;

// {"amount":"249.95","currency":"USD"} under `name`.
void write_amount(JsonWriter& json, std::string_view name, std::int64_t minor, Currency currency);
// Null without an amount.
void write_optional(JsonWriter& json, std::string_view name, std::optional<std::int64_t> minor, Currency currency);
void write_optional(JsonWriter& json, std::string_view name, const std::optional<Date>& date);
// account_number, account_name (of the document's day) and account_name_now.
void write_names(JsonWriter& json, const views::AccountNames& names);
// The parts that were given; null for each that was not.
void write_postal_address(JsonWriter& json, const account::Personal& address);
// "settled": what moved at the bank in another currency; null where nothing did.
void write_settlement(JsonWriter& json, const std::optional<Settlement>& settled);
// An empty text as null.
void write_or_null(JsonWriter& json, std::string_view name, std::string_view text);
template <class Tag>
void write_optional(JsonWriter& json, std::string_view name, const std::optional<Id<Tag>>& id) {
  write_or_null(json, name, id ? id->text() : std::string());
}

// Objects: `write` makes the value, `write_members` its members only, where others stand beside them.
void write(JsonWriter& json, const views::Customer& customer);
void write_members(JsonWriter& json, const views::Account& account);
void write(JsonWriter& json, const views::Account& account);
void write(JsonWriter& json, const views::Contact& contact);
void write(JsonWriter& json, const views::Totals& totals, Currency currency);
void write_members(JsonWriter& json, const views::Ageing& ageing);
void write(JsonWriter& json, const views::Ageing& ageing);
void write_members(JsonWriter& json, const views::Summary& summary);
void write(JsonWriter& json, const views::Summary& summary);
void write(JsonWriter& json, const views::Invoice& invoice);
void write(JsonWriter& json, const views::InvoiceDetail& detail);
void write(JsonWriter& json, const views::CreditNote& note);
void write(JsonWriter& json, const views::CreditNoteDetail& detail);
void write(JsonWriter& json, const views::Payment& payment);
void write(JsonWriter& json, const views::PaymentDetail& detail);
void write(JsonWriter& json, const views::Dispute& dispute);
void write(JsonWriter& json, const views::Activity& activity);
void write(JsonWriter& json, const views::Grouping& grouping);
void write_members(JsonWriter& json, const views::Group& group);
void write(JsonWriter& json, const views::User& user);
void write_members(JsonWriter& json, const views::Month& month, Currency currency);
void write(JsonWriter& json, const views::TrialBalance& balance);

void write(JsonWriter& json, const views::Owed& owed);
void write(JsonWriter& json, const views::Standing& standing);
void write(JsonWriter& json, const views::HeldCredit& credit);
void write(JsonWriter& json, const views::Deposit& deposit);
void write(JsonWriter& json, const views::DepositDetail& detail);
void write(JsonWriter& json, const views::Plan& plan);
void write(JsonWriter& json, const views::PaymentMethod& method);
void write(JsonWriter& json, const views::PaymentMethods& methods);
void write(JsonWriter& json, const views::Unbooked& unbooked);
void write(JsonWriter& json, const views::AccountingPeriod& period);

// Members of payments, credit notes and deposits: where they were used, and who holds what is left.
void write_used(JsonWriter& json, const std::vector<views::UsedCredit>& used, Currency currency,
                std::string_view name = "used");
void write_holders(JsonWriter& json, const std::vector<views::CreditHolder>& holders, Currency currency);
std::string credit_source_text(const views::HeldCredit& credit);     // "payment", "credit_note"
std::string credit_source_id_text(const views::HeldCredit& credit);  // with its prefix

// The prefixed id of a stream's object.
std::string object_text(const StreamId& stream);

// {"items":[…],"next_cursor":…,"previous_cursor":…} with `write_item(json, item)` for each, and what `write_rest(json)` adds.
template <class Item, class WriteItem, class WriteRest>
std::string page_text(const views::Page<Item>& page, WriteItem write_item, WriteRest write_rest) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const Item& item : page.items) write_item(json, item);
  json.end_array();
  write_or_null(json, "next_cursor", page.next);
  write_or_null(json, "previous_cursor", page.previous);
  write_rest(json);
  json.end_object();
  return out;
}
template <class Item, class WriteItem>
std::string page_text(const views::Page<Item>& page, WriteItem write_item) {
  return page_text(page, write_item, [](JsonWriter&) {});
}
template <class Item>
std::string page_text(const views::Page<Item>& page) {
  return page_text(page, [](JsonWriter& json, const Item& item) { write(json, item); });
}
// One object.
template <class Value>
std::string object_json(const Value& value) {
  std::string out;
  JsonWriter json(out);
  write(json, value);
  return out;
}

}  // namespace billing::api
