// What is read from the rows of invoices and disputes.
#include <algorithm>

#include "projections/accounts_view.h"
#include "projections/customers_view.h"
#include "projections/invoices_view.h"
#include "projections/listing.h"
#include "projections/scopes.h"
#include "projections/standing_view.h"

namespace billing::views {
namespace {

constexpr DatedList kList{Table::kInvoiceOfAccount, Table::kInvoiceOfCustomer};
constexpr DatedList kOpenList{Table::kOpenInvoiceOfAccount, Table::kOpenInvoiceOfCustomer};

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

bool is_draft(const Invoice& invoice) {
  return invoice.status == InvoiceStatus::kDraft || invoice.status == InvoiceStatus::kDiscarded;
}

// The row as it was at the end of a day; nullopt when it was not there yet.
std::optional<InvoiceRow> as_of(InvoiceRow row, Date day) {
  using invoice::Phase;
  const bool ended = row.ended_on <= day;
  if (row.phase == Phase::kDraft || row.phase == Phase::kDiscarded) {
    if (row.listed_date > day) return std::nullopt;
    if (!ended) row.phase = Phase::kDraft;
    return row;
  }
  if (row.posting_date > day) return std::nullopt;
  if (row.phase == Phase::kVoid && !ended) row.phase = Phase::kIssued;
  for (const Reduction& later : row.reductions) {
    if (later.day <= day) continue;
    row.open += later.amount;
    reduced_by(row, later.source) -= later.amount;
  }
  row.dispute.reset();
  row.disputed = 0;
  for (const DisputedDays& disputed : row.disputes) {
    if (!disputed.days.covers(day)) continue;
    row.dispute = disputed.id;
    row.disputed = disputed.amount;
  }
  return row;
}

// Without the names of accounts but its own of the issue.
Invoice present(InvoiceId id, InvoiceRow row, Currency currency, Date today) {
  if (row.phase == invoice::Phase::kDraft || row.phase == invoice::Phase::kDiscarded) row.document_date = row.listed_date;
  return Invoice{.id = id,
                 .customer = row.customer,
                 .account = row.account,
                 .payer = row.payer,
                 .names = {.number = {}, .name = std::move(row.account_name), .name_now = {}},
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

Result<void> add_names(const Source& source, Invoice& invoice) {
  const Position named = is_draft(invoice) ? kNamedNow : invoice.position;
  std::string at_issue = std::move(invoice.names.name);
  BILLING_TRY(names, names_of(source, invoice.account, named));
  invoice.names = std::move(names);
  if (!is_draft(invoice)) invoice.names.name = std::move(at_issue);
  BILLING_TRY(payer, names_of(source, invoice.payer, named));
  invoice.payer_names = std::move(payer);
  return {};
}

Result<Invoice> present_named(const Source& source, InvoiceId id, InvoiceRow row, Date today) {
  BILLING_TRY(currency, currency_of(source, row.customer));
  Invoice invoice = present(id, std::move(row), currency, today);
  BILLING_CHECK(add_names(source, invoice));
  return invoice;
}

bool has_status(const Invoice& invoice, std::string_view wanted) {
  if (wanted == "open") return !is_draft(invoice) && invoice.status != InvoiceStatus::kVoid && invoice.open != 0;
  if (wanted == "disputed") return invoice.dispute.has_value();
  return status_text(invoice.status) == wanted;
}

// Whether only what has something open now can be wanted, so that its list is enough.
bool wants_open_only(const ListQuery& query) {
  static constexpr std::string_view kOpen[] = {"open", "partly_paid", "overdue"};
  return !query.as_of && !query.statuses.empty() && std::ranges::all_of(query.statuses, [](const std::string& status) {
    return std::ranges::find(kOpen, status) != std::end(kOpen);
  });
}

std::string key_of(const Invoice& invoice, SortBy sort) {
  switch (sort) {
    case SortBy::kDate: break;
    case SortBy::kNumber: return natural_key(invoice.number);
    case SortBy::kDueDate: return is_draft(invoice) ? std::string() : date_key(invoice.due_date);
    case SortBy::kAmount: return amount_key(invoice.total);
    case SortBy::kOpen: return amount_key(invoice.open);
    case SortBy::kAccountName: return natural_key(invoice.names.name);
  }
  return {};
}

Listed<Invoice> listed(const Source& source, const ListQuery& query, Currency currency, Accounts& accounts) {
  return {.list = wants_open_only(query) ? kOpenList : kList,
          .find = [&source, &query, &accounts, currency](const Uuid& object) -> Result<std::optional<Invoice>> {
            BILLING_TRY(row, find_invoice(source, InvoiceId{object}));
            std::optional<InvoiceRow> then = query.as_of ? as_of(std::move(row), *query.as_of) : std::move(row);
            if (!then) return std::nullopt;
            Invoice found = present(InvoiceId{object}, std::move(*then), currency, query.day());
            if (is_draft(found)) {
              BILLING_TRY(account, accounts.get(found.account));
              found.names.name = account->name;
            }
            return found;
          },
          .wanted = [&query, &accounts](const Invoice& one) -> Result<bool> {
            if (is_draft(one) && !(query.posting.all() && query.due.all())) return false;
            if (!query.posting.has(one.posting_date) || !query.due.has(one.due_date)) return false;
            const auto has = [&](const std::string& status) { return has_status(one, status); };
            if (!query.statuses.empty() && std::ranges::none_of(query.statuses, has)) return false;
            if (query.text.empty() || any_begins_with({one.number, one.purchase_order, one.names.name}, query.text)) return true;
            BILLING_TRY(account, accounts.get(one.account));
            return any_begins_with({account->number}, query.text);
          },
          .key = [&query](const Invoice& one) -> Result<std::string> { return key_of(one, query.sort); },
          .complete = [&source](Invoice& one) { return add_names(source, one); },
          .amounts = [](const Invoice& one) { return std::pair(one.total, one.open); }};
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
                           .posting_date = day_of(event),
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

Result<Page<Invoice>> list_invoices(const Source& source, const ListQuery& query) {
  BILLING_TRY(customer, customer_of(source, query.scope));
  BILLING_TRY(currency, currency_of(source, customer));
  Accounts accounts(source);
  return list_page(source, query, listed(source, query, currency, accounts));
}

Result<ListSums> sum_invoices(const Source& source, const ListQuery& query) {
  BILLING_TRY(customer, customer_of(source, query.scope));
  BILLING_TRY(currency, currency_of(source, customer));
  Accounts accounts(source);
  return list_sums(source, query, currency, listed(source, query, currency, accounts));
}

Result<Invoice> read_invoice_head(const Source& source, InvoiceId id, Date today) {
  BILLING_TRY(row, find_invoice(source, id));
  return present_named(source, id, std::move(row), today);
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
  BILLING_TRY(head, present_named(source, id, std::move(row), today));
  detail.invoice = std::move(head);
  return detail;
}

Result<std::vector<Invoice>> read_invoices_by_number(const Source& source, CustomerId customer,
                                                     std::string_view number, Date today,
                                                     const std::optional<Date>& day) {
  std::vector<InvoiceId> ids;
  const Key prefix = Key(Table::kInvoiceByNumber).add(customer).text(number);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    ids.push_back(KeyReader(key, prefix.size()).id<InvoiceId>());
    return ids.size() < kPageMax;
  }));
  std::vector<Invoice> found;
  for (const InvoiceId& id : ids) {
    BILLING_TRY(row, find_invoice(source, id));
    std::optional<InvoiceRow> then = day ? as_of(std::move(row), *day) : std::move(row);
    if (!then) continue;
    BILLING_TRY(head, present_named(source, id, std::move(*then), day.value_or(today)));
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
  BILLING_TRY(names, names_of(source, row->account, row->position));
  BILLING_TRY(invoice, find_invoice(source, row->invoice));
  return Dispute{.id = id,
                 .invoice = row->invoice,
                 .invoice_number = std::move(invoice.number),
                 .account = row->account,
                 .names = std::move(names),
                 .customer = row->customer,
                 .amount = row->amount,
                 .currency = opened->currency,
                 .reason = opened->reason,
                 .opened_on = opened->opened_on,
                 .closed_on = row->closed_on,
                 .outcome = row->outcome,
                 .version = row->version};
}

Result<Page<Dispute>> list_disputes(const Source& source, CustomerId customer, const std::optional<Date>& day,
                                    const PageRequest& request) {
  BILLING_TRY(known, find_customer(source, customer));
  Page<Dispute> page;
  BILLING_CHECK(page_of(source, Key(Table::kDisputeOfCustomer).add(customer), request, true, page,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
                              if (value.size() != 16) return std::unexpected(unreadable_row(tail));
                              BILLING_TRY(found, read_dispute(source, DisputeId{Uuid::from_bytes(value)}));
                              if (day && found.opened_on > *day) return false;
                              if (day && found.closed_on && *found.closed_on > *day) {
                                found.closed_on.reset();
                                found.outcome.reset();
                              }
                              page.items.push_back(std::move(found));
                              return true;
                            }, day));
  return page;
}

}  // namespace billing::views
