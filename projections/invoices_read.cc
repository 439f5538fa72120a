// What is read from the rows of invoices and disputes.
#include <algorithm>

#include "projections/accounts_view.h"
#include "projections/customers_view.h"
#include "projections/invoices_view.h"
#include "projections/standing_view.h"

namespace billing::views {
namespace {

constexpr DatedList kList{Table::kInvoiceOfAccount, Table::kInvoiceOfCustomer};

InvoiceStatus status_of(const InvoiceRow& row, Date today) {
  if (row.phase == invoice::Phase::kDraft) return InvoiceStatus::kDraft;
  if (row.phase == invoice::Phase::kDiscarded) return InvoiceStatus::kDiscarded;
  if (row.phase == invoice::Phase::kVoid) return InvoiceStatus::kVoid;
  if (row.open == 0) {
    if (row.written_off > 0) return InvoiceStatus::kWrittenOff;
    return row.total != 0 && row.credited == row.total ? InvoiceStatus::kCredited : InvoiceStatus::kPaid;
  }
  if (row.due_date < today) return InvoiceStatus::kOverdue;
  return row.open < row.total ? InvoiceStatus::kPartlyPaid : InvoiceStatus::kOpen;
}

bool passes(const InvoiceRow& row, std::optional<InvoiceStatus> wanted, Date today) {
  if (!wanted) return true;
  if (*wanted == InvoiceStatus::kOpen) return row.phase == invoice::Phase::kIssued && row.open != 0;
  return status_of(row, today) == *wanted;
}

Result<Invoice> present(const Source& source, InvoiceId id, InvoiceRow row, Date today) {
  BILLING_TRY(currency, currency_of(source, row.customer));
  if (row.phase == invoice::Phase::kDraft || row.phase == invoice::Phase::kDiscarded) {
    BILLING_TRY(account, find_account(source, row.account));
    row.account_name = account.name;
    row.document_date = row.listed_date;
  }
  return Invoice{.id = id,
                 .customer = row.customer,
                 .account = row.account,
                 .payer = row.payer,
                 .account_name = std::move(row.account_name),
                 .kind = row.kind,
                 .about = row.about,
                 .cycle = std::move(row.cycle),
                 .status = status_of(row, today),
                 .series = std::move(row.series),
                 .number = std::move(row.number),
                 .document_date = row.document_date,
                 .posting_date = row.posting_date,
                 .due_date = row.due_date,
                 .currency = currency,
                 .net = row.net,
                 .tax = row.tax,
                 .total = row.total,
                 .open = row.open,
                 .paid = row.paid,
                 .credited = row.credited,
                 .written_off = row.written_off,
                 .disputed = row.disputed,
                 .dispute = row.dispute,
                 .line_count = row.line_count,
                 .purchase_order = std::move(row.purchase_order),
                 .memo = std::move(row.memo),
                 .external_id = std::move(row.external_id),
                 .version = row.version,
                 .position = row.position};
}

Result<void> read_lines(const Source& source, Position position, std::vector<Line>& lines) {
  BILLING_TRY(event, event_at(source, position));
  const auto add = [&](const std::vector<Line>& more) { lines.insert(lines.end(), more.begin(), more.end()); };
  if (const auto* drafted = std::get_if<invoice::Drafted>(&event.event)) add(drafted->lines);
  if (const auto* added = std::get_if<invoice::LinesAdded>(&event.event)) add(added->lines);
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) add(issued->lines);
  if (const auto* replaced = std::get_if<invoice::LinesReplaced>(&event.event)) {
    const std::size_t first = std::min<std::size_t>(replaced->first, lines.size());
    const std::size_t last = std::min<std::size_t>(first + replaced->count, lines.size());
    const auto place = lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
                                   lines.begin() + static_cast<std::ptrdiff_t>(last));
    lines.insert(place, replaced->lines.begin(), replaced->lines.end());
  }
  return {};
}

// The taxes that the issue of a draft computed.
void fill_in_taxes(std::vector<Line>& lines, const std::vector<std::int64_t>& amounts) {
  auto amount = amounts.begin();
  for (Line& line : lines) {
    for (Tax& tax : line.taxes) {
      if (tax.computed && amount != amounts.end()) tax.amount = *amount++;
    }
  }
}

