// How events change the rows of invoices; what is read from them is in invoices_read.cc.
#include "projections/invoices_view.h"

#include <algorithm>
#include <map>

#include "projections/accounts_view.h"
#include "projections/draft_lines.h"
#include "projections/money_flow.h"
#include "projections/owed_view.h"
#include "projections/payers_view.h"
#include "projections/plans_view.h"

namespace billing::views {
namespace {

constexpr DatedList kList{Table::kInvoiceOfAccount, Table::kInvoiceOfCustomer};
constexpr DatedList kOpenList{Table::kOpenInvoiceOfAccount, Table::kOpenInvoiceOfCustomer};

// Of an invoice that is issued at once: what stands on its lines.
void add_lines(InvoiceRow& row, const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    ShareRow& share = share_of(row, line.service_account);
    share.net += line.net;
    share.tax += tax_of(line);
  }
}

// The owner, the payer and every service account, each once.
std::vector<AccountId> concerned(const InvoiceRow& row) {
  std::vector<AccountId> accounts{row.account};
  const auto add = [&](AccountId account) {
    if (std::ranges::find(accounts, account) == accounts.end()) accounts.push_back(account);
  };
  add(row.payer);
  for (const ShareRow& share : row.shares) add(share.account);
  return accounts;
}

void enter(Rows& rows, InvoiceRow& row, Date date, Position position, InvoiceId id) {
  row.listed_date = date;
  row.listed_position = position;
  append_dated(rows, kList, row.customer, concerned(row), {date, position}, id.uuid);
}

// Enters the invoice in the list of those that have something open, or takes it out.
void list_open(Rows& rows, const InvoiceRow& row, InvoiceId id, bool was_open) {
  if (was_open == (row.open != 0)) return;
  const Place place{row.listed_date, row.listed_position};
  if (was_open) return drop_dated(rows, kOpenList, row.customer, concerned(row), place);
  append_dated(rows, kOpenList, row.customer, concerned(row), place, id.uuid);
}

void take_header(InvoiceRow& row, const invoice::Header& header) {
  row.account = header.account;
  row.payer = header.account;
  row.kind = header.kind;
  row.about = header.about;
  row.purchase_order = header.purchase_order;
  row.memo = header.memo;
  row.external_id = header.external_id;
}

void draft(const codec::Envelope& event, const invoice::Drafted& drafted, Rows& rows) {
  InvoiceRow row{.customer = event.customer, .version = event.version, .position = event.position};
  take_header(row, drafted.header);
  if (!drafted.lines.empty()) row.line_positions.push_back(event.position);
  draft_lines::add(row, drafted.header.id, drafted.lines, rows);
  enter(rows, row, day_of(event), event.position, drafted.header.id);
  rows.save_new(invoice_key(drafted.header.id), row);
}

// Changes the lines of a draft by `change(row)`.
void edit_draft(const codec::Envelope& event, InvoiceId id, Rows& rows, auto&& change) {
  const Key key = invoice_key(id);
  auto row = rows.load<InvoiceRow>(key);
  if (!row) return rows.damaged(key);
  const Place place{row->listed_date, row->listed_position};
  drop_dated(rows, kList, row->customer, concerned(*row), place);
  row->version = event.version;
  row->line_positions.push_back(event.position);
  change(*row);
  enter(rows, *row, place.date, place.position, id);
  rows.save(key, *row);
}

// Where a debit note or late fee is found from the invoice that it came out of.
void link(const codec::Envelope& event, const invoice::Issued& issued, Rows& rows) {
  const std::string id(issued.header.id.uuid.view());
  if (issued.header.about) rows.append(Key(Table::kLinkedInvoice).add(*issued.header.about).add(event.position), id);
  for (const Line& line : issued.lines) {
    if (line.late_fee_for) rows.append(Key(Table::kLinkedInvoice).add(*line.late_fee_for).add(event.position), id);
  }
}

void take_issue(const codec::Envelope& event, const invoice::Issued& issued, InvoiceRow& row, Rows& rows) {
  row.payer = issued.payer.nil() ? issued.header.account : issued.payer;
  row.account_name = issued.account_name;
  if (row.account_name.empty()) {
    if (const auto account = rows.load<AccountRow>(account_key(row.account))) row.account_name = account->name;
  }
  row.phase = invoice::Phase::kIssued;
  row.cycle = issued.cycle;
  row.series = issued.series;
  row.number = issued.number;
  row.document_date = issued.document_date;
  row.posting_date = issued.posting_date;
  row.due_date = issued.due_date;
  row.net = issued.net;
  row.tax = issued.tax;
  row.total = issued.total;
  row.open = issued.total;
  row.line_count = issued.line_count;
  row.address_version = issued.address_version;
  row.version = event.version;
  row.position = event.position;
  for (const Share& share : issued.shares) {
    ShareRow& own = share_of(row, share.account);
    own.total = share.amount;
    own.open = share.amount;
  }
}

void issue(const codec::Envelope& event, const invoice::Issued& issued, Rows& rows, FigureChanges& figures) {
  const Key key = invoice_key(issued.header.id);
  const bool drafted = event.version > 1;  // an invoice of its own stream: a draft was first
  InvoiceRow row{.customer = event.customer};
  if (drafted) {
    auto before = rows.load<InvoiceRow>(key);
    if (!before) return rows.damaged(key);
    row = std::move(*before);
    drop_dated(rows, kList, row.customer, concerned(row), {row.listed_date, row.listed_position});
    draft_lines::finish(row, issued.header.id, &issued, rows);
  }
  take_header(row, issued.header);
  if (!issued.lines.empty()) row.line_positions.push_back(event.position);
  add_lines(row, issued.lines);
  take_issue(event, issued, row, rows);
  link(event, issued, rows);
  enter(rows, row, row.document_date, event.position, issued.header.id);
  list_open(rows, row, issued.header.id, false);
  rows.append(Key(Table::kInvoiceByNumber).add(row.customer).text(row.number).add(issued.header.id), {});
  payers::issue(rows, issued.header.id, row);
  owed::change(rows, figures, issued.header.id, row, row.open, issued.posting_date);
  if (drafted) {
    rows.save(key, row);
  } else {
    rows.save_new(key, row);
  }
}

void discard(const codec::Envelope& event, const invoice::Discarded& discarded, Rows& rows) {
  const Key key = invoice_key(discarded.id);
  auto row = rows.load<InvoiceRow>(key);
  if (!row) return rows.damaged(key);
  draft_lines::finish(*row, discarded.id, nullptr, rows);
  row->phase = invoice::Phase::kDiscarded;
  row->ended_on = day_of(event);
  row->version = event.version;
  rows.save(key, *row);
}

void make_void(const codec::Envelope& event, const invoice::Voided& voided, Rows& rows) {
  const Key key = invoice_key(voided.id);
  auto row = rows.load<InvoiceRow>(key);
  if (!row) return rows.damaged(key);
  row->phase = invoice::Phase::kVoid;
  row->voided = event.position;
  row->ended_on = voided.on;
  row->version = event.version;
  rows.save(key, *row);
}

void note_reduction(InvoiceRow& row, Date day, AllocationSource source, std::int64_t amount) {
  const auto found = std::ranges::find_if(
      row.reductions, [&](const Reduction& one) { return one.day == day && one.source == source; });
  if (found != row.reductions.end()) {
    found->amount += amount;
  } else {
    row.reductions.push_back({day, source, amount});
  }
}

// What the event puts on one invoice, or takes off it.
struct OnInvoice {
  const AllocationChange* change;
  const Allocation* allocation;
};

void change_invoice(const codec::Envelope& event, InvoiceId id, const std::vector<OnInvoice>& changes, Rows& rows,
                    FigureChanges& figures) {
  const Key key = invoice_key(id);
  auto row = rows.load<InvoiceRow>(key);
  if (!row) return rows.damaged(key);
  const std::int64_t before = row->open, paid_before = row->paid;
  for (const auto& [change, allocation] : changes) {
    const std::int64_t amount = change->open_change(*allocation);
    share_of(*row, allocation->account).open += amount;
    row->open += amount;
    reduced_by(*row, change->source) -= amount;
    note_reduction(*row, day_of(event), change->source, -amount);
  }
  if (event.stream == StreamId{StreamKind::kInvoice, id.uuid}) row->version = event.version;
  const Date day = day_of(event);
  owed::change(rows, figures, id, *row, row->open - before, day);
  plans::pay_invoice(rows, id, row->payer, row->position, row->paid - paid_before, day);
  list_open(rows, *row, id, before != 0);
  rows.save(key, *row);
  rows.append(Key(Table::kApplied).add(id).add(event.position), {});
}

void change_invoices(const codec::Envelope& event, Rows& rows, FigureChanges& figures) {
  const auto changes = allocation_changes(event.event);
  std::map<InvoiceId, std::vector<OnInvoice>> by_invoice;
  for (const AllocationChange& change : changes) {
    for (const Allocation& allocation : *change.allocations) by_invoice[allocation.invoice].push_back({&change, &allocation});
  }
  for (const auto& [id, of_invoice] : by_invoice) change_invoice(event, id, of_invoice, rows, figures);
}

// Where the release of its revenue is found from an invoice.
void release(const codec::Envelope& event, const books::RevenueReleased& released, Rows& rows) {
  for (const books::Release& line : released.lines) {
    rows.append(Key(Table::kReleaseOfInvoice).add(line.invoice).add(event.position), {});
  }
}

void open_dispute(const codec::Envelope& event, const dispute::Opened& opened, Rows& rows, FigureChanges& figures) {
  rows.save_new(Key(Table::kDispute).add(opened.id), DisputeRow{.invoice = opened.invoice,
                                                                .account = opened.account,
                                                                .customer = event.customer,
                                                                .amount = opened.amount,
                                                                .position = event.position,
                                                                .closed_on = std::nullopt,
                                                                .outcome = std::nullopt,
                                                                .version = event.version});
  rows.append(Key(Table::kDisputeOfCustomer).add(event.customer).add(event.position),
              std::string(opened.id.uuid.view()));
  rows.append(Key(Table::kDisputeOfInvoice).add(opened.invoice).add(event.position),
              std::string(opened.id.uuid.view()));
  const Key key = invoice_key(opened.invoice);
  auto row = rows.load<InvoiceRow>(key);
  if (!row) return rows.damaged(key);
  owed::open_dispute(rows, figures, opened.invoice, *row, opened.amount, opened.opened_on);
  row->disputed = opened.amount;
  row->dispute = opened.id;
  row->was_disputed = true;
  row->disputes.push_back({opened.id, Days{opened.opened_on, std::nullopt}, opened.amount});
  rows.save(key, *row);
}

void close_dispute(const codec::Envelope& event, const dispute::Closed& closed, Rows& rows, FigureChanges& figures) {
  const Key key = Key(Table::kDispute).add(closed.id);
  auto row = rows.load<DisputeRow>(key);
  if (!row) return rows.damaged(key);
  row->closed_on = closed.closed_on;
  row->outcome = closed.outcome;
  row->version = event.version;
  rows.save(key, *row);
  const Key of_invoice = invoice_key(closed.invoice);
  auto disputed = rows.load<InvoiceRow>(of_invoice);
  if (!disputed) return rows.damaged(of_invoice);
  owed::close_dispute(rows, figures, closed.invoice, *disputed, closed.closed_on);
  const auto days = std::ranges::find(disputed->disputes, closed.id, &DisputedDays::id);
  if (days == disputed->disputes.end()) return rows.damaged(of_invoice);
  days->days.until = closed.closed_on;
  disputed->disputed = 0;
  disputed->dispute.reset();
  rows.save(of_invoice, *disputed);
}

}  // namespace

