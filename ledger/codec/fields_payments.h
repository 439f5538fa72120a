// Field lists (fields.h): money that comes and goes, credit, the operator's books.
#pragma once

#include "ledger/codec/fields_common.h"

namespace billing::codec {

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
  v(12, "settled", since(2, e.settled));
  v(13, "unbooked", since(2, e.unbooked));
}
template <class V, Is<payment::Instruction> E>
void fields(V& v, E& e) {
  v(1, "invoice", e.invoice);
  v(2, "amount", e.amount);
  v(3, "account", e.account);
}
template <class V, Is<payment::Requested> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "amount", e.amount);
  v(4, "currency", e.currency);
  v(5, "method", e.method);
  v(6, "method_on_file", e.method_on_file);
  v(7, "reference", e.reference);
  v(8, "external_id", e.external_id);
  v(9, "requested_on", e.requested_on);
  v(10, "reserved", e.reserved);
}
template <class V, Is<payment::Progressed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "old_phase", e.old_phase);
  v(3, "new_phase", e.new_phase);
  v(4, "provider_reference", e.provider_reference);
  v(5, "reason", e.reason);
}
template <class V, Is<payment::Succeeded> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "amount", e.amount);
  v(4, "currency", e.currency);
  v(5, "method", e.method);
  v(6, "provider_reference", e.provider_reference);
  v(7, "received_on", e.received_on);
  v(8, "posting_date", e.posting_date);
  v(9, "allocations", e.allocations);
  v(10, "unapplied", e.unapplied);
  v(11, "settled", e.settled);
}
template <class V, Is<payment::Reversed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "method", e.method);
  v(4, "reason", e.reason);
  v(5, "on", e.on);
  v(6, "posting_date", e.posting_date);
  v(7, "currency", e.currency);
  v(8, "takeback", e.takeback);
  v(9, "unbooked", e.unbooked);
}
template <class V, Is<payment::Reallocated> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "on", e.on);
  v(4, "posting_date", e.posting_date);
  v(5, "currency", e.currency);
  v(6, "released", e.released);
  v(7, "allocations", e.allocations);
  v(8, "unapplied_change", e.unapplied_change);
}
template <class V, Is<payment::PaidOut> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "amount", e.amount);
  v(4, "fee", e.fee);
  v(5, "on", e.on);
  v(6, "posting_date", e.posting_date);
  v(7, "currency", e.currency);
  v(8, "reference", e.reference);
  v(9, "settled_in", e.settled_in);
}
template <class V, Is<payment::ExchangeDifferenceRecorded> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "amount", e.amount);
  v(4, "on", e.on);
  v(5, "posting_date", e.posting_date);
  v(6, "currency", e.currency);
  v(7, "reference", e.reference);
}

template <class V, Is<refund::Requested> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "refund", e.refund);
  v(3, "account", e.account);
  v(4, "amount", e.amount);
  v(5, "currency", e.currency);
  v(6, "with_adjustment", e.with_adjustment);
  v(7, "reason", e.reason);
  v(8, "requested_on", e.requested_on);
  v(9, "invoice", e.invoice);
  v(10, "adjustment_lines", e.adjustment_lines);
}
template <class V, Is<refund::Progressed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "refund", e.refund);
  v(3, "old_phase", e.old_phase);
  v(4, "new_phase", e.new_phase);
  v(5, "provider_reference", e.provider_reference);
  v(6, "reason", e.reason);
}
template <class V, Is<refund::Succeeded> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "refund", e.refund);
  v(3, "account", e.account);
  v(4, "provider_reference", e.provider_reference);
  v(5, "on", e.on);
  v(6, "posting_date", e.posting_date);
  v(7, "currency", e.currency);
  v(8, "takeback", e.takeback);
  v(9, "credit_note", e.credit_note);
}
template <class V, Is<refund::Settled> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "refund", e.refund);
  v(3, "account", e.account);
  v(4, "amount", e.amount);
  v(5, "netted", e.netted);
  v(6, "on", e.on);
  v(7, "posting_date", e.posting_date);
  v(8, "currency", e.currency);
  v(9, "settled", e.settled);
}