Result<void> read_applied(const Source& source, InvoiceId id, std::vector<AppliedCredit>& applied) {
  BILLING_TRY(positions, positions_under(source, Key(Table::kApplied).add(id)));
  for (const auto& [position, value] : positions) {
    BILLING_TRY(event, event_at(source, position));
    for (const AllocationChange& change : allocation_changes(event.event)) {
      for (const Allocation& allocation : *change.allocations) {
        if (allocation.invoice != id) continue;
        applied.push_back({.source = change.source,
                           .source_id = change.source_id,
                           .account = allocation.account,
                           .amount = -change.open_change(allocation),
                           .event = std::string(event_type(event.event)),
                           .posting_date = event.posting_date.value_or(event.recorded.date()),
                           .position = position});
      }
    }
  }
  return {};
}

Result<void> read_shares(const Source& source, const InvoiceRow& row, std::vector<InvoiceShare>& shares) {
  for (const ShareRow& share : row.shares) {
    BILLING_TRY(account, find_account(source, share.account));
    std::string name = std::move(account.name);
    if (row.phase == invoice::Phase::kIssued || row.phase == invoice::Phase::kVoid) {
      BILLING_TRY(then, name_at(source, share.account, row.position, std::move(name)));
      name = std::move(then);
    }
    shares.push_back({.account = share.account,
                      .account_number = std::move(account.number),
                      .account_name = std::move(name),
                      .net = share.net,
                      .tax = share.tax,
                      .total = share.total,
                      .open = share.open});
  }
  return {};
}

Result<void> read_linked(const Source& source, InvoiceId id, std::vector<LinkedInvoice>& linked) {
  BILLING_TRY(positions, positions_under(source, Key(Table::kLinkedInvoice).add(id)));
  for (const auto& [position, value] : positions) {
    if (value.size() != 16) return std::unexpected(unreadable_row(value));
    const InvoiceId other{Uuid::from_bytes(value)};
    BILLING_TRY(row, find_invoice(source, other));
    linked.push_back({other, std::move(row.number), row.kind});
  }
  return {};
}

Result<std::optional<Voiding>> read_voiding(const Source& source, const InvoiceRow& row) {
  if (row.voided == 0) return std::nullopt;
  BILLING_TRY(event, event_at(source, row.voided));
  const auto* voided = std::get_if<invoice::Voided>(&event.event);
  if (voided == nullptr) return std::unexpected(unreadable_row(row.number));
  Voiding voiding{.on = voided->on, .reason = voided->reason, .credit_note = std::nullopt};
  if (!voided->credit_note.nil()) voiding.credit_note = voided->credit_note;
  return voiding;
}

Result<std::optional<account::Personal>> read_address_of(const Source& source, const InvoiceRow& row) {
  if (row.address_version == 0) return std::nullopt;
  BILLING_TRY(address, read_address(source, row.account, row.address_version));
  if (!address) return std::nullopt;
  return std::move(address->personal);
}

}  // namespace

std::string_view status_text(InvoiceStatus status) {
  switch (status) {
    case InvoiceStatus::kDraft: return "draft";
    case InvoiceStatus::kOpen: return "open";
    case InvoiceStatus::kPartlyPaid: return "partly_paid";
    case InvoiceStatus::kOverdue: return "overdue";
    case InvoiceStatus::kPaid: return "paid";
    case InvoiceStatus::kCredited: return "credited";
    case InvoiceStatus::kDiscarded: return "discarded";
    case InvoiceStatus::kVoid: return "void";
    case InvoiceStatus::kWrittenOff: return "written_off";
  }
  return {};
}

Result<InvoiceStatus> parse_status(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(InvoiceStatus::kWrittenOff); ++i) {
    if (status_text(static_cast<InvoiceStatus>(i)) == text) return static_cast<InvoiceStatus>(i);
  }
  return refuse(Code::kInvalidParameter,
                "a status is draft, open, partly_paid, overdue, paid, credited, discarded, void or written_off",
                "/status");
}

Result<InvoiceRow> find_invoice(const Source& source, InvoiceId id) {
  BILLING_TRY(row, row_at<InvoiceRow>(source, invoice_key(id)));
  if (!row) return refuse(Code::kUnknownInvoice, "there is no invoice " + id.text());
  return std::move(*row);
}

Result<std::vector<std::pair<Position, std::string>>> positions_under(const Source& source, const Key& prefix) {
  std::vector<std::pair<Position, std::string>> positions;
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    positions.emplace_back(KeyReader(key, prefix.size()).u64(), value);
    return true;
  }));
  return positions;
}

