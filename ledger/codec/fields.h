// The one list of what stands in a stored event: number, published name and member of every field, in the order of the
// numbers. Writing, reading and JSON are visitors of it; events/schema is the same list in Protobuf's language, and a
// test holds the two together. Personal data is in no list: it goes to the private part.
#pragma once

#include <concepts>
#include <type_traits>

#include "ledger/codec/envelope.h"

namespace billing::codec {

// Every event: type, number in the envelope's `payload`, published name, name of the payload's field.
#define BILLING_CODEC_EVENTS(X)                                                                        \
  X(customer::Created, 100, "customer.Created", "customer_created")                                    \
  X(account::Opened, 120, "account.Opened", "account_opened")                                          \
  X(account::Renamed, 121, "account.Renamed", "account_renamed")                                       \
  X(account::TermsChanged, 122, "account.TermsChanged", "account_terms_changed")                       \
  X(account::ContactsChanged, 123, "account.ContactsChanged", "account_contacts_changed")              \
  X(account::Closed, 124, "account.Closed", "account_closed")                                          \
  X(hierarchy::Moved, 140, "hierarchy.Moved", "hierarchy_moved")                                       \
  X(invoice::Drafted, 160, "invoice.Drafted", "invoice_drafted")                                       \
  X(invoice::LinesAdded, 161, "invoice.LinesAdded", "invoice_lines_added")                             \
  X(invoice::Discarded, 162, "invoice.Discarded", "invoice_discarded")                                 \
  X(invoice::Issued, 163, "invoice.Issued", "invoice_issued")                                          \
  X(credit_note::Issued, 180, "credit_note.Issued", "credit_note_issued")                              \
  X(payment::Recorded, 200, "payment.Recorded", "payment_recorded")                                    \
  X(receivables::CreditApplied, 220, "receivables.CreditApplied", "receivables_credit_applied")        \
  X(dispute::Opened, 240, "dispute.Opened", "dispute_opened")                                          \
  X(dispute::Closed, 241, "dispute.Closed", "dispute_closed")                                          \
  X(grouping::Created, 260, "grouping.Created", "grouping_created")                                    \
  X(grouping::Renamed, 261, "grouping.Renamed", "grouping_renamed")                                    \
  X(grouping::GroupAdded, 262, "grouping.GroupAdded", "grouping_group_added")                          \
  X(grouping::GroupRenamed, 263, "grouping.GroupRenamed", "grouping_group_renamed")                    \
  X(grouping::GroupNested, 264, "grouping.GroupNested", "grouping_group_nested")                       \
  X(grouping::AccountsAdded, 265, "grouping.AccountsAdded", "grouping_accounts_added")                 \
  X(grouping::AccountsRemoved, 266, "grouping.AccountsRemoved", "grouping_accounts_removed")           \
  X(user::Invited, 280, "user.Invited", "user_invited")                                                \
  X(user::Edited, 281, "user.Edited", "user_edited")                                                   \
  X(user::RoleChanged, 282, "user.RoleChanged", "user_role_changed")                                   \
  X(user::Suspended, 283, "user.Suspended", "user_suspended")                                          \
  X(user::Reinstated, 284, "user.Reinstated", "user_reinstated")

// Number, published name and payload name of the event E.
template <class E>
struct EventOf;
#define X(event, field_number, type_text, payload_text)        \
  template <>                                                  \
  struct EventOf<event> {                                      \
    static constexpr std::uint32_t kNumber = field_number;     \
    static constexpr std::string_view kType = type_text;       \
    static constexpr std::string_view kPayload = payload_text; \
  };
BILLING_CODEC_EVENTS(X)
#undef X

// The type or the const type: lists serve writers and readers alike.
template <class E, class T>
concept Is = std::same_as<std::remove_const_t<E>, T>;

template <class V, Is<Period> E>
void fields(V& v, E& e) {
  v(1, "from_date", e.from);
  v(2, "to_date", e.to);
}
template <class V, Is<Tax> E>
void fields(V& v, E& e) {
  v(1, "authority", e.authority);
  v(2, "code", e.code);
  v(3, "rate", e.rate);
  v(4, "basis", e.basis);
  v(5, "amount", e.amount);
  v(6, "exempt_reason", e.exempt_reason);
}
template <class V, Is<Line> E>
void fields(V& v, E& e) {
  v(1, "service_account", e.service_account);
  v(2, "description", e.description);
  v(3, "product_code", e.product_code);
  v(4, "revenue_code", e.revenue_code);
  v(5, "quantity", e.quantity);
  v(6, "unit_price", e.unit_price);
  v(7, "net", e.net);
  v(8, "service_period", e.service_period);
  v(9, "taxes", e.taxes);
  v(10, "credited_line", e.credited_line);
}
template <class V, Is<Share> E>
void fields(V& v, E& e) {
  v(1, "account", e.account);
  v(2, "amount", e.amount);
}
template <class V, Is<RevenueShare> E>
void fields(V& v, E& e) {
  v(1, "ledger", e.ledger);
  v(2, "amount", e.amount);
}
template <class V, Is<Allocation> E>
void fields(V& v, E& e) {
  v(1, "invoice", e.invoice);
  v(2, "account", e.account);
  v(3, "amount", e.amount);
}
template <class V, Is<Posting> E>
void fields(V& v, E& e) {
  v(1, "ledger", e.ledger);
  v(2, "amount", e.amount);
  v(3, "account", e.account);
  v(4, "item", e.item);
}

template <class V, Is<customer::Created> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "name", e.name);
  v(3, "currency", e.currency);
  v(4, "external_id", e.external_id);
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

