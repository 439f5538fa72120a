// Customers, accounts and who is whose parent.
#include <limits>

#include "gateway/api/commands.h"
#include "gateway/api/person.h"

namespace billing::api::parse {
namespace {

// Which days there may be is the decider's business; here only that the number fits.
std::optional<int> days(Fields& body, std::string_view name) {
  const auto number = body.optional_integer(name, 0, std::numeric_limits<int>::max());
  return number ? std::optional<int>(static_cast<int>(*number)) : std::nullopt;
}

Result<account::InvoicingRole> parse_invoicing_role(std::string_view text) { return account::parse_role(text); }

void read_address(Fields& address, account::Personal& personal) {
  const std::vector<std::string> lines = address.texts("lines", true, account::kAddressLinesMax);
  for (std::size_t n = 0; n < lines.size(); ++n) {
    if (lines[n].find('\n') != std::string::npos)
      address.refuse_field(Code::kInvalidText, "lines", "Each line of an address is a text of its own.");
    personal.postal_address += (n > 0 ? "\n" : "") + lines[n];
  }
  personal.postcode = address.optional_text("postcode");
  personal.city = address.optional_text("city");
  personal.region = address.optional_text("region");
  personal.country = address.optional_text("country");
}

}  // namespace

Command customer_create(Fields& body, const ParseEnvironment& /*environment*/) {
  customer::Create command;
  command.id = body.new_id<CustomerId>("id");
  command.name = body.text("name");
  command.currency = body.currency("currency");
  command.external_id = body.optional_text("external_id");
  command.legal_entity = body.optional_text("legal_entity");
  return command;
}

Command account_open(Fields& body, const ParseEnvironment& /*environment*/) {
  account::Open command;
  command.id = body.new_id<AccountId>("id");
  command.customer = body.id<CustomerId>("customer");
  command.number = body.text("number");
  command.name = body.text("name");
  command.parent = body.optional_id<AccountId>("parent");
  command.opened_on = body.optional_date("opened_on");
  command.payment_terms_days = days(body, "payment_terms_days").value_or(command.payment_terms_days);
  command.bill_cycle_day = days(body, "bill_cycle_day").value_or(command.bill_cycle_day);
  command.external_id = body.optional_text("external_id");
  command.role = body.optional_parsed("role", parse_invoicing_role).value_or(command.role);
  return command;
}

Command account_rename(Fields& body, const ParseEnvironment& /*environment*/) {
  account::Rename command;
  command.id = body.id<AccountId>("account");
  command.name = body.text("name");
  command.reason = body.optional_text("reason");
  return command;
}

Command account_change_terms(Fields& body, const ParseEnvironment& /*environment*/) {
  account::ChangeTerms command;
  command.id = body.id<AccountId>("account");
  command.payment_terms_days = days(body, "payment_terms_days");
  command.bill_cycle_day = days(body, "bill_cycle_day");
  return command;
}

Command account_change_contacts(Fields& body, const ParseEnvironment& /*environment*/) {
  account::ChangeContacts command;
  command.id = body.id<AccountId>("account");
  body.list("contacts", true, kItemsMax, Code::kTooManyItems, [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
    Fields fields(value, refusal, &at);
    account::Contact& contact = command.contacts.emplace_back();
    contact.person = fields.new_id<PersonId>("person");
    contact.role = fields.text("role");
    contact.personal = read_person(fields, false);
    fields.end();
  });
  return command;
}

Command account_change_address(Fields& body, const ParseEnvironment& /*environment*/) {
  account::ChangeAddress command;
  command.id = body.id<AccountId>("account");
  command.person = body.new_id<PersonId>("person");
  command.personal.name = body.optional_text("name");
  body.object("postal_address", true, [&](Fields& address) { read_address(address, command.personal); });
  return command;
}

Command account_change_role(Fields& body, const ParseEnvironment& /*environment*/) {
  account::ChangeRole command;
  command.id = body.id<AccountId>("account");
  command.role = body.parsed("role", parse_invoicing_role);
  command.from = body.optional_date("from");
  return command;
}

Command account_unfreeze(Fields& body, const ParseEnvironment& /*environment*/) {
  account::Unfreeze command;
  command.id = body.id<AccountId>("account");
  command.reason = body.text("reason");
  command.approved_by = body.texts("approved_by", true, kItemsMax);
  return command;
}

Command account_close(Fields& body, const ParseEnvironment& /*environment*/) {
  return account::Close{body.id<AccountId>("account")};
}

Command hierarchy_move(Fields& body, const ParseEnvironment& /*environment*/) {
  hierarchy::Move command;
  command.account = body.id<AccountId>("account");
  command.new_parent = body.nullable_id<AccountId>("new_parent");
  return command;
}

}  // namespace billing::api::parse