std::int64_t& reduced_by(InvoiceRow& row, AllocationSource source) {
  switch (source) {
    case AllocationSource::kCreditNote: return row.credited;
    case AllocationSource::kWriteOff: return row.written_off;
    case AllocationSource::kPayment:
    case AllocationSource::kDeposit: break;
  }
  return row.paid;
}

ShareRow& share_of(InvoiceRow& row, AccountId account) {
  const auto found = std::ranges::find(row.shares, account, &ShareRow::account);
  if (found != row.shares.end()) return *found;
  return row.shares.emplace_back(ShareRow{.account = account});
}

void invoices::apply(const codec::Envelope& event, Rows& rows, FigureChanges& figures) {
  if (const auto* drafted = std::get_if<invoice::Drafted>(&event.event)) return draft(event, *drafted, rows);
  if (const auto* added = std::get_if<invoice::LinesAdded>(&event.event)) {
    return edit_draft(event, added->id, rows,
                      [&](InvoiceRow& row) { draft_lines::add(row, added->id, added->lines, rows); });
  }
  if (const auto* replaced = std::get_if<invoice::LinesReplaced>(&event.event)) {
    return edit_draft(event, replaced->id, rows, [&](InvoiceRow& row) { draft_lines::replace(row, *replaced, rows); });
  }
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) return issue(event, *issued, rows, figures);
  if (const auto* discarded = std::get_if<invoice::Discarded>(&event.event)) return discard(event, *discarded, rows);
  if (const auto* voided = std::get_if<invoice::Voided>(&event.event)) return make_void(event, *voided, rows);
  if (const auto* opened = std::get_if<dispute::Opened>(&event.event)) return open_dispute(event, *opened, rows, figures);
  if (const auto* closed = std::get_if<dispute::Closed>(&event.event)) return close_dispute(event, *closed, rows, figures);
  if (const auto* released = std::get_if<books::RevenueReleased>(&event.event)) return release(event, *released, rows);
  change_invoices(event, rows, figures);
}

}  // namespace billing::views
