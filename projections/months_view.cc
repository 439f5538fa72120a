#include "projections/months_view.h"

#include <algorithm>

#include "projections/invoices_view.h"
#include "projections/money_flow.h"
#include "projections/paid_change.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

constexpr std::int32_t kMonthsMax = 240;

struct MonthRow {
  Month sums;  // its `month` is in the key
  static void fields(auto& row, auto& archive) {
    auto& s = row.sums;
    archive(s.invoiced, s.invoiced_net, s.invoiced_tax, s.credited, s.credited_net, s.credited_tax, s.paid, s.written_off,
            s.invoices, s.credit_notes, s.payments);
  }
};

Key row_key(CustomerId customer, AccountId account, std::int32_t month) {
  return Key(Table::kMonth).add(customer).add(account).add(static_cast<std::uint16_t>(month));
}

void add_to(Month& sum, const Month& month) {
  sum.invoiced += month.invoiced;
  sum.invoiced_net += month.invoiced_net;
  sum.invoiced_tax += month.invoiced_tax;
  sum.credited += month.credited;
  sum.credited_net += month.credited_net;
  sum.credited_tax += month.credited_tax;
  sum.paid += month.paid;
  sum.written_off += month.written_off;
  sum.invoices += month.invoices;
  sum.credit_notes += month.credit_notes;
  sum.payments += month.payments;
}

void add(Rows& rows, CustomerId customer, AccountId account, Date date, const Month& difference) {
  const Key key = row_key(customer, account, date.month_index());
  MonthRow row = rows.load<MonthRow>(key).value_or(MonthRow{});
  add_to(row.sums, difference);
  rows.save(key, row);
}

void add_invoice(const codec::Envelope& event, const invoice::Issued& issued, Rows& rows) {
  // Net and tax by account are in the invoice's row: a draft's lines came earlier.
  const Key key = invoice_key(issued.header.id);
  const auto row = rows.load<InvoiceRow>(key);
  if (!row) return rows.damaged(key);
  bool counted = false;
  for (const ShareRow& share : row->shares) {
    const bool owner = share.account == issued.header.account;
    add(rows, event.customer, share.account, issued.document_date,
        {.invoiced = share.total, .invoiced_net = share.net, .invoiced_tax = share.tax, .invoices = owner ? 1U : 0U});
    counted = counted || owner;
  }
  if (!counted) add(rows, event.customer, issued.header.account, issued.document_date, {.invoices = 1});
}

void add_note(const codec::Envelope& event, const credit_note::Issued& note, Rows& rows) {
  add(rows, event.customer, note.account, note.document_date, {.credit_notes = 1});
  for (const Line& line : note.lines) {
    const std::int64_t tax = tax_of(line);
    add(rows, event.customer, line.service_account, note.document_date,
        {.credited = line.net + tax, .credited_net = line.net, .credited_tax = tax});
  }
}

void add_payment(const codec::Envelope& event, const PaidChange& paid, Rows& rows) {
  const bool came_in = std::holds_alternative<payment::Recorded>(event.event) ||
                       std::holds_alternative<payment::Succeeded>(event.event);
  add(rows, event.customer, paid.account, event.posting_date.value_or(event.recorded.date()),
      {.paid = paid.amount, .payments = came_in ? 1U : 0U});
}

// A write-off or its recovery, for each service account.
void add_written_off(const codec::Envelope& event, Rows& rows) {
  for (const AllocationChange& change : allocation_changes(event.event)) {
    if (change.source != AllocationSource::kWriteOff) continue;
    for (const Allocation& allocation : *change.allocations) {
      add(rows, event.customer, allocation.account, event.posting_date.value_or(event.recorded.date()),
          {.written_off = -change.open_change(allocation)});
    }
  }
}

}  // namespace

void months::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) return add_invoice(event, *issued, rows);
  if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) return add_note(event, *note, rows);
  if (const auto paid = paid_change(event.event)) return add_payment(event, *paid, rows);
  if (event.stream.kind == StreamKind::kInvoice) add_written_off(event, rows);
}

Result<std::vector<Month>> read_months(const Source& source, const Scope& scope, std::int32_t first, std::int32_t last,
                                       Date today) {
  if (first < 0 || last < first || last - first >= kMonthsMax || last > 0xFFFF) {
    return refuse(Code::kInvalidParameter, "ask for 1 to 240 months, the first one first");
  }
  std::vector<Month> months;
  for (std::int32_t month = first; month <= last; ++month) months.push_back({.month = month});
  BILLING_TRY(customer, customer_of(source, scope));
  std::optional<Error> error;
  const auto sum = [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<MonthRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    const std::int32_t month = KeyReader(key, 33).u16();
    if (month >= first && month <= last) add_to(months[static_cast<std::size_t>(month - first)], row->sums);
    return true;
  };
  if (scope.kind == ScopeKind::kCustomer) {
    const Key prefix = Key(Table::kMonth).add(customer);
    BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), sum));
  } else {
    BILLING_TRY(accounts, accounts_of(source, scope, today));
    for (const AccountId& account : accounts) {
      BILLING_CHECK(source.rows.scan(row_key(customer, account, first), row_key(customer, account, last).raw({"\0", 1}),
                                     sum));
      if (error) break;
    }
  }
  if (error) return std::unexpected(std::move(*error));
  return months;
}

}  // namespace billing::views
