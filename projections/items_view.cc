// How events change the rows of open items; what is read from them is in items_read.cc.
#include "projections/items_view.h"

#include <algorithm>
#include <utility>

#include "projections/invoices_view.h"
#include "projections/open_shares.h"

namespace billing::views {
namespace {

Key open_key(CustomerId customer, AccountId account, InvoiceId invoice) {
  return Key(Table::kOpenItem).add(customer).add(account).add(invoice);
}

// What the item is at the end of a day, as its due day counts it.
Due due_at(const ItemRow& row, Date day) {
  const std::int64_t open = row.open_at(day);
  return {.due = row.due_date, .invoices = open > 0 ? 1 : 0, .open = open, .disputed = row.disputed_at(day)};
}

// Adds the difference between what an item was and what it is now, from the day `from` on, to the figures.
void note_difference(CustomerId customer, AccountId account, InvoiceId invoice, const ItemRow& before,
                     const ItemRow& after, Date from, Rows& rows, FigureChanges& changes) {
  Changes counted;
  Due last;
  for (const Date day : days_of_change(before, after, from)) {
    const Due was = due_at(before, day), is = due_at(after, day);
    const Due difference{.due = after.due_date,
                         .invoices = is.invoices - was.invoices,
                         .open = is.open - was.open,
                         .disputed = is.disputed - was.disputed};
    Due change = difference;
    change.invoices -= last.invoices;
    change.open -= last.open;
    change.disputed -= last.disputed;
    last = difference;
    if (after.shared && change.invoices != 0) counted.push_back({day, std::exchange(change.invoices, 0)});
    if (change.zero()) continue;
    Figures& figures = changes[{customer, account, day}];
    figures.add(change);
    figures.add(Owing{.due = change.due, .open = change.open, .disputed = change.disputed}, -1);
  }
  open_shares::change(customer, account, invoice, after.due_date, counted, rows);
}

// Puts the item where it belongs after a change: among the open ones, or among those settled on its last day.
void place(Rows& rows, CustomerId customer, AccountId account, InvoiceId invoice, ItemRow& row) {
  const Key key = open_key(customer, account, invoice);
  if (row.open() != 0) return rows.save(key, row);
  rows.erase(key);
  const Date closed = row.closed_day();
  rows.save_new(closed_day_key(account, invoice), ClosedDayRow{closed});
  rows.save_new(closed_key(customer, account, closed, invoice), row);
}

void open_items(const codec::Envelope& event, const invoice::Issued& issued, Rows& rows, FigureChanges& changes) {
  for (const Share& share : issued.shares) {
    const ItemRow before{.document_date = issued.document_date,
                         .posting_date = issued.posting_date,
                         .due_date = issued.due_date,
                         .billed = share.amount,
                         .shared = issued.shares.size() > 1};
    ItemRow row = before;
    for (const Posting& posting : event.postings) {
      if (posting.ledger == Ledger::kReceivables && posting.account == share.account) {
        add_change(row.history, issued.posting_date, posting.amount);
      }
    }
    if (row.open() == 0) continue;  // nothing was booked: a share of zero
    rows.save_new(open_key(event.customer, share.account, issued.header.id), row);
    note_difference(event.customer, share.account, issued.header.id, before, row, issued.posting_date, rows, changes);
  }
}

// A settled item that is touched again: taken out of where it lies.
std::optional<ItemRow> reopen(Rows& rows, CustomerId customer, AccountId account, InvoiceId invoice) {
  const Key pointer = closed_day_key(account, invoice);
  const auto closed = rows.load<ClosedDayRow>(pointer);
  if (!closed) return std::nullopt;
  const Key key = closed_key(customer, account, closed->day, invoice);
  auto row = rows.load<ItemRow>(key);
  rows.erase(key);
  rows.erase(pointer);
  return row;
}

// An item from the rows of its invoice, for one whose share was zero at issue.
std::optional<ItemRow> from_invoice(Rows& rows, InvoiceId invoice) {
  const auto issued = rows.load<InvoiceRow>(invoice_key(invoice));
  if (!issued) return std::nullopt;
  return ItemRow{.document_date = issued->document_date,
                 .posting_date = issued->posting_date,
                 .due_date = issued->due_date,
                 .shared = issued->shares.size() > 1};
}

void change_item(const codec::Envelope& event, const Posting& posting, Date day, Rows& rows, FigureChanges& changes) {
  const AccountId account = *posting.account;
  const InvoiceId invoice{*posting.item};
  const Key key = open_key(event.customer, account, invoice);
  auto row = rows.load<ItemRow>(key);
  if (!row) row = reopen(rows, event.customer, account, invoice);
  if (!row) row = from_invoice(rows, invoice);
  if (!row) return rows.damaged(key);
  const ItemRow before = *row;
  add_change(row->history, day, posting.amount);
  place(rows, event.customer, account, invoice, *row);
  note_difference(event.customer, account, invoice, before, *row, day, rows, changes);
}

// Changes the disputes of an item wherever it lies: among the open ones or the settled ones.
void edit_disputes(const codec::Envelope& event, AccountId account, InvoiceId invoice, Date from, Rows& rows,
                   FigureChanges& changes, auto&& edit) {
  Key key = open_key(event.customer, account, invoice);
  auto row = rows.load<ItemRow>(key);
  if (!row) {
    const auto closed = rows.load<ClosedDayRow>(closed_day_key(account, invoice));
    if (!closed) return;  // a share of zero
    key = closed_key(event.customer, account, closed->day, invoice);
    row = rows.load<ItemRow>(key);
  }
  if (!row) return rows.damaged(key);
  const ItemRow before = *row;
  edit(row->disputes);
  rows.save(key, *row);
  note_difference(event.customer, account, invoice, before, *row, from, rows, changes);
}

// Spreads the disputed amount over the open shares of the invoice.
void open_dispute(const codec::Envelope& event, const dispute::Opened& opened, Rows& rows, FigureChanges& changes) {
  const auto disputed = rows.load<InvoiceRow>(invoice_key(opened.invoice));
  if (!disputed) return rows.damaged(invoice_key(opened.invoice));
  std::vector<std::int64_t> weights;
  for (const ShareRow& share : disputed->shares) weights.push_back(std::max<std::int64_t>(share.open, 0));
  const auto parts = allocate(opened.amount, weights);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == 0) continue;
    edit_disputes(event, disputed->shares[i].account, opened.invoice, opened.opened_on, rows, changes,
                  [&](std::vector<Disputed>& disputes) {
      disputes.push_back({{opened.opened_on, std::nullopt}, parts[i]});
    });
  }
}