Result<std::vector<Line>> read_invoice_lines(const Source& source, const InvoiceRow& row) {
  std::vector<Line> lines;
  for (const Position position : row.line_positions) BILLING_CHECK(read_lines(source, position, lines));
  if (row.phase == invoice::Phase::kDraft || row.phase == invoice::Phase::kDiscarded) return lines;
  BILLING_TRY(event, event_at(source, row.position));
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) fill_in_taxes(lines, issued->computed_taxes);
  return lines;
}

Result<Page<Invoice>> list_invoices(const Source& source, const Scope& scope, std::optional<InvoiceStatus> status,
                                    Date today, const PageRequest& request) {
  const auto accept = [&](Place, const Uuid& object) -> Result<bool> {
    if (!status) return true;
    BILLING_TRY(row, find_invoice(source, InvoiceId{object}));
    return passes(row, status, today);
  };
  BILLING_TRY(entries, dated_page(source, kList, scope, today, request, accept));
  Page<Invoice> page{.items = {}, .next = std::move(entries.next)};
  for (const auto& [place, object] : entries.items) {
    BILLING_TRY(found, read_invoice_head(source, InvoiceId{object}, today));
    page.items.push_back(std::move(found));
  }
  return page;
}

Result<Invoice> read_invoice_head(const Source& source, InvoiceId id, Date today) {
  BILLING_TRY(row, find_invoice(source, id));
  return present(source, id, std::move(row), today);
}

Result<InvoiceDetail> read_invoice(const Source& source, InvoiceId id, Date today) {
  BILLING_TRY(row, find_invoice(source, id));
  InvoiceDetail detail;
  BILLING_CHECK(read_shares(source, row, detail.shares));
  BILLING_TRY(lines, read_invoice_lines(source, row));
  detail.lines = std::move(lines);
  BILLING_CHECK(read_applied(source, id, detail.applied));
  BILLING_CHECK(read_linked(source, id, detail.linked));
  BILLING_TRY(voiding, read_voiding(source, row));
  detail.voided = std::move(voiding);
  BILLING_TRY(address, read_address_of(source, row));
  detail.address = std::move(address);
  BILLING_TRY(disputes, positions_under(source, Key(Table::kDisputeOfInvoice).add(id)));
  for (const auto& [position, value] : disputes) {
    if (value.size() != 16) return std::unexpected(unreadable_row(value));
    BILLING_TRY(found, read_dispute(source, DisputeId{Uuid::from_bytes(value)}));
    detail.disputes.push_back(std::move(found));
  }
  BILLING_TRY(head, present(source, id, std::move(row), today));
  detail.invoice = std::move(head);
  return detail;
}

Result<std::vector<Invoice>> read_invoices_by_number(const Source& source, CustomerId customer,
                                                     std::string_view number, Date today) {
  std::vector<InvoiceId> ids;
  const Key prefix = Key(Table::kInvoiceByNumber).add(customer).text(number);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    ids.push_back(KeyReader(key, prefix.size()).id<InvoiceId>());
    return ids.size() < kPageMax;
  }));
  std::vector<Invoice> found;
  for (const InvoiceId& id : ids) {
    BILLING_TRY(head, read_invoice_head(source, id, today));
    found.push_back(std::move(head));
  }
  return found;
}

Result<Dispute> read_dispute(const Source& source, DisputeId id) {
  BILLING_TRY(row, row_at<DisputeRow>(source, Key(Table::kDispute).add(id)));
  if (!row) return refuse(Code::kUnknownDispute, "there is no dispute " + id.text());
  BILLING_TRY(event, event_at(source, row->position));
  const auto* opened = std::get_if<dispute::Opened>(&event.event);
  if (opened == nullptr) return std::unexpected(unreadable_row(id.uuid.view()));
  return Dispute{.id = id,
                 .invoice = row->invoice,
                 .account = row->account,
                 .customer = row->customer,
                 .amount = row->amount,
                 .currency = opened->currency,
                 .reason = opened->reason,
                 .opened_on = opened->opened_on,
                 .closed_on = row->closed_on,
                 .outcome = row->outcome,
                 .version = row->version};
}

Result<Page<Dispute>> list_disputes(const Source& source, CustomerId customer, const PageRequest& request) {
  BILLING_TRY(known, find_customer(source, customer));
  Page<Dispute> page;
  BILLING_TRY(next, page_of(source, Key(Table::kDisputeOfCustomer).add(customer), request, true,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
                              if (value.size() != 16) return std::unexpected(unreadable_row(tail));
                              BILLING_TRY(found, read_dispute(source, DisputeId{Uuid::from_bytes(value)}));
                              page.items.push_back(std::move(found));
                              return true;
                            }));
  page.next = std::move(next);
  return page;
}

}  // namespace billing::views
