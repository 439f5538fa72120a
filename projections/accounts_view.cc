#include "projections/accounts_view.h"

#include "projections/customers_view.h"
#include "projections/figures_view.h"
#include "projections/hierarchy_view.h"

namespace billing::views {
namespace {

void open(const codec::Envelope& event, const account::Opened& opened, Rows& rows) {
  rows.save_new(account_key(opened.id), AccountRow{.customer = opened.customer,
                                                   .number = opened.number,
                                                   .name = opened.name,
                                                   .opened_on = opened.opened_on,
                                                   .closed_on = std::nullopt,
                                                   .payment_terms_days = opened.payment_terms_days,
                                                   .bill_cycle_day = opened.bill_cycle_day,
                                                   .external_id = opened.external_id,
                                                   .version = event.version});
  rows.append(Key(Table::kAccountByNumber).add(opened.customer).text(opened.number), opened.id.uuid.view());
}

}  // namespace

void accounts::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* opened = std::get_if<account::Opened>(&event.event)) return open(event, *opened, rows);
  if (event.stream.kind != StreamKind::kAccount) return;
  const Key key = account_key(AccountId{event.stream.id});
  auto row = rows.load<AccountRow>(key);
  if (!row) return rows.damaged(key);
  row->version = event.version;
  if (const auto* renamed = std::get_if<account::Renamed>(&event.event)) row->name = renamed->new_name;
  if (const auto* terms = std::get_if<account::TermsChanged>(&event.event)) {
    row->payment_terms_days = terms->new_payment_terms_days;
    row->bill_cycle_day = terms->new_bill_cycle_day;
  }
  if (const auto* closed = std::get_if<account::Closed>(&event.event)) row->closed_on = closed->on;
  rows.save(key, *row);
}

Result<AccountRow> find_account(const Source& source, AccountId id) {
  BILLING_TRY(row, row_at<AccountRow>(source, account_key(id)));
  if (!row) return refuse(Code::kUnknownAccount, "there is no account " + id.text());
  return std::move(*row);
}

Result<Account> read_account(const Source& source, AccountId id, Date date) {
  BILLING_TRY(row, find_account(source, id));
  BILLING_TRY(currency, currency_of(source, row.customer));
  BILLING_TRY(parents, parents_of(source, id));
  BILLING_TRY(latest, is_latest(source, row.customer, date));
  BILLING_TRY(own, figures_at(source, Scope::only(id), date, latest, Detail::kSums));
  BILLING_TRY(subtree, figures_at(source, Scope::subtree(id), date, latest, Detail::kSums));
  const AccountId parent = parents.at(date);
  return Account{.id = id,
                 .customer = row.customer,
                 .number = std::move(row.number),
                 .name = std::move(row.name),
                 .parent = parent.nil() ? std::nullopt : std::optional(parent),
                 .opened_on = row.opened_on,
                 .closed_on = row.closed_on,
                 .payment_terms_days = row.payment_terms_days,
                 .bill_cycle_day = row.bill_cycle_day,
                 .external_id = std::move(row.external_id),
                 .currency = currency,
                 .version = row.version,
                 .children = static_cast<std::uint32_t>(own.children),
                 .own = own.totals,
                 .subtree = subtree.totals};
}

Result<Account> read_account_by_number(const Source& source, CustomerId customer, std::string_view number, Date date) {
  BILLING_TRY(value, source.rows.get(Key(Table::kAccountByNumber).add(customer).text(number)));
  if (!value || value->size() != 16) return refuse(Code::kUnknownAccount, "there is no account with this number");
  return read_account(source, AccountId{Uuid::from_bytes(*value)}, date);
}

Result<Page<Account>> list_accounts(const Source& source, CustomerId customer, Date date, const PageRequest& request) {
  BILLING_TRY(known, find_customer(source, customer));
  Page<Account> page;
  BILLING_CHECK(page_of(source, Key(Table::kAccountByNumber).add(customer), request, false, page,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
                              if (value.size() != 16) return std::unexpected(unreadable_row(tail));
                              BILLING_TRY(found, read_account(source, AccountId{Uuid::from_bytes(value)}, date));
                              page.items.push_back(std::move(found));
                              return true;
                            }));
  return page;
}

Result<Page<Account>> list_children(const Source& source, CustomerId customer, AccountId parent, Date date,
                                    const PageRequest& request) {
  Page<Account> page;
  BILLING_CHECK(page_of(source, children_prefix(customer, parent), request, false, page,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
                              const auto row = parse_row<ChildRow>(value);
                              if (!row) return std::unexpected(unreadable_row(tail));
                              if (!row->covers(date)) return false;
                              BILLING_TRY(found, read_account(source, KeyReader(tail, 0).id<AccountId>(), date));
                              page.items.push_back(std::move(found));
                              return true;
                            }));
  return page;
}

}  // namespace billing::views
