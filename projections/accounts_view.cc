#include "projections/accounts_view.h"

#include "projections/customers_view.h"
#include "projections/totals_view.h"

namespace billing::views {
namespace {

Key child_key(CustomerId customer, const std::optional<AccountId>& parent, AccountId child) {
  return Key(Table::kChild).add(customer).add(parent.value_or(AccountId{})).add(child);
}

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
  rows.append(child_key(opened.customer, opened.parent, opened.id), {});
}

}  // namespace

void accounts::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* opened = std::get_if<account::Opened>(&event.event)) return open(event, *opened, rows);
  if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event)) {
    rows.drop(child_key(event.customer, moved->old_parent, moved->account));
    rows.append(child_key(event.customer, moved->new_parent, moved->account), {});
    return;
  }
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

Result<Account> read_account(const Source& source, AccountId id) {
  BILLING_TRY(row, find_account(source, id));
  BILLING_TRY(totals, account_totals(source, id));
  BILLING_TRY(currency, currency_of(source, row.customer));
  return Account{.id = id,
                 .customer = row.customer,
                 .number = std::move(row.number),
                 .name = std::move(row.name),
                 .parent = totals.parent.nil() ? std::nullopt : std::optional(totals.parent),
                 .opened_on = row.opened_on,
                 .closed_on = row.closed_on,
                 .payment_terms_days = row.payment_terms_days,
                 .bill_cycle_day = row.bill_cycle_day,
                 .external_id = std::move(row.external_id),
                 .currency = currency,
                 .version = row.version,
                 .children = static_cast<std::uint32_t>(totals.children),
                 .own = totals.own,
                 .subtree = totals.subtree};
}

Result<Account> read_account_by_number(const Source& source, CustomerId customer, std::string_view number) {
  BILLING_TRY(value, source.rows.get(Key(Table::kAccountByNumber).add(customer).text(number)));
  if (!value || value->size() != 16) return refuse(Code::kUnknownAccount, "there is no account with this number");
  return read_account(source, AccountId{Uuid::from_bytes(*value)});
}

Result<Page<Account>> list_accounts(const Source& source, CustomerId customer, const PageRequest& request) {
  BILLING_TRY(known, find_customer(source, customer));
  Page<Account> page;
  BILLING_TRY(next, page_of(source, Key(Table::kAccountByNumber).add(customer), request, false,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
                              if (value.size() != 16) return std::unexpected(unreadable_row(tail));
                              BILLING_TRY(found, read_account(source, AccountId{Uuid::from_bytes(value)}));
                              page.items.push_back(std::move(found));
                              return true;
                            }));
  page.next = std::move(next);
  return page;
}

Result<Page<Account>> list_children(const Source& source, CustomerId customer, AccountId parent,
                                    const PageRequest& request) {
  Page<Account> page;
  BILLING_TRY(next, page_of(source, Key(Table::kChild).add(customer).add(parent), request, false,
                            [&](std::string_view tail, std::string_view) -> Result<bool> {
                              BILLING_TRY(found, read_account(source, KeyReader(tail, 0).id<AccountId>()));
                              page.items.push_back(std::move(found));
                              return true;
                            }));
  page.next = std::move(next);
  return page;
}

}  // namespace billing::views
