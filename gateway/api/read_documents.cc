// Invoices, credit notes, payments and disputes; and what happened lately.
#include "gateway/api/list_params.h"
#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

Read read_invoices(Query& query) {
  const ListParams params = list_params(query, kInvoiceTable);
  const auto number = query.text("number").transform([](auto text) { return std::string(text); });
  const auto& asked = params.query;
  const bool filtered = asked.binding() != views::ListQuery{.scope = asked.scope, .as_of = asked.as_of}.binding();
  if (number && (asked.scope.kind != views::ScopeKind::kCustomer || filtered || params.totals))
    query.refuse_with(Code::kInvalidParameter, "number goes with customer and as_of only.");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_TRY(customer, look.customer_of(params.query.scope));
    const views::ListQuery list = params.at(look);
    if (!number) {
      return list_response<views::Invoice>(
          params, kInvoiceTable, list, [&](const auto& one) { return look.views->invoices(one); },
          [&](const auto& one) { return look.views->invoice_sums(one); });
    }
    views::Page<views::Invoice> found;
    BILLING_TRY(invoices, look.views->invoices_by_number(customer, *number, look.today, list.as_of));
    if (list.page.cursor.empty()) found.items = std::move(invoices);
    return json_response(page_text(found));
  };
}

Read read_invoice(Query& query) {
  const auto id = query.path_id<InvoiceId>("invoice_id");
  const auto as_of = query.date("as_of");
  return [id, as_of](const Look& look) -> Result<http::Response> {
    BILLING_TRY(detail, look.views->invoice(id, as_of.value_or(look.today)));
    BILLING_CHECK(look.may_see(detail.invoice.customer, Code::kUnknownInvoice));
    return json_response(object_json(detail), detail.invoice.version);
  };
}

Read read_credit_notes(Query& query) {
  const ListParams params = list_params(query, kCreditNoteTable);
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(params.query.scope));
    return list_response<views::CreditNote>(
        params, kCreditNoteTable, params.at(look), [&](const auto& one) { return look.views->credit_notes(one); },
        [&](const auto& one) { return look.views->credit_note_sums(one); });
  };
}

Read read_credit_note(Query& query) {
  const auto id = query.path_id<CreditNoteId>("credit_note_id");
  return [id](const Look& look) -> Result<http::Response> {
    BILLING_TRY(detail, look.views->credit_note(id));
    BILLING_CHECK(look.may_see(detail.credit_note.customer, Code::kUnknownCreditNote));
    return json_response(object_json(detail), detail.credit_note.version);
  };
}

Read read_payments(Query& query) {
  const ListParams params = list_params(query, kPaymentTable);
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(params.query.scope));
    return list_response<views::Payment>(
        params, kPaymentTable, params.at(look), [&](const auto& one) { return look.views->payments(one); },
        [&](const auto& one) { return look.views->payment_sums(one); });
  };
}

Read read_payment(Query& query) {
  const auto id = query.path_id<PaymentId>("payment_id");
  return [id](const Look& look) -> Result<http::Response> {
    BILLING_TRY(detail, look.views->payment(id));
    BILLING_CHECK(look.may_see(detail.payment.customer, Code::kUnknownPayment));
    return json_response(object_json(detail), detail.payment.version);
  };
}

Read read_disputes(Query& query) {
  const auto customer = query.id<CustomerId>("customer");
  const auto as_of = query.date("as_of");
  const auto page = query.page();
  if (!customer) query.refuse_with(Code::kInvalidParameter, "customer is required.");
  return [customer, as_of, page](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(views::Scope::whole(*customer)));
    BILLING_TRY(disputes, look.views->disputes(*customer, page, as_of));
    return json_response(page_text(disputes));
  };
}

Read read_dispute(Query& query) {
  const auto id = query.path_id<DisputeId>("dispute_id");
  return [id](const Look& look) -> Result<http::Response> {
    BILLING_TRY(dispute, look.views->dispute(id));
    BILLING_CHECK(look.may_see(dispute.customer, Code::kUnknownDispute));
    return json_response(object_json(dispute), dispute.version);
  };
}

Read read_activity(Query& query) {
  const auto scope = query.scope();
  const auto page = query.page();
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(scope));
    BILLING_TRY(activity, look.views->activity(scope, look.today, page));
    return json_response(page_text(activity));
  };
}

}  // namespace

void add_document_reads(ReadRoutes& routes) {
  routes.add("/v1/invoices", read_invoices);
  routes.add("/v1/invoices/{invoice_id}", read_invoice);
  routes.add("/v1/credit-notes", read_credit_notes);
  routes.add("/v1/credit-notes/{credit_note_id}", read_credit_note);
  routes.add("/v1/payments", read_payments);
  routes.add("/v1/payments/{payment_id}", read_payment);
  routes.add("/v1/disputes", read_disputes);
  routes.add("/v1/disputes/{dispute_id}", read_dispute);
}

void add_activity_read(ReadRoutes& routes) { routes.add("/v1/activity", read_activity); }

}  // namespace billing::api
