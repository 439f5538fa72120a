#include "ledger/domain/account.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/domain/external_id.h"
#include "ledger/domain/state.h"

namespace billing::account {
namespace {

constexpr int kTermsDaysMax = 365;
constexpr std::size_t kContactsMax = 20;
constexpr std::size_t kApprovers = 2;
constexpr std::array<std::string_view, 3> kRoles{"rolled_up", "owner", "payer"};

std::string number_key(CustomerId customer, std::string_view number) {
  return std::string(customer.uuid.view()).append(number);
}

StreamEvent fact(const State& account, Event event) {
  return billing::fact({StreamKind::kAccount, account.id.uuid}, account.customer, std::move(event));
}

Result<void> check_terms(std::optional<int> payment_terms_days, std::optional<int> bill_cycle_day) {
  if (payment_terms_days && (*payment_terms_days < 0 || *payment_terms_days > kTermsDaysMax)) {
    return refuse(Code::kInvalidParameter, "payment terms are 0 to 365 days", "/payment_terms_days");
  }
  if (bill_cycle_day && (*bill_cycle_day < 1 || *bill_cycle_day > 31)) {
    return refuse(Code::kInvalidParameter, "the bill cycle day is 1 to 31", "/bill_cycle_day");
  }
  return {};
}

Result<void> check_contact(const Contact& contact, const std::string& pointer) {
  BILLING_CHECK(check_text(contact.role, kNumberMax, pointer + "/role"));
  BILLING_CHECK(check_text(contact.personal.name, kNameMax, pointer + "/name"));
  BILLING_CHECK(check_optional_text(contact.personal.email, kNameMax, pointer + "/email"));
  return check_optional_text(contact.personal.phone, kNumberMax, pointer + "/phone");
}

Result<void> check_postal_address(const Personal& address) {
  const std::string_view text = address.postal_address;
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin <= text.size(); ++lines) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    BILLING_CHECK(check_text(text.substr(begin, end - begin), kNameMax, "/postal_address/lines/" + std::to_string(lines)));
    begin = end + 1;
  }
  if (lines > kAddressLinesMax) return refuse(Code::kTooManyItems, "at most 6 lines", "/postal_address/lines");
  BILLING_CHECK(check_optional_text(address.postcode, kNumberMax, "/postal_address/postcode"));
  BILLING_CHECK(check_optional_text(address.city, kNameMax, "/postal_address/city"));
  BILLING_CHECK(check_optional_text(address.region, kNameMax, "/postal_address/region"));
  return check_optional_text(address.country, kNameMax, "/postal_address/country");
}

}  // namespace

std::string_view role_text(InvoicingRole role) { return kRoles[static_cast<std::size_t>(role) - 1]; }

Result<InvoicingRole> parse_role(std::string_view text) {
  const auto found = std::ranges::find(kRoles, text);
  if (found == kRoles.end()) {
    return refuse(Code::kUnknownRole, "an invoicing role is rolled_up, owner or payer", "/role");
  }
  return static_cast<InvoicingRole>(found - kRoles.begin() + 1);
}

InvoicingRole role_at(const State& account, Date date) {
  if (!account.parent) return InvoicingRole::kPayer;
  InvoicingRole role = InvoicingRole::kRolledUp;
  for (const RoleFrom& one : account.roles) {
    if (&one == account.roles.data() || one.from <= date) role = one.role;
  }
  return role;
}

AccountId invoice_owner(const billing::State& state, AccountId id, Date date) {
  const State* account = &state.accounts.at(id);
  while (role_at(*account, date) == InvoicingRole::kRolledUp) account = &state.accounts.at(*account->parent);
  return account->id;
}

AccountId invoice_payer(const billing::State& state, AccountId owner, Date date) {
  const State* account = &state.accounts.at(owner);
  while (role_at(*account, date) != InvoicingRole::kPayer) account = &state.accounts.at(*account->parent);
  return account->id;
}

