#include "projections/payers_view.h"

#include <algorithm>
#include <set>

#include "ledger/base/money.h"
#include "ledger/domain/overdue.h"
#include "projections/credits_view.h"
#include "projections/invoices_view.h"
#include "projections/items_view.h"
#include "projections/owed_view.h"
#include "projections/plans_view.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

using overdue::Item;

Key row_key(AccountId payer) { return Key(Table::kPayer).add(payer); }
Key due_key(AccountId payer, Date due) { return Key(Table::kDueInvoice).add(payer).add(due); }

// Keeps the two lists of payers with the row.
void edit(Rows& rows, CustomerId customer, AccountId payer, auto&& change) {
  const Key key = row_key(payer);
  PayerRow row = rows.load<PayerRow>(key).value_or(PayerRow{});
  const bool eased = row.eased(), may_have_been = row.may_have_been_eased();
  change(row);
  rows.save(key, row);
  const Key now = Key(Table::kEasedPayer).add(customer).add(payer);
  if (row.eased() != eased) row.eased() ? rows.append(now, {}) : rows.drop(now);
  if (row.may_have_been_eased() && !may_have_been) {
    rows.append(Key(Table::kOnceEasedPayer).add(customer).add(payer), {});
  }
}

// For a question about few accounts so many payers are looked at; where there are more, those of the accounts' own items.
constexpr std::size_t kPayersMax = 1'000;

// Payers of the customer that may have something at the date, the first `max` of them.
Result<std::vector<AccountId>> eased_payers(const Source& source, CustomerId customer, bool latest, std::size_t max) {
  const Key prefix = Key(latest ? Table::kEasedPayer : Table::kOnceEasedPayer).add(customer);
  std::vector<AccountId> payers;
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    payers.push_back(KeyReader(key, prefix.size()).id<AccountId>());
    return payers.size() < max;
  }));
  return payers;
}

// Of the items of a few accounts.
Result<std::vector<AccountId>> payers_of_late_items(const Source& source, CustomerId customer,
                                                    const std::vector<AccountId>& accounts, Date date) {
  std::set<InvoiceId> late;
  BILLING_CHECK(visit_items(source, customer, accounts, date,
                            [&](AccountId, InvoiceId invoice, const ItemRow& row, std::int64_t open) {
                              if (open > 0 && row.due_date < date) late.insert(invoice);
                            }));
  std::set<AccountId> payers;
  for (const InvoiceId id : late) {
    BILLING_TRY(invoice, find_invoice(source, id));
    payers.insert(invoice.payer);
  }
  return std::vector(payers.begin(), payers.end());
}

// An item with what each share has open.
struct Shares {
  std::vector<AccountId> accounts{};
  std::vector<std::int64_t> open{};
};

// What one payer has past its due date.
class Debt {
 public:
  Debt(const Source& source, AccountId payer, Date date, bool latest)
      : source_(source), payer_(payer), date_(date), latest_(latest) {}

  // Relieved; none for a payer without relief.
  Result<std::vector<Item>> items() {
    BILLING_TRY(row, row_at<PayerRow>(source_, row_key(payer_)));
    if (!row) return std::vector<Item>();
    BILLING_TRY(plans, suspensions(row->plans));
    BILLING_TRY(credit, free_credit(*row));
    if (plans.empty() && credit == 0) return std::vector<Item>();
    std::vector<Item> items;
    const bool named = credit == 0 && std::ranges::none_of(plans, [](const auto& one) { return one.invoices.empty(); });
    if (named) {
      std::set<InvoiceId> invoices;
      for (const auto& plan : plans) invoices.insert(plan.invoices.begin(), plan.invoices.end());
      for (const InvoiceId id : invoices) BILLING_CHECK(add(id, items));
    } else {
      BILLING_CHECK(add_all(items));
    }
    overdue::relieve(items, credit, std::move(plans));
    return items;
  }
  // What the shares of one of the items have open.
  Result<Shares> shares_of(InvoiceId id) const {
    BILLING_TRY(invoice, find_invoice(source_, id));
    return shares_of(id, invoice);
  }

