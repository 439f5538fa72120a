#include "projections/deposits_view.h"

#include "projections/credits_view.h"

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

struct Loaded {
  Deposit deposit;
  codec::Envelope event;
};
Result<Loaded> load(const Source& source, DepositId id) {
  BILLING_TRY(row, row_at<DepositRow>(source, row_key(id)));
  if (!row) return refuse(Code::kUnknownDeposit, "there is no deposit " + id.text());
  BILLING_TRY(event, event_at(source, row->position));
  const auto* received = std::get_if<deposit::Received>(&event.event);
  if (received == nullptr) return std::unexpected(unreadable_row(row_key(id)));
  Deposit found{.id = id,
                .customer = row->customer,
                .account = row->account,
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
      row.left -= used->amount;
      row.used += used->amount;
    });
  }
  if (const auto* returned = std::get_if<deposit::Returned>(&event.event)) {
    edit(event, returned->id, rows, [&](DepositRow& row) {
      row.left -= returned->amount;
      row.returned += returned->amount;
    });
  }
}

Result<Page<Deposit>> list_deposits(const Source& source, const Scope& scope, Date today, const PageRequest& request) {
  const auto accept = [](Place, const Uuid&) -> Result<bool> { return true; };
  BILLING_TRY(entries, dated_page(source, kList, scope, today, request, accept));
  Page<Deposit> page{.items = {}, .next = std::move(entries.next)};
  for (const auto& [place, object] : entries.items) {
    BILLING_TRY(found, load(source, DepositId{object}));
    page.items.push_back(std::move(found.deposit));
  }
  return page;
}

Result<DepositDetail> read_deposit(const Source& source, DepositId id) {
  BILLING_TRY(found, load(source, id));
  BILLING_TRY(used, read_used(source, found.event, id.uuid));
  return DepositDetail{std::move(found.deposit), std::move(used)};
}

}  // namespace billing::views
