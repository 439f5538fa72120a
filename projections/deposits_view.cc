#include "projections/deposits_view.h"

#include <algorithm>

#include "projections/credits_view.h"
#include "projections/customers_view.h"
#include "projections/listing.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

constexpr DatedList kList{Table::kDepositOfAccount, Table::kDepositOfCustomer};

Key row_key(DepositId id) { return Key(Table::kDeposit).add(id); }

void edit(const codec::Envelope& event, DepositId id, Rows& rows, auto&& change) {
  const Key key = row_key(id);
  auto row = rows.load<DepositRow>(key);
  if (!row) return rows.damaged(key);
  row->version = event.version;
  change(*row);
  rows.save(key, *row);
}

// The row as it was at the end of a day.
DepositRow as_of(DepositRow row, Date day) {
  for (const DepositChange& later : row.changes) {
    if (later.day <= day) continue;
    row.left += later.used + later.returned;
    row.used -= later.used;
    row.returned -= later.returned;
  }
  return row;
}

struct Loaded {
  Deposit deposit;
  codec::Envelope event;
};
Result<Loaded> load(const Source& source, DepositId id, const std::optional<Date>& day) {
  BILLING_TRY(row, row_at<DepositRow>(source, row_key(id)));
  if (!row) return refuse(Code::kUnknownDeposit, "there is no deposit " + id.text());
  if (day) row = as_of(std::move(*row), *day);
  BILLING_TRY(event, event_at(source, row->position));
  const auto* received = std::get_if<deposit::Received>(&event.event);
  if (received == nullptr) return std::unexpected(unreadable_row(row_key(id)));
  Deposit found{.id = id,
                .customer = row->customer,
                .account = row->account,
                .names = {},
                .amount = received->amount,
                .left = row->left,
                .used = row->used,
                .returned = row->returned,
                .currency = received->currency,
                .method = received->method,
                .reference = received->reference,
                .received_on = received->received_on,
                .posting_date = received->posting_date,
                .version = row->version,
                .position = row->position};
  return Loaded{std::move(found), std::move(event)};
}

Result<void> add_names(const Source& source, Deposit& deposit) {
  BILLING_TRY(names, names_of(source, deposit.account, deposit.position));
  deposit.names = std::move(names);
  return {};
}

Listed<Deposit> listed(const Source& source, const ListQuery& query) {
  return {.list = kList,
          .find = [&source, &query](const Uuid& object) -> Result<std::optional<Deposit>> {
            BILLING_TRY(found, load(source, DepositId{object}, query.as_of));
            if (query.as_of && found.deposit.posting_date > *query.as_of) return std::nullopt;
            return std::move(found.deposit);
          },
          .wanted = [&source, &query](const Deposit& one) -> Result<bool> {
            if (!query.posting.has(one.posting_date)) return false;
            if (!query.methods.empty() && std::ranges::count(query.methods, payment::method_text(one.method)) == 0) return false;
            if (query.text.empty() || any_begins_with({one.reference}, query.text)) return true;
            BILLING_TRY(names, names_of(source, one.account, one.position));
            return any_begins_with({names.number, names.name}, query.text);
          },
          .key = [&source, &query](const Deposit& one) -> Result<std::string> {
            if (query.sort == SortBy::kAmount) return amount_key(one.amount);
            if (query.sort == SortBy::kOpen) return amount_key(one.left);
            if (query.sort != SortBy::kAccountName) return std::string();
            BILLING_TRY(names, names_of(source, one.account, one.position));
            return natural_key(names.name);
          },
          .complete = [&source](Deposit& one) { return add_names(source, one); },
          .amounts = [](const Deposit& one) { return std::pair(one.amount, one.left); }};
}

}  // namespace

void deposits::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* received = std::get_if<deposit::Received>(&event.event)) {
    rows.save_new(row_key(received->id), DepositRow{.customer = event.customer,
                                                    .account = received->account,
                                                    .left = received->amount,
                                                    .position = event.position,
                                                    .version = event.version});
    append_dated(rows, kList, event.customer, {received->account}, {received->received_on, event.position},
                 received->id.uuid);
  }
  if (const auto* used = std::get_if<deposit::Used>(&event.event)) {
    edit(event, used->id, rows, [&](DepositRow& row) {
      row.changes.push_back({.day = day_of(event), .used = used->amount});
      row.left -= used->amount;
      row.used += used->amount;
    });
  }
  if (const auto* returned = std::get_if<deposit::Returned>(&event.event)) {
    edit(event, returned->id, rows, [&](DepositRow& row) {
      row.changes.push_back({.day = day_of(event), .returned = returned->amount});
      row.left -= returned->amount;
      row.returned += returned->amount;
    });
  }
}

Result<Page<Deposit>> list_deposits(const Source& source, const ListQuery& query) {
  return list_page(source, query, listed(source, query));
}

Result<ListSums> sum_deposits(const Source& source, const ListQuery& query) {
  BILLING_TRY(customer, customer_of(source, query.scope));
  BILLING_TRY(currency, currency_of(source, customer));
  return list_sums(source, query, currency, listed(source, query));
}

Result<DepositDetail> read_deposit(const Source& source, DepositId id) {
  BILLING_TRY(found, load(source, id, std::nullopt));
  BILLING_CHECK(add_names(source, found.deposit));
  BILLING_TRY(used, read_used(source, found.event, id.uuid));
  return DepositDetail{std::move(found.deposit), std::move(used)};
}

}  // namespace billing::views
