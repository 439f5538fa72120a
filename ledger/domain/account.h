// An account of a customer: head office, site, department. Opened, renamed, terms and contacts changed, closed.
#pragma once

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::account {

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
  // The receivables head: what the account has open as service account, and the credit it holds, in minor units.
  std::int64_t open = 0;
  std::int64_t unapplied = 0;
  std::uint32_t open_items = 0;     // invoices on which it has an open share
  std::uint32_t open_children = 0;  // child accounts that are not closed
};

// How a person is reached. Personal data: it is stored encrypted under the person's key and never published.
struct Personal {
  std::string name;
  std::string email;
  std::string phone;
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

Decision decide(const billing::State& state, const Open& command, const Context& context);
Decision decide(const billing::State& state, const Rename& command, const Context& context);
Decision decide(const billing::State& state, const ChangeTerms& command, const Context& context);
Decision decide(const billing::State& state, const ChangeContacts& command, const Context& context);
Decision decide(const billing::State& state, const Close& command, const Context& context);
void evolve(billing::State& state, const Opened& event);
void evolve(billing::State& state, const Renamed& event);
void evolve(billing::State& state, const TermsChanged& event);
void evolve(billing::State& state, const ContactsChanged& event);
void evolve(billing::State& state, const Closed& event);

}  // namespace billing::account