template <class V, Is<chargeback::Opened> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "chargeback", e.chargeback);
  v(3, "account", e.account);
  v(4, "method", e.method);
  v(5, "code", e.code);
  v(6, "reference", e.reference);
  v(7, "on", e.on);
  v(8, "posting_date", e.posting_date);
  v(9, "currency", e.currency);
  v(10, "takeback", e.takeback);
}
template <class V, Is<chargeback::Won> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "chargeback", e.chargeback);
  v(3, "account", e.account);
  v(4, "method", e.method);
  v(5, "on", e.on);
  v(6, "posting_date", e.posting_date);
  v(7, "currency", e.currency);
  v(8, "amount", e.amount);
  v(9, "allocations", e.allocations);
  v(10, "unapplied", e.unapplied);
  v(11, "settled", e.settled);
}
template <class V, Is<chargeback::Lost> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "chargeback", e.chargeback);
  v(3, "on", e.on);
}
template <class V, Is<chargeback::Returned> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "return_id", e.return_id);
  v(3, "account", e.account);
  v(4, "method", e.method);
  v(5, "code", e.code);
  v(6, "reference", e.reference);
  v(7, "on", e.on);
  v(8, "posting_date", e.posting_date);
  v(9, "currency", e.currency);
  v(10, "takeback", e.takeback);
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
template <class V, Is<receivables::CreditHeld> E>
void fields(V& v, E& e) {
  v(1, "account", e.account);
  v(2, "source", e.source);
  v(3, "source_id", e.source_id);
  v(4, "held", e.held);
  v(5, "reason", e.reason);
}
template <class V, Is<receivables::CreditTransferred> E>
void fields(V& v, E& e) {
  v(1, "from_account", e.from_account);
  v(2, "to_account", e.to_account);
  v(3, "currency", e.currency);
  v(4, "on", e.on);
  v(5, "posting_date", e.posting_date);
  v(6, "amount", e.amount);
  v(7, "parts", e.parts);
  v(8, "reason", e.reason);
}

template <class V, Is<receivables::FollowUpDue> E>
void fields(V& v, E& e) {
  v(1, "account", e.account);
  v(2, "due", e.due);
  v(3, "on", e.on);
  v(4, "posting_date", e.posting_date);
}

template <class V, Is<books::Release> E>
void fields(V& v, E& e) {
  v(1, "invoice", e.invoice);
  v(2, "line", e.line);
  v(3, "revenue_code", e.revenue_code);
  v(4, "amount", e.amount);
}
template <class V, Is<books::PeriodClosing> E>
void fields(V& v, E& e) {
  v(1, "period", Month{e.period});
}
template <class V, Is<books::RevenueReleased> E>
void fields(V& v, E& e) {
  v(1, "customer", e.customer);
  v(2, "period", Month{e.period});
  v(3, "posting_date", e.posting_date);
  v(4, "currency", e.currency);
  v(5, "lines", e.lines);
}
template <class V, Is<books::PeriodClosed> E>
void fields(V& v, E& e) {
  v(1, "period", Month{e.period});
}

template <class V, Is<deposit::Received> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "amount", e.amount);
  v(4, "currency", e.currency);
  v(5, "method", e.method);
  v(6, "reference", e.reference);
  v(7, "received_on", e.received_on);
  v(8, "posting_date", e.posting_date);
}
template <class V, Is<deposit::Used> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "currency", e.currency);
  v(4, "on", e.on);
  v(5, "posting_date", e.posting_date);
  v(6, "amount", e.amount);
  v(7, "allocations", e.allocations);
}
template <class V, Is<deposit::Returned> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "currency", e.currency);
  v(4, "on", e.on);
  v(5, "posting_date", e.posting_date);
  v(6, "amount", e.amount);
  v(7, "reference", e.reference);
}

template <class V, Is<method::Added> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "kind", e.kind);
  v(4, "token", e.token);
  v(5, "brand", e.brand);
  v(6, "last_four", e.last_four);
  v(7, "expires", Month{e.expires});
}
template <class V, Is<method::Removed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
}
template <class V, Is<method::AutopaySet> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "days_before_due", e.days_before_due);
  v(4, "at_most", e.at_most);
  v(5, "currency", e.currency);
}
template <class V, Is<method::AutopayCleared> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
}

template <class V, Is<unbooked::Queued> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "customer", e.customer);
  v(3, "kind", e.kind);
  v(4, "reason", e.reason);
  v(5, "detail", e.detail);
  v(6, "reported_object", e.reported_object);
  v(7, "amount", e.amount);
  v(8, "currency", e.currency);
  v(9, "method", e.method);
  v(10, "reference", e.reference);
  v(11, "on", e.on);
  v(12, "posting_date", e.posting_date);
  v(13, "settled", since(4, e.settled));
}
template <class V, Is<unbooked::Resolved> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "how", e.how);
}

}  // namespace billing::codec
