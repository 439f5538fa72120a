#include "projections/trial_view.h"

#include <map>

#include "projections/credits_view.h"
#include "projections/customers_view.h"
#include "projections/deposits_view.h"
#include "projections/figures_view.h"
#include "projections/hierarchy_view.h"
#include "projections/items_view.h"
#include "projections/payments_view.h"

namespace billing::views {
namespace {

struct DayRow {
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  static void fields(auto& row, auto& archive) { archive(row.debit, row.credit); }
};

struct Day {
  Currency currency;
  Ledger ledger = Ledger::kCash;
  Date date;
  DayRow sums;
};

Result<void> visit_days(const Source& source, const std::function<void(const Day&)>& visit) {
  std::optional<Error> error;
  const Key prefix(Table::kTrial);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    const auto currency = Currency::parse(reader.take(3));
    const auto sums = parse_row<DayRow>(value);
    if (!currency || !sums) {
      error = unreadable_row(key);
      return false;
    }
    const auto ledger = static_cast<Ledger>(reader.u16());
    visit({*currency, ledger, reader.date(), *sums});
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return {};
}

void add_day(TrialBalance& balance, const Day& day) {
  if (balance.ledgers.empty() || balance.ledgers.back().ledger != day.ledger) balance.ledgers.push_back({day.ledger});
  balance.ledgers.back().debit += day.sums.debit;
  balance.ledgers.back().credit += day.sums.credit;
  balance.debit += day.sums.debit;
  balance.credit += day.sums.credit;
}

template <class Row>
Result<void> visit_table(const Source& source, Table table, const std::function<void(std::string_view, const Row&)>& visit) {
  std::optional<Error> error;
  const Key prefix(table);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<Row>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    visit(key, *row);
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return {};
}

using Controls = std::map<std::string, Control, std::less<>>;

// Adds a field of all rows of a table to a field of their customers' control.
template <class Row>
Result<void> add_sums(const Source& source, Table table, const std::map<CustomerId, Control*>& of_customer,
                      std::int64_t Control::* sum, std::int64_t Row::* part) {
  return visit_table<Row>(source, table, [&](std::string_view, const Row& row) {
    if (const auto found = of_customer.find(row.customer); found != of_customer.end()) found->second->*sum += row.*part;
  });
}

// Own sums of all accounts: the roots' subtree sums are their sum only while moves are right, so each is added.
Result<void> add_accounts(const Source& source, const std::map<CustomerId, Control*>& of_customer) {
  std::optional<Error> error;
  const Key prefix(Table::kChild);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    const auto customer = reader.id<CustomerId>();
    reader.id<AccountId>();
    const auto row = parse_row<ChildRow>(value);
    if (row && !row->covers(kNow)) return true;  // it is below another by now
    const auto figures = figures_at(source, Scope::only(reader.id<AccountId>()), kNow, true, Detail::kSums);
    const auto control = of_customer.find(customer);
    if (!row || !figures || control == of_customer.end()) {
      error = figures ? unreadable_row(key) : figures.error();
      return false;
    }
    control->second->accounts_open += figures->totals.open;
    control->second->accounts_unapplied += figures->totals.unapplied;
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return {};
}

}  // namespace

void trial::apply(const codec::Envelope& event, Rows& rows) {
  if (event.postings.empty()) return;
  const Date date = day_of(event);
  for (const Posting& posting : event.postings) {
    const Currency currency = posting.currency.valid() ? posting.currency : event.currency;
    const Key key = Key(Table::kTrial)
                        .raw(currency.code())
                        .add(static_cast<std::uint16_t>(posting.ledger))
                        .add(date);
    DayRow row = rows.load<DayRow>(key).value_or(DayRow{});
    (posting.amount >= 0 ? row.debit : row.credit) += posting.amount >= 0 ? posting.amount : -posting.amount;
    rows.save(key, row);
  }
}

Result<std::vector<TrialBalance>> read_trial_balance(const Source& source, Date date) {
  std::vector<TrialBalance> balances;
  BILLING_CHECK(visit_days(source, [&](const Day& day) {
    if (balances.empty() || balances.back().currency != day.currency) balances.push_back({.currency = day.currency});
    if (day.date <= date) add_day(balances.back(), day);
  }));
  return balances;
}

Result<std::vector<TrialBalance>> read_trial_balance_by_month(const Source& source) {
  std::map<std::pair<std::string, std::int32_t>, TrialBalance> balances;
  BILLING_CHECK(visit_days(source, [&](const Day& day) {
    TrialBalance& balance = balances[{std::string(day.currency.code()), day.date.month_index()}];
    balance.currency = day.currency;
    balance.month = day.date.month_index();
    add_day(balance, day);
  }));
  std::vector<TrialBalance> list;
  for (auto& [key, balance] : balances) list.push_back(std::move(balance));
  return list;
}

Result<std::vector<Control>> read_control(const Source& source) {
  Controls controls;
  std::map<CustomerId, Control*> of_customer;
  BILLING_CHECK(visit_table<CustomerRow>(source, Table::kCustomer, [&](std::string_view key, const CustomerRow& row) {
    Control& control = controls[std::string(row.currency.code())];
    control.currency = row.currency;
    of_customer[KeyReader(key).id<CustomerId>()] = &control;
  }));
  BILLING_CHECK(visit_days(source, [&](const Day& day) {
    Control& control = controls[std::string(day.currency.code())];
    control.currency = day.currency;
    if (day.ledger == Ledger::kReceivables) control.receivables += day.sums.debit - day.sums.credit;
    if (day.ledger == Ledger::kUnappliedCredit) control.unapplied_credit += day.sums.credit - day.sums.debit;
    if (day.ledger == Ledger::kCustomerDeposits) control.deposits += day.sums.credit - day.sums.debit;
  }));
  BILLING_CHECK(visit_table<ItemRow>(source, Table::kOpenItem, [&](std::string_view key, const ItemRow& row) {
    if (const auto found = of_customer.find(KeyReader(key).id<CustomerId>()); found != of_customer.end()) {
      found->second->open_items += row.open();
    }
  }));
  BILLING_CHECK(add_sums<CreditNoteRow>(source, Table::kCreditNote, of_customer, &Control::credits_left,
                                        &CreditNoteRow::unapplied));
  BILLING_CHECK(
      add_sums<PaymentRow>(source, Table::kPayment, of_customer, &Control::credits_left, &PaymentRow::unapplied));
  BILLING_CHECK(add_sums<CreditHolderRow>(source, Table::kCreditHolder, of_customer, &Control::credits_held,
                                          &CreditHolderRow::amount));
  BILLING_CHECK(add_sums<DepositRow>(source, Table::kDeposit, of_customer, &Control::deposits_left, &DepositRow::left));
  BILLING_CHECK(add_accounts(source, of_customer));
  std::vector<Control> list;
  for (const auto& [code, control] : controls) list.push_back(control);
  return list;
}

}  // namespace billing::views