template <class V, Is<hierarchy::Moved> E>
void fields(V& v, E& e) {
  v(1, "customer", e.customer);
  v(2, "account", e.account);
  v(3, "old_parent", e.old_parent);
  v(4, "new_parent", e.new_parent);
  v(5, "on", e.on);
}

template <class V, Is<invoice::Header> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "purchase_order", e.purchase_order);
  v(4, "memo", e.memo);
  v(5, "external_id", e.external_id);
}
template <class V, Is<invoice::Drafted> E>
void fields(V& v, E& e) {
  v(1, "header", e.header);
  v(2, "currency", e.currency);
  v(3, "lines", e.lines);
}
template <class V, Is<invoice::LinesAdded> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "lines", e.lines);
}
template <class V, Is<invoice::Discarded> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
}
template <class V, Is<invoice::Issued> E>
void fields(V& v, E& e) {
  v(1, "header", e.header);
  v(2, "series", e.series);
  v(3, "number", e.number);
  v(4, "document_date", e.document_date);
  v(5, "posting_date", e.posting_date);
  v(6, "due_date", e.due_date);
  v(7, "currency", e.currency);
  v(8, "net", e.net);
  v(9, "tax", e.tax);
  v(10, "total", e.total);
  v(11, "line_count", e.line_count);
  v(12, "lines", e.lines);
  v(13, "shares", e.shares);
  v(14, "revenue", e.revenue);
}

template <class V, Is<credit_note::Issued> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "invoice", e.invoice);
  v(4, "series", e.series);
  v(5, "number", e.number);
  v(6, "reason", e.reason);
  v(7, "external_id", e.external_id);
  v(8, "document_date", e.document_date);
  v(9, "posting_date", e.posting_date);
  v(10, "currency", e.currency);
  v(11, "net", e.net);
  v(12, "tax", e.tax);
  v(13, "total", e.total);
  v(14, "lines", e.lines);
  v(15, "revenue", e.revenue);
  v(16, "allocations", e.allocations);
  v(17, "unapplied", e.unapplied);
}

template <class V, Is<payment::Recorded> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "amount", e.amount);
  v(4, "currency", e.currency);
  v(5, "method", e.method);
  v(6, "reference", e.reference);
  v(7, "external_id", e.external_id);
  v(8, "received_on", e.received_on);
  v(9, "posting_date", e.posting_date);
  v(10, "allocations", e.allocations);
  v(11, "unapplied", e.unapplied);
}

template <class V, Is<receivables::CreditApplied> E>
void fields(V& v, E& e) {
  v(1, "account", e.account);
  v(2, "source", e.source);
  v(3, "source_id", e.source_id);
  v(4, "currency", e.currency);
  v(5, "posting_date", e.posting_date);
  v(6, "allocations", e.allocations);
}

template <class V, Is<dispute::Opened> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "invoice", e.invoice);
  v(3, "account", e.account);
  v(4, "amount", e.amount);
  v(5, "currency", e.currency);
  v(6, "reason", e.reason);
  v(7, "opened_on", e.opened_on);
}
template <class V, Is<dispute::Closed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "invoice", e.invoice);
  v(3, "account", e.account);
  v(4, "outcome", e.outcome);
  v(5, "closed_on", e.closed_on);
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

// The envelope without its payload. `type` and `schema_version` are not members of it: the event itself says its type.
template <class V, Is<Envelope> E, class Type, class Version>
void fields(V& v, E& e, Type& type, Version& schema_version) {
  v(1, "position", e.position);
  v(2, "stream_kind", e.stream.kind);
  v(3, "stream_id", e.stream.id);
  v(4, "version", e.version);
  v(5, "customer", e.customer);
  v(6, "customer_sequence", e.customer_sequence);
  v(7, "type", type);
  v(8, "schema_version", schema_version);
  v(9, "recorded", e.recorded);
  v(10, "document_date", e.document_date);
  v(11, "posting_date", e.posting_date);
  v(12, "actor", e.actor);
  v(13, "command_id", e.command_id);
  v(14, "index", e.index);
  v(15, "count", e.count);
  v(16, "currency", e.currency);
  v(17, "postings", e.postings);
}

// Calls visit(person, personal) for each natural person of the event, in the order of the event.
template <class E, class Visit>
void for_each_person(E& event, const Visit& visit) {
  if constexpr (requires { event.contacts; }) {
    for (auto& contact : event.contacts) visit(contact.person, contact.personal);
  } else if constexpr (requires { event.personal; }) {
    visit(event.person, event.personal);
  }
}

}  // namespace billing::codec
