// What is read from the rows of open items: ageing, summaries, lists.
#include <algorithm>
#include <unordered_set>

#include "projections/customers_view.h"
#include "projections/items_view.h"
#include "projections/payers_view.h"
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
  BILLING_TRY(relief, relief_of_shares(source, asked.customer, scope, date));
  return Summary{.currency = asked.currency,
                 .totals = asked.sum.totals,
                 .accounts = asked.accounts,
                 .ageing = ageing,
                 .overdue = ageing.overdue - relief.covered - relief.suspended,
                 .suspended = relief.suspended,
                 .covered = relief.covered,
                 .next_due_date = next == asked.sum.dues.end() ? std::nullopt : std::optional(next->due)};
}

namespace {

// What the cursors of open items are bound to.
std::string cursor_list(const Scope& scope, Date date) {
  return "open-items" + ListQuery{.scope = scope, .as_of = date}.binding();
}
// A scope of many accounts is looked for among so many of the customer's with items, and then in its own.
constexpr std::size_t kAccountsOfSearch = 4'096;

// Open items by account and invoice, from a place on.
class ItemPage {
 public:
  ItemPage(const Source& source, CustomerId customer, Date date, bool latest, std::size_t limit, std::string after)
      : source_(source), customer_(customer), date_(date), latest_(latest), limit_(limit), after_(std::move(after)) {}

  bool full() const { return items_.size() > limit_; }
  // Where the page begins; nil: with the first account.
  AccountId first_account() const {
    return after_.empty() ? AccountId{} : AccountId{Uuid::from_bytes(std::string_view(after_).substr(0, 16))};
  }
  // The first account from `from` on that may have items; nullopt: none.
  Result<std::optional<AccountId>> next_account(AccountId from) const {
    std::optional<AccountId> first;
    for (const Table table : {Table::kOpenItem, Table::kClosedItem}) {
      if (table == Table::kClosedItem && latest_) continue;  // what is settled now was settled then
      const Key prefix = Key(table).add(customer_);
      BILLING_CHECK(source_.rows.scan(Key(prefix).add(from), prefix_end(prefix), [&](std::string_view key, std::string_view) {
        const auto found = KeyReader(key, prefix.size()).id<AccountId>();
        if (!first || found < *first) first = found;
        return false;
      }));
    }
    return first;
  }
  // Adds the items of an account: no more than the page still takes, and one more.
  Result<void> add(AccountId account) {
    const bool begun = !after_.empty() && account == first_account();
    const std::string_view from = begun ? std::string_view(after_).substr(16) : std::string_view();
    std::vector<OpenItem> found;
    BILLING_CHECK(add_open(account, from, found));
    if (!latest_) BILLING_CHECK(add_closed(account, from, found));
    std::ranges::sort(found, {}, &OpenItem::invoice);
    for (OpenItem& item : found) {
      if (full()) break;
      items_.push_back(std::move(item));
    }
    return {};
  }
  Page<OpenItem> finish(std::string_view list) && {
    Page<OpenItem> page{.items = std::move(items_), .next = {}};
    if (page.items.size() <= limit_) return page;
    page.items.resize(limit_);
    const OpenItem& last = page.items.back();
    page.next = cursor_text(list, std::string(last.account.uuid.view()).append(last.invoice.uuid.view()));
    return page;
  }

