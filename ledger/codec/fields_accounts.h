// Field lists (fields.h): customers, accounts and their tree, groupings, users.
#pragma once

#include "ledger/codec/fields_common.h"

namespace billing::codec {

template <class V, Is<customer::Created> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "name", e.name);
  v(3, "currency", e.currency);
  v(4, "external_id", e.external_id);
  v(5, "legal_entity", since(2, e.legal_entity));
}

template <class V, Is<account::Opened> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "customer", e.customer);
  v(3, "number", e.number);
  v(4, "name", e.name);
  v(5, "parent", e.parent);
  v(6, "opened_on", e.opened_on);
  v(7, "payment_terms_days", e.payment_terms_days);
  v(8, "bill_cycle_day", e.bill_cycle_day);
  v(9, "external_id", e.external_id);
  v(10, "role", since(2, e.role, account::InvoicingRole::kRolledUp));
}
template <class V, Is<account::Renamed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "old_name", e.old_name);
  v(3, "new_name", e.new_name);
  v(4, "reason", e.reason);
}
template <class V, Is<account::TermsChanged> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "old_payment_terms_days", e.old_payment_terms_days);
  v(3, "new_payment_terms_days", e.new_payment_terms_days);
  v(4, "old_bill_cycle_day", e.old_bill_cycle_day);
  v(5, "new_bill_cycle_day", e.new_bill_cycle_day);
}
template <class V, Is<account::Contact> E>
void fields(V& v, E& e) {
  v(1, "person", e.person);
  v(2, "role", e.role);
}
template <class V, Is<account::ContactsChanged> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "contacts", e.contacts);
}
template <class V, Is<account::Closed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "on", e.on);
}
template <class V, Is<account::AddressChanged> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "person", e.person);
}
template <class V, Is<account::RoleChanged> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "old_role", e.old_role);
  v(3, "new_role", e.new_role);
  v(4, "from_date", e.from);
}
template <class V, Is<account::Frozen> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "check", e.check);
  v(3, "detail", e.detail);
}
template <class V, Is<account::Unfrozen> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "reason", e.reason);
  v(3, "approved_by", e.approved_by);
}

template <class V, Is<hierarchy::Moved> E>
void fields(V& v, E& e) {
  v(1, "customer", e.customer);
  v(2, "account", e.account);
  v(3, "old_parent", e.old_parent);
  v(4, "new_parent", e.new_parent);
  v(5, "on", e.on);
}

template <class V, Is<grouping::Created> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "customer", e.customer);
  v(3, "name", e.name);
}
template <class V, Is<grouping::Renamed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "old_name", e.old_name);
  v(3, "new_name", e.new_name);
}
template <class V, Is<grouping::GroupAdded> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "group", e.group);
  v(3, "name", e.name);
  v(4, "parent", e.parent);
}
template <class V, Is<grouping::GroupRenamed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "group", e.group);
  v(3, "old_name", e.old_name);
  v(4, "new_name", e.new_name);
}
template <class V, Is<grouping::GroupNested> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "group", e.group);
  v(3, "old_parent", e.old_parent);
  v(4, "new_parent", e.new_parent);
}
template <class V, Is<grouping::AccountsAdded> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "group", e.group);
  v(3, "accounts", e.accounts);
  v(4, "with_subtree", e.with_subtree);
  v(5, "from_date", e.from);
}
template <class V, Is<grouping::AccountsRemoved> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "group", e.group);
  v(3, "accounts", e.accounts);
  v(4, "on", e.on);
}
template <class V, Is<grouping::GroupDeleted> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "group", e.group);
  v(3, "groups", e.groups);
}
template <class V, Is<grouping::Deleted> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
}

template <class V, Is<user::Invited> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "customer", e.customer);
  v(3, "person", e.person);
  v(4, "email_digest", e.email_digest);
  v(5, "role", e.role);
}
template <class V, Is<user::Edited> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "person", e.person);
  v(3, "old_email_digest", e.old_email_digest);
  v(4, "new_email_digest", e.new_email_digest);
}
template <class V, Is<user::RoleChanged> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "old_role", e.old_role);
  v(3, "new_role", e.new_role);
}
template <class V, Is<user::Suspended> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "reason", e.reason);
}
template <class V, Is<user::Reinstated> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
}

}  // namespace billing::codec