 private:
  Result<std::int64_t> free_credit(const PayerRow& row) const {
    if (latest_) return std::max<std::int64_t>(row.credit - row.held, 0);
    BILLING_TRY(figures, figures_at(source_, Scope::only(payer_), date_, false, Detail::kSums));
    if (row.held == 0) return figures.totals.unapplied;
    BILLING_TRY(held, held_at(source_, payer_, date_));
    return std::max<std::int64_t>(figures.totals.unapplied - held, 0);
  }
  Result<std::vector<overdue::Suspension>> suspensions(const std::vector<PlanId>& plans) const {
    std::vector<overdue::Suspension> all;
    for (const PlanId id : plans) {
      BILLING_TRY(left, left_of_plan(source_, id, date_));
      if (left.left > 0) all.push_back(std::move(left));
    }
    return all;
  }
  Result<void> add_all(std::vector<Item>& items) {
    std::vector<Date> days;
    BILLING_CHECK(visit_due_days(source_, payer_, date_, [&](Date due, std::int64_t, std::int64_t) {
      if (due < date_) days.push_back(due);
      return due < date_;
    }));
    for (const Date due : days) {
      std::vector<InvoiceId> invoices;
      const Key prefix = due_key(payer_, due);
      BILLING_CHECK(source_.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
        invoices.push_back(KeyReader(key, prefix.size()).id<InvoiceId>());
        return true;
      }));
      for (const InvoiceId id : invoices) BILLING_CHECK(add(id, items));
    }
    return {};
  }
  Result<void> add(InvoiceId id, std::vector<Item>& items) const {
    BILLING_TRY(invoice, find_invoice(source_, id));
    if (invoice.due_date >= date_) return {};
    Item item{.invoice = id, .due = invoice.due_date, .number = invoice.number, .issued = invoice.position};
    if (invoice.was_disputed) {
      BILLING_TRY(row, disputed_item(source_, id));
      item.open = row.open_at(date_);
      item.disputed = row.disputed_at(date_);
    } else {
      BILLING_TRY(shares, shares_of(id, invoice));
      for (const std::int64_t open : shares.open) item.open += open;
    }
    if (item.open > 0) items.push_back(std::move(item));
    return {};
  }
  Result<Shares> shares_of(InvoiceId id, const InvoiceRow& invoice) const {
    Shares shares;
    for (const ShareRow& share : invoice.shares) {
      std::int64_t open = share.open;
      if (!latest_) {
        BILLING_TRY(then, share_open_at(source_, invoice.customer, share.account, id, date_));
        open = then;
      }
      shares.accounts.push_back(share.account);
      shares.open.push_back(std::max<std::int64_t>(open, 0));
    }
    return shares;
  }

  const Source& source_;
  const AccountId payer_;
  const Date date_;
  const bool latest_;
};

}  // namespace

void payers::issue(Rows& rows, InvoiceId id, const InvoiceRow& invoice) {
  rows.append(due_key(invoice.payer, invoice.due_date).add(id), {});
}
void payers::owe(Rows& rows, CustomerId customer, AccountId payer, std::int64_t change) {
  edit(rows, customer, payer, [&](PayerRow& row) { row.open += change; });
}
void payers::hold(Rows& rows, CustomerId customer, AccountId account, std::int64_t credit, std::int64_t held) {
  edit(rows, customer, account, [&](PayerRow& row) {
    row.credit += credit;
    row.held += held;
    row.had_credit = row.had_credit || row.credit > 0;
  });
}
void payers::agree(Rows& rows, CustomerId customer, AccountId payer, PlanId plan) {
  edit(rows, customer, payer, [&](PayerRow& row) { row.plans.push_back(plan); });
}
std::vector<PlanId> payers::plans_of(Rows& rows, AccountId payer) {
  const auto row = rows.load<PayerRow>(row_key(payer));
  return row ? row->plans : std::vector<PlanId>();
}

Result<Relief> relief_of_payers(const Source& source, CustomerId customer, const Scope& scope, Date date) {
  Relief relief;
  BILLING_TRY(latest, is_latest(source, customer, date));
  std::vector<AccountId> payers{scope.account};
  if (scope.kind != ScopeKind::kAccount) {
    BILLING_TRY(members, Members::of(source, scope, date));
    payers = members.few().value_or(std::vector<AccountId>());
    if (!members.few()) {
      BILLING_TRY(eased, eased_payers(source, customer, latest, SIZE_MAX));
      for (const AccountId payer : eased) {
        BILLING_TRY(member, members.has(payer));
        if (member) payers.push_back(payer);
      }
    }
  }
  for (const AccountId payer : payers) {
    BILLING_TRY(items, Debt(source, payer, date, latest).items());
    for (const Item& item : items) {
      relief.covered += item.covered + item.covered_disputed;
      relief.suspended += item.suspended;
      if (item.covered + item.suspended > 0) relief.not_pressing[item.due] += item.covered + item.suspended;
    }
  }
  return relief;
}

Result<Relief> relief_of_shares(const Source& source, CustomerId customer, const Scope& scope, Date date) {
  Relief relief;
  BILLING_TRY(latest, is_latest(source, customer, date));
  BILLING_TRY(members, Members::of(source, scope, date));
  BILLING_TRY(payers, eased_payers(source, customer, latest, members.few() ? kPayersMax : SIZE_MAX));
  if (members.few() && payers.size() == kPayersMax) {
    BILLING_TRY(of_items, payers_of_late_items(source, customer, *members.few(), date));
    payers = std::move(of_items);
  }
  for (const AccountId payer : payers) {
    Debt debt(source, payer, date, latest);
    BILLING_TRY(items, debt.items());
    for (const Item& item : items) {
      const std::int64_t covered = item.covered + item.covered_disputed;
      if (covered + item.suspended == 0) continue;
      BILLING_TRY(shares, debt.shares_of(item.invoice));
      const auto parts = allocate(covered + item.suspended, shares.open);
      const auto covered_parts = allocate(covered, parts);
      for (std::size_t i = 0; i < shares.accounts.size(); ++i) {
        BILLING_TRY(member, members.has(shares.accounts[i]));
        if (!member) continue;
        relief.covered += covered_parts[i];
        relief.suspended += parts[i] - covered_parts[i];
      }
    }
  }
  return relief;
}

}  // namespace billing::views
