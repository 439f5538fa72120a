#include "projections/activity_view.h"

#include "projections/concerned.h"
#include "projections/invoices_view.h"
#include "projections/payments_view.h"

namespace billing::views {
namespace {

// Every account whose activity shows the event.
std::vector<AccountId> concerned(const codec::Envelope& event, Rows& rows) {
  std::vector<AccountId> accounts = concerned_accounts(event.event);
  if (!accounts.empty()) return accounts;
  if (event.stream.kind == StreamKind::kInvoice) {  // lines of a draft, or it was discarded
    const auto row = rows.load<InvoiceRow>(invoice_key(InvoiceId{event.stream.id}));
    if (row) accounts.push_back(row->account);
  }
  if (event.stream.kind == StreamKind::kPayment) {  // how it, or a refund or chargeback of it, goes on
    const auto row = rows.load<PaymentRow>(payment_key(event.stream.id));
    if (row) accounts.push_back(row->account);
  }
  return accounts;
}

}  // namespace

void activity::apply(const codec::Envelope& event, Rows& rows) {
  // Sorted by position alone: what was recorded last stands first.
  append_dated(rows, kActivityList, event.customer, concerned(event, rows), {Date{0}, event.position}, Uuid{});
}

Result<Page<Activity>> list_activity(const Source& source, const Scope& scope, Date today,
                                     const PageRequest& request) {
  const auto accept = [](Place, const Uuid&) -> Result<bool> { return true; };
  BILLING_TRY(entries, dated_page(source, kActivityList, scope, today, request, accept));
  Page<Activity> page{.items = {}, .next = std::move(entries.next)};
  for (const auto& [place, object] : entries.items) {
    BILLING_TRY(event, event_at(source, place.position));
    page.items.push_back(describe(event));
  }
  return page;
}

}  // namespace billing::views
