// What is read from the rows of open items: ageing, summaries, lists.
#include <algorithm>
#include <unordered_set>

#include "projections/customers_view.h"
#include "projections/items_view.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

// Up to so many accounts are read one by one; for more the customer's open items are read in one scan.
constexpr std::size_t kReadSinglyMax = 64;

struct Walk {
  Date date;
  const VisitItem& visit;
  std::optional<Error> error;
};

bool visit_row(Walk& walk, AccountId account, InvoiceId invoice, std::string_view key, std::string_view value) {
  const auto row = parse_row<ItemRow>(value);
  if (!row) {
    walk.error = unreadable_row(key);
    return false;
  }
  if (const std::int64_t open = row->open_at(walk.date); open != 0) walk.visit(account, invoice, *row, open);
  return true;
}

Result<void> walk_range(const Source& source, Walk& walk, std::string_view begin, std::string_view end,
                        const std::function<bool(std::string_view, std::string_view)>& step) {
  BILLING_CHECK(source.rows.scan(begin, end, step));
  if (walk.error) return std::unexpected(*walk.error);
  return {};
}

Result<void> walk_open(const Source& source, Walk& walk, CustomerId customer, const std::vector<AccountId>& accounts) {
  if (accounts.size() > kReadSinglyMax) {
    const Key prefix = Key(Table::kOpenItem).add(customer);
    return walk_range(source, walk, prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
      KeyReader reader(key, prefix.size());
      const auto account = reader.id<AccountId>();
      if (!std::binary_search(accounts.begin(), accounts.end(), account)) return true;
      return visit_row(walk, account, reader.id<InvoiceId>(), key, value);
    });
  }
  for (const AccountId& account : accounts) {
    const Key prefix = Key(Table::kOpenItem).add(customer).add(account);
    BILLING_CHECK(walk_range(source, walk, prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
      return visit_row(walk, account, KeyReader(key, prefix.size()).id<InvoiceId>(), key, value);
    }));
  }
  return {};
}

// Items settled after the date were open then.
Result<void> walk_closed(const Source& source, Walk& walk, CustomerId customer,
                         const std::vector<AccountId>& accounts) {
  BILLING_TRY(latest, row_at<LatestPostingRow>(source, Key(Table::kLatestPosting).add(customer)));
  if (!latest || latest->day <= walk.date) return {};
  for (const AccountId& account : accounts) {
    const Key prefix = Key(Table::kClosedItem).add(customer).add(account);
    const Key begin = Key(prefix).add(walk.date.plus_days(1));
    BILLING_CHECK(walk_range(source, walk, begin, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
      return visit_row(walk, account, KeyReader(key, begin.size()).id<InvoiceId>(), key, value);
    }));
  }
  return {};
}

Bucket& bucket_of(Ageing& ageing, std::int32_t days_late) {
  if (days_late <= 0) return ageing.current;
  if (days_late <= 30) return ageing.days_1_30;
  if (days_late <= 60) return ageing.days_31_60;
  return days_late <= 90 ? ageing.days_61_90 : ageing.days_over_90;
}

// What one question about items needs, looked up once.
struct Asked {
  CustomerId customer;
  Currency currency;
  std::vector<AccountId> accounts;
};
Result<Asked> ask(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(currency, currency_of(source, customer));
  BILLING_TRY(accounts, accounts_of(source, scope, date));
  return Asked{customer, currency, std::move(accounts)};
}

Result<Ageing> age(const Source& source, const Asked& asked, Date date, std::optional<Date>* next_due) {
  Ageing ageing{.date = date, .currency = asked.currency};
  std::unordered_set<InvoiceId> counted;
  BILLING_CHECK(visit_items(source, asked.customer, asked.accounts, date,
                            [&](AccountId, InvoiceId invoice, const ItemRow& row, std::int64_t open) {
    const std::int32_t late = date.days - row.due_date.days;
    Bucket& bucket = bucket_of(ageing, late);
    bucket.amount += open;
    ageing.total += open;
    if (late > 0) ageing.overdue += open;
    if (open <= 0) return;
    ageing.disputed += std::min(row.disputed, open);
    if (counted.insert(invoice).second) {
      ++bucket.count;
      ++ageing.invoices;
    }
    if (next_due != nullptr && late <= 0 && (!*next_due || row.due_date < **next_due)) *next_due = row.due_date;
  }));
  return ageing;
}

}  // namespace

Result<void> visit_items(const Source& source, CustomerId customer, const std::vector<AccountId>& accounts, Date date,
                         const VisitItem& visit) {
  Walk walk{.date = date, .visit = visit, .error = std::nullopt};
  BILLING_CHECK(walk_open(source, walk, customer, accounts));
  return walk_closed(source, walk, customer, accounts);
}

Result<Ageing> read_ageing(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(asked, ask(source, scope, date));
  return age(source, asked, date, nullptr);
}

Result<Summary> read_summary(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(asked, ask(source, scope, date));
  BILLING_TRY(totals, totals_of(source, scope, date));
  Summary summary{.currency = asked.currency,
                  .totals = totals,
                  .accounts = static_cast<std::uint32_t>(asked.accounts.size()),
                  .ageing = {},
                  .next_due_date = std::nullopt};
  BILLING_TRY(ageing, age(source, asked, date, &summary.next_due_date));
  summary.ageing = ageing;
  return summary;
}

// What the cursors of open items are bound to.
static constexpr std::string_view kCursorList = "open-items";

Result<Page<OpenItem>> list_open_items(const Source& source, const Scope& scope, Date date,
                                       const PageRequest& request) {
  BILLING_TRY(limit, page_limit(request));
  BILLING_TRY(asked, ask(source, scope, date));
  BILLING_TRY(after, cursor_place(kCursorList, request.cursor));
  if (!after.empty() && after.size() != 32) {
    return refuse(Code::kInvalidCursor, "use a cursor as it was given", "/cursor");
  }
  const auto place = [](const OpenItem& item) {
    return std::string(item.account.uuid.view()).append(item.invoice.uuid.view());
  };
  Page<OpenItem> page;
  for (const AccountId& account : asked.accounts) {
    if (!after.empty() && account.uuid.view() < std::string_view(after).substr(0, 16)) continue;
    std::vector<OpenItem> items;
    BILLING_CHECK(visit_items(source, asked.customer, {account}, date,
                              [&](AccountId, InvoiceId invoice, const ItemRow& row, std::int64_t open) {
      items.push_back({.invoice = invoice,
                       .account = account,
                       .document_date = row.document_date,
                       .posting_date = row.posting_date,
                       .due_date = row.due_date,
                       .billed = row.billed,
                       .open = open,
                       .disputed = std::clamp<std::int64_t>(row.disputed, 0, std::max<std::int64_t>(open, 0))});
    }));
    std::sort(items.begin(), items.end(), [](const OpenItem& a, const OpenItem& b) { return a.invoice < b.invoice; });
    for (OpenItem& item : items) {
      if (place(item) <= after) continue;
      if (page.items.size() == limit) {
        page.next = cursor_text(kCursorList, place(page.items.back()));
        return page;
      }
      page.items.push_back(item);
    }
  }
  return page;
}

}  // namespace billing::views
