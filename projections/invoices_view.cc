// How events change the rows of invoices; what is read from them is in invoices_read.cc.
#include "projections/invoices_view.h"

#include <algorithm>
#include <map>

#include "projections/accounts_view.h"

namespace billing::views {
namespace {

constexpr DatedList kList{Table::kInvoiceOfAccount, Table::kInvoiceOfCustomer};

ShareRow& share_of(InvoiceRow& row, AccountId account) {
  const auto found = std::find_if(row.shares.begin(), row.shares.end(),
                                  [&](const ShareRow& share) { return share.account == account; });
  if (found != row.shares.end()) return *found;
  return row.shares.emplace_back(ShareRow{.account = account});
}

void add_lines(InvoiceRow& row, const std::vector<Line>& lines, Position position) {
  if (lines.empty()) return;
  row.line_positions.push_back(position);
  row.line_count += static_cast<std::uint32_t>(lines.size());
  for (const Line& line : lines) {
    const std::int64_t tax = tax_of(line);
    ShareRow& share = share_of(row, line.service_account);
    share.net += line.net;
    share.tax += tax;
    share.total += line.net + tax;
    row.net += line.net;
    row.tax += tax;
    row.total += line.net + tax;
  }
}

// The owner and every service account, each once.
std::vector<AccountId> concerned(const InvoiceRow& row) {
  std::vector<AccountId> accounts{row.account};
  for (const ShareRow& share : row.shares) {
    if (share.account != row.account) accounts.push_back(share.account);
  }
  return accounts;
}

void enter(Rows& rows, InvoiceRow& row, Date date, Position position, InvoiceId id) {
  row.listed_date = date;
  row.listed_position = position;
  append_dated(rows, kList, row.customer, concerned(row), {date, position}, id.uuid);
}

void take_header(InvoiceRow& row, const invoice::Header& header) {
  row.account = header.account;
  row.purchase_order = header.purchase_order;
  row.memo = header.memo;
  row.external_id = header.external_id;
}

void draft(const codec::Envelope& event, const invoice::Drafted& drafted, Rows& rows) {
  InvoiceRow row{.customer = event.customer, .version = event.version, .position = event.position};
  take_header(row, drafted.header);
  add_lines(row, drafted.lines, event.position);
  enter(rows, row, event.recorded.date(), event.position, drafted.header.id);
  rows.save_new(invoice_key(drafted.header.id), row);
}

void add_draft_lines(const codec::Envelope& event, const invoice::LinesAdded& added, Rows& rows) {
  const Key key = invoice_key(added.id);
  auto row = rows.load<InvoiceRow>(key);
  if (!row) return rows.damaged(key);
  const Place place{row->listed_date, row->listed_position};
  drop_dated(rows, kList, row->customer, concerned(*row), place);
  row->version = event.version;
  add_lines(*row, added.lines, event.position);
  enter(rows, *row, place.date, place.position, added.id);
  rows.save(key, *row);
}

void issue(const codec::Envelope& event, const invoice::Issued& issued, Rows& rows) {
  const Key key = invoice_key(issued.header.id);
  const bool drafted = event.version > 1;  // an invoice of its own stream: a draft was first
  InvoiceRow row{.customer = event.customer};
  if (drafted) {
    auto before = rows.load<InvoiceRow>(key);
    if (!before) return rows.damaged(key);
    row = std::move(*before);
    drop_dated(rows, kList, row.customer, concerned(row), {row.listed_date, row.listed_position});
  }
  take_header(row, issued.header);
  add_lines(row, issued.lines, event.position);
  if (const auto account = rows.load<AccountRow>(account_key(row.account))) row.account_name = account->name;
  row.phase = invoice::Phase::kIssued;
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
  row.version = event.version;
  row.position = event.position;
  for (const Share& share : issued.shares) {
    ShareRow& own = share_of(row, share.account);
    own.total = share.amount;
    own.open = share.amount;
  }
  enter(rows, row, row.document_date, event.position, issued.header.id);
  rows.append(Key(Table::kInvoiceByNumber).add(row.customer).text(row.number).add(issued.header.id), {});
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
  row->phase = invoice::Phase::kDiscarded;
  row->version = event.version;
  rows.save(key, *row);
}

void use_credit(const codec::Envelope& event, const CreditUse& use, Rows& rows) {
  std::map<InvoiceId, std::vector<const Allocation*>> by_invoice;
  for (const Allocation& allocation : *use.allocations) by_invoice[allocation.invoice].push_back(&allocation);
  for (const auto& [id, allocations] : by_invoice) {
    const Key key = invoice_key(id);
    auto row = rows.load<InvoiceRow>(key);
    if (!row) return rows.damaged(key);
    for (const Allocation* allocation : allocations) {
      share_of(*row, allocation->account).open -= allocation->amount;
      row->open -= allocation->amount;
      (use.source == CreditSource::kPayment ? row->paid : row->credited) += allocation->amount;
    }
    rows.save(key, *row);
    rows.append(Key(Table::kApplied).add(id).add(event.position), {});
  }
}

void open_dispute(const codec::Envelope& event, const dispute::Opened& opened, Rows& rows) {
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
  row->disputed = opened.amount;
  row->dispute = opened.id;
  rows.save(key, *row);
}

void close_dispute(const codec::Envelope& event, const dispute::Closed& closed, Rows& rows) {
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
  disputed->disputed = 0;
  disputed->dispute.reset();
  rows.save(of_invoice, *disputed);
}

}  // namespace

std::optional<CreditUse> credit_use(const Event& event) {
  if (const auto* paid = std::get_if<payment::Recorded>(&event)) {
    return CreditUse{CreditSource::kPayment, paid->id.uuid, &paid->allocations};
  }
  if (const auto* note = std::get_if<credit_note::Issued>(&event)) {
    return CreditUse{CreditSource::kCreditNote, note->id.uuid, &note->allocations};
  }
  if (const auto* applied = std::get_if<receivables::CreditApplied>(&event)) {
    return CreditUse{applied->source, applied->source_id, &applied->allocations};
  }
  return std::nullopt;
}

void invoices::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* drafted = std::get_if<invoice::Drafted>(&event.event)) return draft(event, *drafted, rows);
  if (const auto* added = std::get_if<invoice::LinesAdded>(&event.event)) return add_draft_lines(event, *added, rows);
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) return issue(event, *issued, rows);
  if (const auto* discarded = std::get_if<invoice::Discarded>(&event.event)) return discard(event, *discarded, rows);
  if (const auto* opened = std::get_if<dispute::Opened>(&event.event)) return open_dispute(event, *opened, rows);
  if (const auto* closed = std::get_if<dispute::Closed>(&event.event)) return close_dispute(event, *closed, rows);
  if (const auto use = credit_use(event.event)) use_credit(event, *use, rows);
}

}  // namespace billing::views