void close_dispute(const codec::Envelope& event, const dispute::Closed& closed, Rows& rows, FigureChanges& changes) {
  const auto disputed = rows.load<InvoiceRow>(invoice_key(closed.invoice));
  if (!disputed) return rows.damaged(invoice_key(closed.invoice));
  for (const ShareRow& share : disputed->shares) {
    edit_disputes(event, share.account, closed.invoice, closed.closed_on, rows, changes,
                  [&](std::vector<Disputed>& disputes) {
      if (!disputes.empty() && !disputes.back().days.until) disputes.back().days.until = closed.closed_on;
    });
  }
}

}  // namespace

std::int64_t ItemRow::open() const {
  std::int64_t sum = 0;
  for (const Change& entry : history) sum += entry.amount;
  return sum;
}

std::int64_t ItemRow::disputed_at(Date day) const {
  std::int64_t sum = 0;
  for (const Disputed& disputed : disputes) sum += disputed.days.covers(day) ? disputed.amount : 0;
  return std::clamp<std::int64_t>(sum, 0, std::max<std::int64_t>(open_at(day), 0));
}

Date ItemRow::closed_day() const {
  Date closed = history.empty() ? posting_date : history.front().day;
  std::int64_t sum = 0;
  for (const Change& entry : history) {
    // A day that ends above or below zero is followed by the change that may end it.
    if (sum != 0) closed = entry.day;
    sum += entry.amount;
  }
  return closed;
}

std::vector<Date> days_of_change(const ItemRow& before, const ItemRow& after, Date from) {
  std::vector<Date> days{from};
  const auto note = [&](Date day) {
    if (day > from) days.push_back(day);
  };
  for (const ItemRow* row : {&before, &after}) {
    for (const Change& change : row->history) note(change.day);
    for (const Disputed& disputed : row->disputes) {
      note(disputed.days.from);
      if (disputed.days.until) note(*disputed.days.until);
    }
  }
  std::ranges::sort(days);
  const auto repeated = std::ranges::unique(days);
  days.erase(repeated.begin(), repeated.end());
  return days;
}

Changes items::open_history(Rows& rows, CustomerId customer, AccountId account, InvoiceId invoice) {
  auto row = rows.load<ItemRow>(open_key(customer, account, invoice));
  if (!row) {
    const auto closed = rows.load<ClosedDayRow>(closed_day_key(account, invoice));
    if (closed) row = rows.load<ItemRow>(closed_key(customer, account, closed->day, invoice));
  }
  return row ? std::move(row->history) : Changes{};
}

void items::apply(const codec::Envelope& event, Rows& rows, FigureChanges& changes) {
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
    note_day(rows, event.customer, issued->posting_date);
    return open_items(event, *issued, rows, changes);
  }
  if (const auto* opened = std::get_if<dispute::Opened>(&event.event)) {
    note_day(rows, event.customer, opened->opened_on);
    return open_dispute(event, *opened, rows, changes);
  }
  if (const auto* closed = std::get_if<dispute::Closed>(&event.event)) {
    note_day(rows, event.customer, closed->closed_on);
    return close_dispute(event, *closed, rows, changes);
  }
  if (!event.postings.empty()) note_day(rows, event.customer, day_of(event));
  for (const Posting& posting : event.postings) {
    if (posting.ledger != Ledger::kReceivables || !posting.account || !posting.item) continue;
    change_item(event, posting, day_of(event), rows, changes);
  }
}

Result<std::int64_t> share_open_at(const Source& source, CustomerId customer, AccountId account, InvoiceId invoice,
                                   Date date) {
  BILLING_TRY(row, row_at<ItemRow>(source, open_key(customer, account, invoice)));
  if (!row) {
    BILLING_TRY(closed, row_at<ClosedDayRow>(source, closed_day_key(account, invoice)));
    if (!closed) return std::int64_t{0};  // a share of zero
    BILLING_TRY(settled, row_at<ItemRow>(source, closed_key(customer, account, closed->day, invoice)));
    row = std::move(settled);
  }
  if (!row) return std::unexpected(unreadable_row(open_key(customer, account, invoice)));
  return row->open_at(date);
}

}  // namespace billing::views
