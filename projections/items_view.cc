// How events change the rows of open items; what is read from them is in items_read.cc.
#include "projections/items_view.h"

#include <algorithm>

#include "projections/invoices_view.h"

namespace billing::views {
namespace {

Key open_key(CustomerId customer, AccountId account, InvoiceId invoice) {
  return Key(Table::kOpenItem).add(customer).add(account).add(invoice);
}
Key closed_key(CustomerId customer, AccountId account, Date closed, InvoiceId invoice) {
  return Key(Table::kClosedItem).add(customer).add(account).add(closed).add(invoice);
}
Key closed_day_key(AccountId account, InvoiceId invoice) {
  return Key(Table::kClosedDay).add(account).add(invoice);
}

struct ClosedDayRow {
  Date day;
  static void fields(auto& row, auto& archive) { archive(row.day); }
};

void change(ItemRow& row, Date day, std::int64_t amount) {
  const auto place = std::lower_bound(row.history.begin(), row.history.end(), day,
                                      [](const Change& entry, Date wanted) { return entry.day < wanted; });
  if (place != row.history.end() && place->day == day) {
    place->amount += amount;
  } else {
    row.history.insert(place, {day, amount});
  }
}

// Keeps the latest posting day of the customer: at that day and later no settled item can be open.
void note_latest_posting(Rows& rows, CustomerId customer, Date day) {
  const Key key = Key(Table::kLatestPosting).add(customer);
  const auto row = rows.load<LatestPostingRow>(key);
  if (!row || row->day < day) rows.save(key, LatestPostingRow{day});
}

// Puts the item where it belongs after a change: among the open ones, or among those settled on its last day.
void place(Rows& rows, CustomerId customer, AccountId account, InvoiceId invoice, ItemRow& row) {
  const Key key = open_key(customer, account, invoice);
  if (row.open() != 0) return rows.save(key, row);
  rows.erase(key);
  row.disputed = 0;
  const Date closed = row.closed_day();
  rows.save_new(closed_day_key(account, invoice), ClosedDayRow{closed});
  rows.save_new(closed_key(customer, account, closed, invoice), row);
}

void open_items(const codec::Envelope& event, const invoice::Issued& issued, Rows& rows) {
  for (const Share& share : issued.shares) {
    ItemRow row{.document_date = issued.document_date,
                .posting_date = issued.posting_date,
                .due_date = issued.due_date,
                .billed = share.amount};
    for (const Posting& posting : event.postings) {
      if (posting.ledger == Ledger::kReceivables && posting.account == share.account) {
        change(row, issued.posting_date, posting.amount);
      }
    }
    if (row.open() == 0) continue;  // nothing was booked: a share of zero
    rows.save_new(open_key(event.customer, share.account, issued.header.id), row);
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
                 .due_date = issued->due_date};
}

void change_item(const codec::Envelope& event, const Posting& posting, Date day, Rows& rows) {
  const AccountId account = *posting.account;
  const InvoiceId invoice{*posting.item};
  const Key key = open_key(event.customer, account, invoice);
  auto row = rows.load<ItemRow>(key);
  if (!row) row = reopen(rows, event.customer, account, invoice);
  if (!row) row = from_invoice(rows, invoice);
  if (!row) return rows.damaged(key);
  change(*row, day, posting.amount);
  place(rows, event.customer, account, invoice, *row);
}

// Spreads the disputed amount over the open shares of the invoice.
void dispute_items(const codec::Envelope& event, InvoiceId invoice, std::int64_t amount, Rows& rows) {
  const Key key = invoice_key(invoice);
  const auto disputed = rows.load<InvoiceRow>(key);
  if (!disputed) return rows.damaged(key);
  std::vector<std::int64_t> weights;
  for (const ShareRow& share : disputed->shares) weights.push_back(std::max<std::int64_t>(share.open, 0));
  const auto parts = allocate(amount, weights);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Key item_key = open_key(event.customer, disputed->shares[i].account, invoice);
    auto row = rows.load<ItemRow>(item_key);
    if (!row) continue;  // settled, or a share of zero
    row->disputed = parts[i];
    rows.save(item_key, *row);
  }
}

}  // namespace

std::int64_t ItemRow::open_at(Date day) const {
  std::int64_t sum = 0;
  for (const Change& entry : history) {
    if (entry.day <= day) sum += entry.amount;
  }
  return sum;
}

std::int64_t ItemRow::open() const {
  std::int64_t sum = 0;
  for (const Change& entry : history) sum += entry.amount;
  return sum;
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

void items::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
    note_latest_posting(rows, event.customer, issued->posting_date);
    return open_items(event, *issued, rows);
  }
  if (const auto* opened = std::get_if<dispute::Opened>(&event.event)) {
    return dispute_items(event, opened->invoice, opened->amount, rows);
  }
  if (const auto* closed = std::get_if<dispute::Closed>(&event.event)) {
    return dispute_items(event, closed->invoice, 0, rows);
  }
  const Date day = event.posting_date.value_or(event.recorded.date());
  if (!event.postings.empty()) note_latest_posting(rows, event.customer, day);
  for (const Posting& posting : event.postings) {
    if (posting.ledger != Ledger::kReceivables || !posting.account || !posting.item) continue;
    change_item(event, posting, day, rows);
  }
}

}  // namespace billing::views
