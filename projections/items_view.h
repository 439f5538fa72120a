// Open items: what each service account has open on each invoice, with the days it changed, so that ageing at any
// posting day is exact. Items that are settled for good lie apart, by the day from which nothing is open.
#pragma once

#include "projections/days.h"
#include "projections/figures_view.h"

namespace billing::views {

// A part of the item that is under dispute on some days.
struct Disputed {
  Days days{};
  std::int64_t amount = 0;
  static void fields(auto& row, auto& archive) { archive(row.days, row.amount); }
};
struct ItemRow {
  Date document_date{};
  Date posting_date{};
  Date due_date{};
  std::int64_t billed = 0;
  bool shared = false;  // the invoice has shares of other accounts
  Changes history{};    // of what is open, by posting day
  std::vector<Disputed> disputes{};
  // What is open at the end of the day.
  std::int64_t open_at(Date day) const { return amount_at(history, day); }
  std::int64_t open() const;
  // The part of it that is under dispute.
  std::int64_t disputed_at(Date day) const;
  // The first day from which on nothing is open; the row must be balanced.
  Date closed_day() const;
  static void fields(auto& row, auto& archive) {
    archive(row.document_date, row.posting_date, row.due_date, row.billed, row.shared, row.history, row.disputes);
  }
};

// A settled item, and where it is found by its invoice.
inline Key closed_key(CustomerId customer, AccountId account, Date closed, InvoiceId invoice) {
  return Key(Table::kClosedItem).add(customer).add(account).add(closed).add(invoice);
}
struct ClosedDayRow {
  Date day;
  static void fields(auto& row, auto& archive) { archive(row.day); }
};
inline Key closed_day_key(AccountId account, InvoiceId invoice) {
  return Key(Table::kClosedDay).add(account).add(invoice);
}

// The days from `from` on where what one of the rows says changes, sorted; `from` is the first.
std::vector<Date> days_of_change(const ItemRow& before, const ItemRow& after, Date from);

namespace items {
// What an account has open on an invoice, by posting day; empty for a share of zero.
Changes open_history(Rows& rows, CustomerId customer, AccountId account, InvoiceId invoice);
// Adds to `changes` what the event changes in the due days of accounts.
void apply(const codec::Envelope& event, Rows& rows, FigureChanges& changes);
}

// What an account's share of an invoice has open at the end of `date`, settled or not.
Result<std::int64_t> share_open_at(const Source& source, CustomerId customer, AccountId account, InvoiceId invoice,
                                   Date date);

// Calls `visit` for every item of the accounts (sorted) that is not zero at `date`.
using VisitItem = std::function<void(AccountId account, InvoiceId invoice, const ItemRow& row, std::int64_t open)>;
Result<void> visit_items(const Source& source, CustomerId customer, const std::vector<AccountId>& accounts, Date date,
                         const VisitItem& visit);

Result<Ageing> read_ageing(const Source& source, const Scope& scope, Date date);
Result<Summary> read_summary(const Source& source, const Scope& scope, Date date);
Result<Page<OpenItem>> list_open_items(const Source& source, const Scope& scope, Date date, const PageRequest& page);

}  // namespace billing::views
