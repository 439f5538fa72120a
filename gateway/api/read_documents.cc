// Invoices, credit notes, payments and disputes; and what happened lately.
#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

Read read_invoices(Query& query) {
  const auto scope = query.scope();
  const auto as_of = query.date("as_of");
  const auto page = query.page();
  std::optional<views::InvoiceStatus> status;
  if (const auto text = query.text("status")) {
    const auto parsed = views::parse_status(*text);
    if (parsed) status = *parsed;
    else query.refuse_with(parsed.error().code, parsed.error().detail);
  }
  const auto number = query.text("number").transform([](auto text) { return std::string(text); });
  if (number && (scope.kind != views::ScopeKind::kCustomer || status))
    query.refuse_with(Code::kInvalidParameter, "number goes with customer only.");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_TRY(customer, look.customer_of(scope));
    const Date today = as_of.value_or(look.today);
    if (!number) {
      BILLING_TRY(invoices, look.views->invoices(scope, status, today, page));
      return json_response(page_text(invoices));
    }
    views::Page<views::Invoice> found;
    BILLING_TRY(invoices, look.views->invoices_by_number(customer, *number, today));
    if (page.cursor.empty()) found.items = std::move(invoices);
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
  const auto scope = query.scope();
  const auto page = query.page();
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(scope));
    BILLING_TRY(notes, look.views->credit_notes(scope, look.today, page));
    return json_response(page_text(notes));
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
  const auto scope = query.scope();
  const auto page = query.page();
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(scope));
    BILLING_TRY(payments, look.views->payments(scope, look.today, page));
    return json_response(page_text(payments));
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
  const auto page = query.page();
  if (!customer) query.refuse_with(Code::kInvalidParameter, "customer is required.");
  return [customer, page](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(views::Scope::whole(*customer)));
    BILLING_TRY(disputes, look.views->disputes(*customer, page));
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
