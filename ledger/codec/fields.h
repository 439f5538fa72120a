// The one list of what stands in a stored event: number, published name and member of every field, in the order of the
// numbers. Writing, reading and JSON are visitors of it; events/schema is the same list in Protobuf's language, and a
// test holds the two together. Personal data is in no list: it goes to the private part.
#pragma once

#include "ledger/codec/envelope.h"
#include "ledger/codec/fields_accounts.h"
#include "ledger/codec/fields_common.h"
#include "ledger/codec/fields_documents.h"
#include "ledger/codec/fields_payments.h"

namespace billing::codec {

// Every event: type, number in the envelope's `payload`, edition that it came with, published name, name of the
// payload's field.
#define BILLING_CODEC_EVENTS(X)                                                                                \
  X(customer::Created, 100, 1, "customer.Created", "customer_created")                                         \
  X(account::Opened, 120, 1, "account.Opened", "account_opened")                                               \
  X(account::Renamed, 121, 1, "account.Renamed", "account_renamed")                                            \
  X(account::TermsChanged, 122, 1, "account.TermsChanged", "account_terms_changed")                            \
  X(account::ContactsChanged, 123, 1, "account.ContactsChanged", "account_contacts_changed")                   \
  X(account::Closed, 124, 1, "account.Closed", "account_closed")                                               \
  X(account::AddressChanged, 125, 2, "account.AddressChanged", "account_address_changed")                      \
  X(account::RoleChanged, 126, 2, "account.RoleChanged", "account_role_changed")                               \
  X(account::Frozen, 127, 2, "account.Frozen", "account_frozen")                                               \
  X(account::Unfrozen, 128, 2, "account.Unfrozen", "account_unfrozen")                                         \
  X(hierarchy::Moved, 140, 1, "hierarchy.Moved", "hierarchy_moved")                                            \
  X(invoice::Drafted, 160, 1, "invoice.Drafted", "invoice_drafted")                                            \
  X(invoice::LinesAdded, 161, 1, "invoice.LinesAdded", "invoice_lines_added")                                  \
  X(invoice::Discarded, 162, 1, "invoice.Discarded", "invoice_discarded")                                      \
  X(invoice::Issued, 163, 1, "invoice.Issued", "invoice_issued")                                               \
  X(invoice::LinesReplaced, 164, 2, "invoice.LinesReplaced", "invoice_lines_replaced")                         \
  X(invoice::Voided, 165, 2, "invoice.Voided", "invoice_voided")                                               \
  X(invoice::WrittenOff, 166, 2, "invoice.WrittenOff", "invoice_written_off")                                  \
  X(invoice::Recovered, 167, 2, "invoice.Recovered", "invoice_recovered")                                      \
  X(credit_note::Issued, 180, 1, "credit_note.Issued", "credit_note_issued")                                   \
  X(payment::Recorded, 200, 1, "payment.Recorded", "payment_recorded")                                         \
  X(payment::Requested, 201, 2, "payment.Requested", "payment_requested")                                      \
  X(payment::Progressed, 202, 2, "payment.Progressed", "payment_progressed")                                   \
  X(payment::Succeeded, 203, 2, "payment.Succeeded", "payment_succeeded")                                      \
  X(payment::Reversed, 204, 2, "payment.Reversed", "payment_reversed")                                         \
  X(payment::Reallocated, 205, 2, "payment.Reallocated", "payment_reallocated")                                \
  X(payment::PaidOut, 206, 2, "payment.PaidOut", "payment_paid_out")                                           \
  X(refund::Requested, 207, 2, "payment.RefundRequested", "payment_refund_requested")                          \
  X(refund::Progressed, 208, 2, "payment.RefundProgressed", "payment_refund_progressed")                       \
  X(refund::Succeeded, 209, 2, "payment.RefundSucceeded", "payment_refund_succeeded")                          \
  X(refund::Settled, 210, 2, "payment.RefundSettled", "payment_refund_settled")                                \
  X(chargeback::Opened, 211, 2, "payment.ChargebackOpened", "payment_chargeback_opened")                       \
  X(chargeback::Won, 212, 2, "payment.ChargebackWon", "payment_chargeback_won")                                \
  X(chargeback::Lost, 213, 2, "payment.ChargebackLost", "payment_chargeback_lost")                             \
  X(chargeback::Returned, 214, 2, "payment.Returned", "payment_returned")                                      \
  X(payment::ExchangeDifferenceRecorded, 215, 3, "payment.ExchangeDifferenceRecorded",                         \
    "payment_exchange_difference_recorded")                                                                    \
  X(receivables::CreditApplied, 220, 1, "receivables.CreditApplied", "receivables_credit_applied")             \
  X(receivables::CreditHeld, 221, 2, "receivables.CreditHeld", "receivables_credit_held")                      \
  X(receivables::CreditTransferred, 222, 2, "receivables.CreditTransferred", "receivables_credit_transferred") \
  X(receivables::FollowUpDue, 223, 3, "receivables.FollowUpDue", "receivables_follow_up_due")                    \
  X(dispute::Opened, 240, 1, "dispute.Opened", "dispute_opened")                                               \
  X(dispute::Closed, 241, 1, "dispute.Closed", "dispute_closed")                                               \
  X(grouping::Created, 260, 1, "grouping.Created", "grouping_created")                                         \
  X(grouping::Renamed, 261, 1, "grouping.Renamed", "grouping_renamed")                                         \
  X(grouping::GroupAdded, 262, 1, "grouping.GroupAdded", "grouping_group_added")                               \
  X(grouping::GroupRenamed, 263, 1, "grouping.GroupRenamed", "grouping_group_renamed")                         \
  X(grouping::GroupNested, 264, 1, "grouping.GroupNested", "grouping_group_nested")                            \
  X(grouping::AccountsAdded, 265, 1, "grouping.AccountsAdded", "grouping_accounts_added")                      \
  X(grouping::AccountsRemoved, 266, 1, "grouping.AccountsRemoved", "grouping_accounts_removed")                \
  X(grouping::GroupDeleted, 267, 4, "grouping.GroupDeleted", "grouping_group_deleted")                         \
  X(grouping::Deleted, 268, 4, "grouping.Deleted", "grouping_deleted")                                         \
  X(user::Invited, 280, 1, "user.Invited", "user_invited")                                                     \
  X(user::Edited, 281, 1, "user.Edited", "user_edited")                                                        \
  X(user::RoleChanged, 282, 1, "user.RoleChanged", "user_role_changed")                                        \
  X(user::Suspended, 283, 1, "user.Suspended", "user_suspended")                                               \
  X(user::Reinstated, 284, 1, "user.Reinstated", "user_reinstated")                                            \
  X(books::PeriodClosing, 300, 2, "books.PeriodClosing", "books_period_closing")                               \
  X(books::RevenueReleased, 301, 2, "books.RevenueReleased", "books_revenue_released")                         \
  X(books::PeriodClosed, 302, 2, "books.PeriodClosed", "books_period_closed")                                  \
  X(deposit::Received, 320, 2, "deposit.Received", "deposit_received")                                         \
  X(deposit::Used, 321, 2, "deposit.Used", "deposit_used")                                                     \
  X(deposit::Returned, 322, 2, "deposit.Returned", "deposit_returned")                                         \
  X(plan::Agreed, 340, 2, "plan.Agreed", "plan_agreed")                                                        \
  X(plan::Cancelled, 341, 2, "plan.Cancelled", "plan_cancelled")                                               \
  X(method::Added, 360, 2, "method.Added", "method_added")                                                     \
  X(method::Removed, 361, 2, "method.Removed", "method_removed")                                               \
  X(method::AutopaySet, 362, 2, "method.AutopaySet", "method_autopay_set")                                     \
  X(method::AutopayCleared, 363, 2, "method.AutopayCleared", "method_autopay_cleared")                         \
  X(unbooked::Queued, 380, 2, "unbooked.Queued", "unbooked_queued")                                            \
  X(unbooked::Resolved, 381, 2, "unbooked.Resolved", "unbooked_resolved")

// Number, edition, published name and payload name of the event E.
template <class E>
struct EventOf;
#define X(event, field_number, edition, type_text, payload_text) \
  template <>                                                    \
  struct EventOf<event> {                                        \
    static constexpr std::uint32_t kNumber = field_number;       \
    static constexpr std::uint32_t kSince = edition;             \
    static constexpr std::string_view kType = type_text;         \
    static constexpr std::string_view kPayload = payload_text;   \
  };
BILLING_CODEC_EVENTS(X)
#undef X

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
