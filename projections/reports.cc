#include "projections/reports.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_set>

#include "projections/activity_view.h"
#include "projections/customers_view.h"
#include "projections/credits_view.h"
#include "projections/days.h"
#include "projections/invoices_view.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

using Accounts = std::unordered_set<AccountId>;

Result<Accounts> account_set(const Source& source, const Scope& scope, Date date) {
  BILLING_TRY(list, accounts_of(source, scope, date));
  return Accounts(list.begin(), list.end());
}

// Visits the events of a scope that count on the days from `from` to `to`, newest first. What is posted on a day was
// recorded on it or later, so the walk ends a little before `from`.
using VisitEvent = std::function<Result<void>(const codec::Envelope& event)>;
Result<void> walk_events(const Source& source, const Scope& scope, Date from, Date to, const VisitEvent& visit) {
  const auto accept = [](Place, const Uuid&) -> Result<bool> { return true; };
  PageRequest request{.limit = kPageMax, .cursor = {}};
  do {
    BILLING_TRY(page, dated_page(source, kActivityList, scope, to, request, accept));
    for (const auto& [place, object] : page.items) {
      BILLING_TRY(event, event_at(source, place.position));
      if (event.recorded.date().plus_days(2) < from) return {};
      const Date day = day_of(event);
      if (day >= from && day <= to) BILLING_CHECK(visit(event));
    }
    request.cursor = page.next;
  } while (!request.cursor.empty());
  return {};
}

// What an event changes in the balance of accounts.
std::int64_t balance_change(const codec::Envelope& event, const Accounts& accounts) {
  std::int64_t sum = 0;
  for (const Posting& posting : event.postings) {
    if (!posting.account || !accounts.contains(*posting.account)) continue;
    if (posting.ledger == Ledger::kReceivables || posting.ledger == Ledger::kUnappliedCredit) sum += posting.amount;
  }
  return sum;
}

// The balance of a fixed set of accounts at the end of a day, whatever they were below then.
Result<std::int64_t> balance_at(const Source& source, CustomerId customer, const Scope& scope, const Accounts& accounts,
                                Date date) {
  std::vector<Scope> parts;
  if (scope.kind == ScopeKind::kCustomer) {
    parts.push_back(scope);
  } else {
    for (const AccountId& account : accounts) parts.push_back(Scope::only(account));
  }
  BILLING_TRY(figures, figures_of(source, customer, parts, date, Detail::kSums));
  return figures.sum.totals.balance();
}

Result<void> check_days(Date from, Date to) {
  if (to < from) return refuse(Code::kInvalidParameter, "from must not be after to", "/from");
  return {};
}

}  // namespace

Result<Statement> read_statement(const Source& source, const Scope& scope, Date from, Date to) {
  BILLING_CHECK(check_days(from, to));
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(currency, currency_of(source, customer));
  BILLING_TRY(accounts, account_set(source, scope, to));
  Statement statement{.from = from, .to = to, .currency = currency};
  BILLING_TRY(opening, balance_at(source, customer, scope, accounts, from.plus_days(-1)));
  statement.opening = opening;
  std::map<Place, std::int64_t> changes;
  BILLING_CHECK(walk_events(source, scope, from, to, [&](const codec::Envelope& event) -> Result<void> {
    const std::int64_t change = balance_change(event, accounts);
    if (change != 0) changes[{day_of(event), event.position}] = change;
    return {};
  }));
  std::int64_t balance = opening;
  for (const auto& [place, change] : changes) {
    balance += change;
    StatementEntry entry{.posting_date = place.date, .position = place.position, .balance = balance};
    (change > 0 ? entry.debit : entry.credit) = change > 0 ? change : -change;
    statement.debit += entry.debit;
    statement.credit += entry.credit;
    statement.entries.push_back(entry);
  }
  statement.closing = balance;
  return statement;
}

Result<std::vector<StatementLine>> read_statement_lines(const Source& source, std::span<const StatementEntry> entries) {
  std::vector<StatementLine> lines;
  for (const StatementEntry& entry : entries) {
    BILLING_TRY(event, event_at(source, entry.position));
    lines.push_back({entry, describe(event)});
  }
  return lines;
}