 private:
  std::size_t room() const { return limit_ + 1 - items_.size(); }
  // Keys under `prefix`, from the first invoice after `after`, in order of invoices.
  Result<void> scan(const Key& prefix, std::string_view after, const store::VisitRows& visit) const {
    const std::string begin = after.empty() ? prefix.bytes() : Key(prefix).raw(after).raw({"\0", 1}).bytes();
    return source_.rows.scan(begin, prefix_end(prefix), visit);
  }
  void take(AccountId account, InvoiceId invoice, const ItemRow& row, std::vector<OpenItem>& found) const {
    const std::int64_t open = row.open_at(date_);
    if (open == 0) return;
    found.push_back({.invoice = invoice,
                     .account = account,
                     .document_date = row.document_date,
                     .posting_date = row.posting_date,
                     .due_date = row.due_date,
                     .billed = row.billed,
                     .open = open,
                     .disputed = row.disputed_at(date_)});
  }
  Result<void> add_open(AccountId account, std::string_view after, std::vector<OpenItem>& found) const {
    const Key prefix = Key(Table::kOpenItem).add(customer_).add(account);
    std::optional<Error> error;
    BILLING_CHECK(scan(prefix, after, [&](std::string_view key, std::string_view value) {
      const auto row = parse_row<ItemRow>(value);
      if (!row) error = unreadable_row(key);
      if (!row) return false;
      take(account, KeyReader(key, prefix.size()).id<InvoiceId>(), *row, found);
      return found.size() < room();
    }));
    if (error) return std::unexpected(std::move(*error));
    return {};
  }
  // Those settled after the date, by way of the days on which they were.
  Result<void> add_closed(AccountId account, std::string_view after, std::vector<OpenItem>& found) const {
    const Key prefix = Key(Table::kClosedDay).add(account);
    const std::size_t enough = found.size() + room();
    std::optional<Error> error;
    BILLING_CHECK(scan(prefix, after, [&](std::string_view key, std::string_view value) {
      const auto closed = parse_row<ClosedDayRow>(value);
      if (closed && closed->day <= date_) return true;
      const auto invoice = KeyReader(key, prefix.size()).id<InvoiceId>();
      const Key item = closed_key(customer_, account, closed ? closed->day : Date{}, invoice);
      auto row = closed ? row_at<ItemRow>(source_, item) : std::unexpected(unreadable_row(key));
      if (row && !*row) row = std::unexpected(unreadable_row(item));
      if (!row) error = std::move(row.error());
      if (!row) return false;
      take(account, invoice, **row, found);
      return found.size() < enough;
    }));
    if (error) return std::unexpected(std::move(*error));
    return {};
  }

  const Source source_;
  const CustomerId customer_;
  const Date date_;
  const bool latest_;
  const std::size_t limit_;
  const std::string after_;  // account and invoice of the item before the page
  std::vector<OpenItem> items_;
};

}  // namespace

Result<Page<OpenItem>> list_open_items(const Source& source, const Scope& scope, Date date,
                                       const PageRequest& request) {
  BILLING_TRY(limit, page_limit(request));
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(members, Members::of(source, scope, date));
  BILLING_TRY(latest, is_latest(source, customer, date));
  const std::string list = cursor_list(scope, date);
  BILLING_TRY(after, cursor_place(list, request.cursor));
  if (!after.empty() && after.size() != 32) {
    return refuse(Code::kInvalidCursor, "use a cursor as it was given", "/cursor");
  }
  ItemPage page(source, customer, date, latest, limit, std::move(after));
  const auto add_from = [&](const std::vector<AccountId>& accounts, AccountId from) -> Result<void> {
    for (auto account = std::ranges::lower_bound(accounts, from); account != accounts.end() && !page.full(); ++account) {
      BILLING_CHECK(page.add(*account));
    }
    return {};
  };
  if (members.few()) {
    BILLING_CHECK(add_from(*members.few(), page.first_account()));
    return std::move(page).finish(list);
  }
  AccountId from = page.first_account();
  for (std::size_t looked_at = 0; !page.full(); ++looked_at) {
    if (looked_at == kAccountsOfSearch) {
      BILLING_TRY(accounts, accounts_of(source, scope, date));
      BILLING_CHECK(add_from(accounts, from));
      break;
    }
    BILLING_TRY(account, page.next_account(from));
    if (!account) break;
    BILLING_TRY(wanted, members.has(*account));
    if (wanted) BILLING_CHECK(page.add(*account));
    const std::string after_account = prefix_end(account->uuid.view());
    if (after_account.empty()) break;
    from = AccountId{Uuid::from_bytes(after_account + std::string(16 - after_account.size(), '\0'))};
  }
  return std::move(page).finish(list);
}

}  // namespace billing::views
