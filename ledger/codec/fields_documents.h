// Field lists (fields.h): invoices, credit notes, disputes, plans.
#pragma once

#include "ledger/codec/fields_common.h"

namespace billing::codec {

template <class V, Is<invoice::Header> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "purchase_order", e.purchase_order);
  v(4, "memo", e.memo);
  v(5, "external_id", e.external_id);
  v(6, "kind", since(2, e.kind, invoice::Kind::kAdHoc));
  v(7, "about", since(2, e.about));
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
template <class V, Is<invoice::LinesReplaced> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "first", e.first);
  v(3, "count", e.count);
  v(4, "lines", e.lines);
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
  v(15, "payer", since(2, e.payer));
  v(16, "account_name", since(2, e.account_name));
  v(17, "address_version", since(2, e.address_version));
  v(18, "computed_taxes", since(2, e.computed_taxes));
  v(19, "cycle", since(2, e.cycle));
}
template <class V, Is<invoice::Voided> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "credit_note", e.credit_note);
  v(4, "reason", e.reason);
  v(5, "on", e.on);
}
template <class V, Is<invoice::WrittenOff> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "reason", e.reason);
  v(4, "on", e.on);
  v(5, "posting_date", e.posting_date);
  v(6, "currency", e.currency);
  v(7, "amount", e.amount);
  v(8, "tax_relief", e.tax_relief);
  v(9, "allocations", e.allocations);
}
template <class V, Is<invoice::Recovered> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "on", e.on);
  v(4, "posting_date", e.posting_date);
  v(5, "currency", e.currency);
  v(6, "amount", e.amount);
  v(7, "allocations", e.allocations);
  v(8, "tax_relief", since(3, e.tax_relief));
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

template <class V, Is<dispute::Opened> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "invoice", e.invoice);
  v(3, "account", e.account);
  v(4, "amount", e.amount);
  v(5, "currency", e.currency);
  v(6, "reason", e.reason);
  v(7, "opened_on", e.opened_on);
  v(8, "lines", since(2, e.lines));
}
template <class V, Is<dispute::Closed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "invoice", e.invoice);
  v(3, "account", e.account);
  v(4, "outcome", e.outcome);
  v(5, "closed_on", e.closed_on);
}

template <class V, Is<plan::Instalment> E>
void fields(V& v, E& e) {
  v(1, "due", e.due);
  v(2, "amount", e.amount);
}
template <class V, Is<plan::Agreed> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "kind", e.kind);
  v(4, "amount", e.amount);
  v(5, "currency", e.currency);
  v(6, "instalments", e.instalments);
  v(7, "invoices", e.invoices);
  v(8, "note", e.note);
  v(9, "agreed_on", e.agreed_on);
}
template <class V, Is<plan::Cancelled> E>
void fields(V& v, E& e) {
  v(1, "id", e.id);
  v(2, "account", e.account);
  v(3, "reason", e.reason);
  v(4, "on", e.on);
}

}  // namespace billing::codec