Decision decide(const billing::State& state, const Open& command, const Context& context) {
  const AccountId id = command.id.nil() ? context.fresh_id<AccountId>() : command.id;
  BILLING_CHECK(find_customer(state, command.customer));
  if (state.accounts.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_CHECK(check_text(command.number, kNumberMax, "/number"));
  BILLING_CHECK(check_text(command.name, kNameMax, "/name"));
  BILLING_CHECK(check_optional_text(command.external_id, kReferenceMax, "/external_id"));
  BILLING_CHECK(check_external_id(state, StreamKind::kAccount, command.customer, command.external_id, id.uuid));
  BILLING_CHECK(check_terms(command.payment_terms_days, command.bill_cycle_day));
  if (state.account_numbers.contains(number_key(command.customer, command.number))) {
    return refuse(Code::kAccountNumberTaken, command.number, "/number");
  }
  const Date opened_on = command.opened_on.value_or(context.today);
  if (opened_on > context.today) return refuse(Code::kPostingInFuture, opened_on.text(), "/opened_on");
  if (command.parent) {
    BILLING_TRY(parent, find_open_account(state, *command.parent, "/parent"));
    if (parent->customer != command.customer) return refuse(Code::kOtherCustomer, parent->number, "/parent");
    if (opened_on < parent->opened_on) return refuse(Code::kBeforeOpening, parent->opened_on.text(), "/opened_on");
    if (hierarchy::ancestors(state, *command.parent).size() + 2 > kHierarchyDepthMax) {
      return refuse(Code::kHierarchyTooDeep, {}, "/parent");
    }
  }

  State account;
  account.id = id;
  account.customer = command.customer;
  return std::vector{fact(account, Opened{id, command.customer, command.number, command.name, command.parent, opened_on,
                                          command.payment_terms_days, command.bill_cycle_day, command.external_id,
                                          command.role})};
}

Decision decide(const billing::State& state, const Rename& command, const Context&) {
  BILLING_TRY(account, find_open_account(state, command.id, "/id"));
  BILLING_CHECK(check_text(command.name, kNameMax, "/name"));
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  if (account->name == command.name) return refuse(Code::kNothingChanges, command.name, "/name");

  return std::vector{fact(*account, Renamed{account->id, account->name, command.name, command.reason})};
}

Decision decide(const billing::State& state, const ChangeTerms& command, const Context&) {
  BILLING_TRY(account, find_open_account(state, command.id, "/id"));
  BILLING_CHECK(check_terms(command.payment_terms_days, command.bill_cycle_day));
  const TermsChanged changed{account->id, account->payment_terms_days,
                             command.payment_terms_days.value_or(account->payment_terms_days), account->bill_cycle_day,
                             command.bill_cycle_day.value_or(account->bill_cycle_day)};
  if (changed.old_payment_terms_days == changed.new_payment_terms_days &&
      changed.old_bill_cycle_day == changed.new_bill_cycle_day) {
    return refuse(Code::kNothingChanges);
  }

  return std::vector{fact(*account, changed)};
}

Decision decide(const billing::State& state, const ChangeContacts& command, const Context& context) {
  BILLING_TRY(account, find_open_account(state, command.id, "/id"));
  if (command.contacts.size() > kContactsMax) {
    return refuse(Code::kTooManyItems, "at most " + std::to_string(kContactsMax) + " contacts", "/contacts");
  }
  ContactsChanged changed{account->id, command.contacts};
  std::uint32_t n = 0;
  for (Contact& contact : changed.contacts) {
    BILLING_CHECK(check_contact(contact, "/contacts/" + std::to_string(n)));
    if (contact.person.nil()) contact.person = context.fresh_id<PersonId>(n);
    ++n;
  }

  return std::vector{fact(*account, std::move(changed))};
}

Decision decide(const billing::State& state, const Close& command, const Context& context) {
  BILLING_TRY(account, find_open_account(state, command.id, "/id"));
  if (account->open_children > 0) return refuse(Code::kAccountHasChildren, account->number, "/id");
  if (account->open != 0 || account->unapplied != 0 || account->deposited != 0 || account->owed != 0) {
    return refuse(Code::kAccountHasBalance, account->number, "/id");
  }

  return std::vector{fact(*account, Closed{account->id, context.today})};
}

Decision decide(const billing::State& state, const ChangeAddress& command, const Context& context) {
  BILLING_TRY(account, find_open_account(state, command.id, "/id"));
  BILLING_CHECK(check_optional_text(command.personal.name, kNameMax, "/name"));
  BILLING_CHECK(check_postal_address(command.personal));
  PersonId person = command.person;
  if (person.nil()) person = account->address_person.nil() ? context.fresh_id<PersonId>() : account->address_person;

  return std::vector{fact(*account, AddressChanged{account->id, person, command.personal})};
}

Decision decide(const billing::State& state, const ChangeRole& command, const Context& context) {
  BILLING_TRY(account, find_open_account(state, command.id, "/id"));
  const Date from = command.from.value_or(context.today);
  if (from < context.today) return refuse(Code::kInvalidDate, "a role changes today or later", "/from");
  const InvoicingRole old_role = account->roles.empty() ? InvoicingRole::kRolledUp : account->roles.back().role;
  if (!account->roles.empty() && from < account->roles.back().from) {
    return refuse(Code::kInvalidDate, "a change from " + account->roles.back().from.text() + " is known already", "/from");
  }
  if (old_role == command.role) return refuse(Code::kNothingChanges, std::string(role_text(command.role)), "/role");

  return std::vector{fact(*account, RoleChanged{account->id, old_role, command.role, from})};
}

Decision decide(const billing::State& state, const Freeze& command, const Context&) {
  BILLING_TRY(account, find_account(state, command.id, "/id"));
  if (account->frozen) return refuse(Code::kNothingChanges, account->number, "/id");

  return std::vector{fact(*account, Frozen{account->id, command.check, command.detail})};
}

Decision decide(const billing::State& state, const Unfreeze& command, const Context&) {
  BILLING_TRY(account, find_account(state, command.id, "/id"));
  if (!account->frozen) return refuse(Code::kNothingChanges, account->number, "/id");
  BILLING_CHECK(check_text(command.reason, kReasonMax, "/reason"));
  if (command.approved_by.size() != kApprovers || command.approved_by[0] == command.approved_by[1]) {
    return refuse(Code::kFourEyes, "name the two people who looked into it", "/approved_by");
  }
  for (const std::string& person : command.approved_by) BILLING_CHECK(check_text(person, kNameMax, "/approved_by"));

  return std::vector{fact(*account, Unfrozen{account->id, command.reason, command.approved_by})};
}

void evolve(billing::State& state, const Opened& event) {
  State& account = state.accounts[event.id];
  account.id = event.id;
  account.customer = event.customer;
  account.number = event.number;
  account.name = event.name;
  account.parent = event.parent;
  account.opened_on = event.opened_on;
  account.payment_terms_days = event.payment_terms_days;
  account.bill_cycle_day = event.bill_cycle_day;
  account.roles = {{event.opened_on, event.role}};
  state.account_numbers[number_key(event.customer, event.number)] = event.id;
  claim_external_id(state, StreamKind::kAccount, event.customer, event.external_id, event.id.uuid);
  if (event.parent) {
    state.children[*event.parent].insert(event.id);
    state.accounts.at(*event.parent).open_children++;
  }
}
void evolve(billing::State& state, const Renamed& event) { state.accounts.at(event.id).name = event.new_name; }
void evolve(billing::State& state, const TermsChanged& event) {
  State& account = state.accounts.at(event.id);
  account.payment_terms_days = event.new_payment_terms_days;
  account.bill_cycle_day = event.new_bill_cycle_day;
}
void evolve(billing::State&, const ContactsChanged&) {}
void evolve(billing::State& state, const Closed& event) {
  State& account = state.accounts.at(event.id);
  account.closed = true;
  if (account.parent) state.accounts.at(*account.parent).open_children--;
}
void evolve(billing::State& state, const AddressChanged& event) {
  State& account = state.accounts.at(event.id);
  account.address_person = event.person;
  account.address_version = state.versions[{StreamKind::kAccount, event.id.uuid}] + 1;  // of this event
}
void evolve(billing::State& state, const RoleChanged& event) {
  auto& roles = state.accounts.at(event.id).roles;
  if (!roles.empty() && roles.back().from == event.from && roles.size() > 1) {
    roles.back().role = event.new_role;
  } else {
    roles.push_back({event.from, event.new_role});
  }
}
void evolve(billing::State& state, const Frozen& event) { state.accounts.at(event.id).frozen = true; }
void evolve(billing::State& state, const Unfrozen& event) { state.accounts.at(event.id).frozen = false; }

}  // namespace billing::account
