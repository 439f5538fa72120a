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
  BILLING_TRY(latest, is_latest(source, customer, walk.date));
  if (latest) return {};  // what is settled now was settled then
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

void count(Ageing& ageing, const Due& due) {
  const std::int32_t late = ageing.date.days - due.due.days;
  Bucket& bucket = bucket_of(ageing, late);
  bucket.amount += due.open;
  ageing.total += due.open;
  if (late > 0) ageing.overdue += due.open;
  ageing.disputed += due.disputed;
  bucket.count += static_cast<std::uint32_t>(due.invoices);
  ageing.invoices += static_cast<std::uint32_t>(due.invoices);
}

// The figures of the parts of a scope; what they say of the numbers of invoices holds for a single part.
struct Asked {
  CustomerId customer;
  Currency currency;
  std::vector<Scope> parts;
  Figures sum;
  std::uint32_t accounts = 0;
};
Result<Asked> ask(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(currency, currency_of(source, customer));
  BILLING_TRY(parts, parts_of(source, scope, date));
  BILLING_TRY(figures, figures_of(source, customer, parts, date, Detail::kDues));
  return Asked{customer, currency, std::move(parts), std::move(figures.sum), figures.accounts};
}

// Invoices of several accounts are one invoice in any scope, so the numbers of several parts do not add up: the open
// items are counted instead.
Result<void> count_invoices(const Source& source, const Asked& asked, const Scope& scope, Ageing& ageing) {
  BILLING_TRY(accounts, accounts_of(source, scope, ageing.date));
  std::unordered_set<InvoiceId> counted;
  for (Bucket* bucket : {&ageing.current, &ageing.days_1_30, &ageing.days_31_60, &ageing.days_61_90,
                         &ageing.days_over_90}) {
    bucket->count = 0;
  }
  BILLING_CHECK(visit_items(source, asked.customer, accounts, ageing.date,
                            [&](AccountId, InvoiceId invoice, const ItemRow& row, std::int64_t open) {
    if (open <= 0 || !counted.insert(invoice).second) return;
    ++bucket_of(ageing, ageing.date.days - row.due_date.days).count;
  }));
  ageing.invoices = static_cast<std::uint32_t>(counted.size());
  return {};
}

Result<Ageing> age(const Source& source, const Asked& asked, const Scope& scope, Date date) {
  Ageing ageing{.date = date, .currency = asked.currency};
  for (const Due& due : asked.sum.dues) count(ageing, due);
  if (asked.parts.size() > 1) BILLING_CHECK(count_invoices(source, asked, scope, ageing));
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
  return age(source, asked, scope, date);
}

Result<Summary> read_summary(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(asked, ask(source, scope, date));
  BILLING_TRY(ageing, age(source, asked, scope, date));
  const auto next = std::ranges::find_if(
      asked.sum.dues, [&](const Due& due) { return due.due >= date && due.invoices > 0; });
  return Summary{.currency = asked.currency,
                 .totals = asked.sum.totals,
                 .accounts = asked.accounts,
                 .ageing = ageing,
                 .next_due_date = next == asked.sum.dues.end() ? std::nullopt : std::optional(next->due)};
}

// What the cursors of open items are bound to.
static constexpr std::string_view kCursorList = "open-items";

Result<Page<OpenItem>> list_open_items(const Source& source, const Scope& scope, Date date,
                                       const PageRequest& request) {
  BILLING_TRY(limit, page_limit(request));
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(accounts, accounts_of(source, scope, date));
  BILLING_TRY(after, cursor_place(kCursorList, request.cursor));
  if (!after.empty() && after.size() != 32) {
    return refuse(Code::kInvalidCursor, "use a cursor as it was given", "/cursor");
  }
  const auto place = [](const OpenItem& item) {
    return std::string(item.account.uuid.view()).append(item.invoice.uuid.view());
  };
  Page<OpenItem> page;
  for (const AccountId& account : accounts) {
    if (!after.empty() && account.uuid.view() < std::string_view(after).substr(0, 16)) continue;
    std::vector<OpenItem> items;
    BILLING_CHECK(visit_items(source, customer, {account}, date,
                              [&](AccountId, InvoiceId invoice, const ItemRow& row, std::int64_t open) {
      items.push_back({.invoice = invoice,
                       .account = account,
                       .document_date = row.document_date,
                       .posting_date = row.posting_date,
                       .due_date = row.due_date,
                       .billed = row.billed,
                       .open = open,
                       .disputed = row.disputed_at(date)});
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