namespace {

// Sums of taxes by authority, code and rate.
class TaxSums {
 public:
  explicit TaxSums(const Accounts& accounts) : accounts_(accounts) {}
  void add(const std::vector<Line>& lines, bool note) {
    for (const Line& line : lines) {
      if (!accounts_.contains(line.service_account)) continue;
      for (const Tax& tax : line.taxes) {
        TaxSum& sum = sums_[{tax.authority, tax.code, tax.rate}];
        (note ? sum.credited_base : sum.invoiced_base) += tax.basis;
        (note ? sum.credited_tax : sum.invoiced_tax) += tax.amount;
      }
    }
  }
  std::vector<TaxSum> list() const {
    std::vector<TaxSum> list;
    for (const auto& [key, sum] : sums_) {
      TaxSum& added = list.emplace_back(sum);
      std::tie(added.authority, added.code, added.rate) = key;
    }
    return list;
  }

 private:
  const Accounts& accounts_;
  std::map<std::tuple<std::string, std::string, Decimal>, TaxSum> sums_;
};

// A part of an amount as large as that of `accounts` in the allocations.
std::int64_t part_of(std::int64_t amount, const std::vector<Allocation>& allocations, const Accounts& accounts) {
  std::vector<std::int64_t> weights;
  for (const Allocation& allocation : allocations) weights.push_back(allocation.amount);
  if (weights.empty()) return 0;
  const auto parts = allocate(amount, weights);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) sum += accounts.contains(allocations[i].account) ? parts[i] : 0;
  return sum;
}

Result<std::vector<Line>> lines_of(const Source& source, const invoice::Issued& issued) {
  if (!issued.lines.empty()) return issued.lines;
  BILLING_TRY(row, find_invoice(source, issued.header.id));
  return read_invoice_lines(source, row);
}

}  // namespace

Result<TaxSummary> read_tax_summary(const Source& source, const Scope& scope, Date from, Date to) {
  BILLING_CHECK(check_days(from, to));
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(currency, currency_of(source, customer));
  BILLING_TRY(accounts, account_set(source, scope, to));
  TaxSummary summary{.currency = currency};
  TaxSums sums(accounts);
  BILLING_CHECK(walk_events(source, scope, from, to, [&](const codec::Envelope& event) -> Result<void> {
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      BILLING_TRY(lines, lines_of(source, *issued));
      sums.add(lines, false);
    }
    if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) sums.add(note->lines, true);
    if (const auto* given_up = std::get_if<invoice::WrittenOff>(&event.event)) {
      summary.relief += part_of(given_up->tax_relief, given_up->allocations, accounts);
    }
    return {};
  }));
  summary.taxes = sums.list();
  return summary;
}

Result<Page<HeldCredit>> list_credit_balances(const Source& source, const Scope& scope, Date date,
                                              const PageRequest& request) {
  constexpr std::string_view kCursorList = "credit-balances";
  BILLING_TRY(limit, page_limit(request));
  BILLING_TRY(accounts, accounts_of(source, scope, date));
  BILLING_TRY(after, cursor_place(kCursorList, request.cursor));
  if (!after.empty() && after.size() < 16) {
    return refuse(Code::kInvalidCursor, "use a cursor as it was given", "/cursor");
  }
  // The cursor is the account to go on with, and the place in its own list.
  AccountId first = after.empty() ? AccountId{} : AccountId{Uuid::from_bytes(std::string_view(after).substr(0, 16))};
  std::string place = after.empty() ? std::string() : after.substr(16);
  Page<HeldCredit> page;
  for (const AccountId& account : accounts) {
    if (account < first) continue;
    if (page.items.size() == limit) {
      page.next = cursor_text(kCursorList, account.uuid.view());
      return page;
    }
    const PageRequest part{.limit = limit - page.items.size(), .cursor = account == first ? place : std::string()};
    BILLING_TRY(credits, list_credits(source, account, part));
    page.items.insert(page.items.end(), credits.items.begin(), credits.items.end());
    if (credits.next.empty()) continue;
    page.next = cursor_text(kCursorList, std::string(account.uuid.view()) + credits.next);
    return page;
  }
  return page;
}

}  // namespace billing::views
