// An account of a customer: head office, site, department. Opened, renamed, terms and contacts changed, closed.
#pragma once

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::account {

// Who makes and who pays the invoices of an account's charges. A root always owns and pays.
enum class InvoicingRole : std::uint8_t {
  kRolledUp = 1,  // a sub-account part of the invoice of the nearest account above that owns invoices
  kOwner = 2,     // invoices of its own; the nearest account above that pays, pays them
  kPayer = 3      // invoices of its own, which it pays
};
// "rolled_up", "owner", "payer".
std::string_view role_text(InvoicingRole role);
Result<InvoicingRole> parse_role(std::string_view text);

struct RoleFrom {
  Date from;
  InvoicingRole role = InvoicingRole::kRolledUp;
};

struct State {
  AccountId id;
  CustomerId customer;
  std::string number;
  std::string name;
  std::optional<AccountId> parent;
  Date opened_on;
  int payment_terms_days = 30;
  int bill_cycle_day = 1;
  bool closed = false;
  bool frozen = false;           // a check failed: no money moves until two people say so
  std::vector<RoleFrom> roles;   // by date; the first holds from the beginning
  PersonId address_person;            // whose key the postal address is stored under; nil: there is none
  std::uint64_t address_version = 0;  // of its stream when the postal address was set last; 0: never
  // The receivables head: what the account has open as service account, and the credit it holds, in minor units.
  std::int64_t open = 0;
  std::int64_t unapplied = 0;
  std::int64_t held = 0;            // the part of unapplied that meets nothing by itself
  std::int64_t owed = 0;            // open on the invoices that it pays
  std::int64_t deposited = 0;       // what is left of its deposits
  std::uint32_t open_items = 0;     // invoices on which it has an open share
  std::uint32_t open_children = 0;  // child accounts that are not closed
  std::uint32_t methods = 0;        // payment methods on file
};

inline constexpr std::size_t kAddressLinesMax = 6;  // of a postal address, without its postcode, city, region and country

// How a person is reached. Personal data: it is stored encrypted under the person's key and never published.
struct Personal {
  std::string name;
  std::string email;
  std::string phone;
  std::string postal_address{};  // lines with \n between them; before edition 4 of the schema with all that follows
  std::string postcode{};
  std::string city{};
  std::string region{};
  std::string country{};
  friend bool operator==(const Personal&, const Personal&) = default;
};
struct Contact {
  PersonId person;
  std::string role;  // "billing", "technical", "management"
  Personal personal;
  friend bool operator==(const Contact&, const Contact&) = default;
};

struct Opened {
  AccountId id;
  CustomerId customer;
  std::string number;
  std::string name;
  std::optional<AccountId> parent;
  Date opened_on;
  int payment_terms_days = 30;
  int bill_cycle_day = 1;
  std::string external_id;
  InvoicingRole role = InvoicingRole::kRolledUp;
  friend bool operator==(const Opened&, const Opened&) = default;
};
struct Renamed {
  AccountId id;
  std::string old_name;
  std::string new_name;
  std::string reason;
  friend bool operator==(const Renamed&, const Renamed&) = default;
};
struct TermsChanged {
  AccountId id;
  int old_payment_terms_days = 0;
  int new_payment_terms_days = 0;
  int old_bill_cycle_day = 0;
  int new_bill_cycle_day = 0;
  friend bool operator==(const TermsChanged&, const TermsChanged&) = default;
};
struct ContactsChanged {
  AccountId id;
  std::vector<Contact> contacts;  // all of them, as they now are
  friend bool operator==(const ContactsChanged&, const ContactsChanged&) = default;
};
struct Closed {
  AccountId id;
  Date on;
  friend bool operator==(const Closed&, const Closed&) = default;
};
// The postal address; invoices issued from now on name the version of this event.
struct AddressChanged {
  AccountId id;
  PersonId person;  // whose key the address is stored under
  Personal personal;
  friend bool operator==(const AddressChanged&, const AddressChanged&) = default;
};
// Effective-dated: counts for documents dated `from` and later.
struct RoleChanged {
  AccountId id;
  InvoicingRole old_role = InvoicingRole::kRolledUp;
  InvoicingRole new_role = InvoicingRole::kRolledUp;
  Date from;
  friend bool operator==(const RoleChanged&, const RoleChanged&) = default;
};
// A check failed on this account: commands that move its money are refused until it is unfrozen.
struct Frozen {
  AccountId id;
  std::string check;   // which one, e.g. "postings-balance"
  std::string detail;  // of the refused command, without personal data
  friend bool operator==(const Frozen&, const Frozen&) = default;
};
struct Unfrozen {
  AccountId id;
  std::string reason;
  std::vector<std::string> approved_by;  // two different people
  friend bool operator==(const Unfrozen&, const Unfrozen&) = default;
};

struct Open {
  AccountId id;  // nil: taken from the context
  CustomerId customer;
  std::string number;
  std::string name;
  std::optional<AccountId> parent;
  std::optional<Date> opened_on;  // today when absent; may lie in the past
  int payment_terms_days = 30;
  int bill_cycle_day = 1;
  std::string external_id;
  InvoicingRole role = InvoicingRole::kRolledUp;
};
struct Rename {
  AccountId id;
  std::string name;
  std::string reason;
};
struct ChangeTerms {
  AccountId id;
  std::optional<int> payment_terms_days;
  std::optional<int> bill_cycle_day;
};
struct ChangeContacts {
  AccountId id;
  std::vector<Contact> contacts;  // a nil person is a new person
};
struct Close {
  AccountId id;
};
struct ChangeAddress {
  AccountId id;
  PersonId person;  // nil: the one of before, or a new one
  Personal personal;  // the postal address, and the name that stands above it
};
struct ChangeRole {
  AccountId id;
  InvoicingRole role = InvoicingRole::kRolledUp;
  std::optional<Date> from;  // today when absent; not before
};
struct Freeze {
  AccountId id;
  std::string check;
  std::string detail;
};
struct Unfreeze {
  AccountId id;
  std::string reason;
  std::vector<std::string> approved_by;
};

// The role that counts for a document of this day.
InvoicingRole role_at(const State& account, Date date);
// The account whose invoice carries the charges of `account` on a day: the nearest one, itself included, that owns
// invoices; a root always does. And the account that pays the invoices that `owner` owns.
AccountId invoice_owner(const billing::State& state, AccountId account, Date date);
AccountId invoice_payer(const billing::State& state, AccountId owner, Date date);

Decision decide(const billing::State& state, const Open& command, const Context& context);
Decision decide(const billing::State& state, const Rename& command, const Context& context);
Decision decide(const billing::State& state, const ChangeTerms& command, const Context& context);
Decision decide(const billing::State& state, const ChangeContacts& command, const Context& context);
Decision decide(const billing::State& state, const Close& command, const Context& context);
Decision decide(const billing::State& state, const ChangeAddress& command, const Context& context);
Decision decide(const billing::State& state, const ChangeRole& command, const Context& context);
Decision decide(const billing::State& state, const Freeze& command, const Context& context);
Decision decide(const billing::State& state, const Unfreeze& command, const Context& context);
void evolve(billing::State& state, const Opened& event);
void evolve(billing::State& state, const Renamed& event);
void evolve(billing::State& state, const TermsChanged& event);
void evolve(billing::State& state, const ContactsChanged& event);
void evolve(billing::State& state, const Closed& event);
void evolve(billing::State& state, const AddressChanged& event);
void evolve(billing::State& state, const RoleChanged& event);
void evolve(billing::State& state, const Frozen& event);
void evolve(billing::State& state, const Unfrozen& event);

}  // namespace billing::account
