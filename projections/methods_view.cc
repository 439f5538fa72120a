#include "projections/methods_view.h"

#include <algorithm>

#include "projections/accounts_view.h"
#include "projections/customers_view.h"
#include "projections/owed_view.h"

namespace billing::views {
namespace {

Key row_key(MethodId id) { return Key(Table::kMethod).add(id); }
Key list_key(AccountId account, MethodId id) { return Key(Table::kMethodOfAccount).add(account).add(id); }
Key autopay_key(AccountId account) { return Key(Table::kAutopay).add(account); }

void edit(const codec::Envelope& event, Rows& rows, bool removed) {
  const Key key = row_key(MethodId{event.stream.id});
  auto row = rows.load<MethodRow>(key);
  if (!row) return rows.damaged(key);
  row->removed = removed;
  row->version = event.version;
  rows.save(key, *row);
}

// Drafts all that is due on the earliest due day with something to pay, so many days before it; at once when that is past.
Result<void> find_next_draft(const Source& source, AccountId account, Date date, Autopay& autopay) {
  BILLING_CHECK(visit_due_days(source, account, date, [&](Date due, std::int64_t, std::int64_t undisputed) {
    if (undisputed <= 0) return true;
    const Date draft = std::max(due.plus_days(-autopay.days_before_due), date);
    if (autopay.next_draft && draft > *autopay.next_draft) return false;
    if (!autopay.next_draft) autopay.next_due = due;
    autopay.next_draft = draft;
    autopay.next_amount += undisputed;
    return true;
  }));
  if (autopay.at_most) autopay.next_amount = std::min(autopay.next_amount, *autopay.at_most);
  return {};
}

}  // namespace

void methods::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* added = std::get_if<method::Added>(&event.event)) {
    rows.save_new(row_key(added->id), MethodRow{.customer = event.customer,
                                                .removed = false,
                                                .added = event.position,
                                                .version = event.version});
    rows.append(list_key(added->account, added->id), {});
    return;
  }
  if (event.stream.kind == StreamKind::kMethod) edit(event, rows, std::holds_alternative<method::Removed>(event.event));
  if (const auto* removed = std::get_if<method::Removed>(&event.event)) {
    rows.drop(list_key(removed->account, removed->id));
  }
  if (const auto* set = std::get_if<method::AutopaySet>(&event.event)) {
    rows.save(autopay_key(set->account), AutopayRow{set->id, set->days_before_due, set->at_most});
  }
  if (const auto* cleared = std::get_if<method::AutopayCleared>(&event.event)) {
    // Setting another method may clear the one before first or afterwards.
    const auto row = rows.load<AutopayRow>(autopay_key(cleared->account));
    if (row && row->method == cleared->id) rows.erase(autopay_key(cleared->account));
  }
}

Result<PaymentMethod> read_method(const Source& source, MethodId id) {
  BILLING_TRY(row, row_at<MethodRow>(source, row_key(id)));
  if (!row) return refuse(Code::kUnknownPaymentMethod, "there is no payment method " + id.text());
  BILLING_TRY(event, event_at(source, row->added));
  const auto* added = std::get_if<method::Added>(&event.event);
  if (added == nullptr) return std::unexpected(unreadable_row(row_key(id)));
  return PaymentMethod{.id = id,
                       .customer = row->customer,
                       .account = added->account,
                       .kind = added->kind,
                       .token = added->token,
                       .brand = added->brand,
                       .last_four = added->last_four,
                       .expires = added->expires,
                       .removed = row->removed,
                       .version = row->version};
}

Result<PaymentMethods> read_methods(const Source& source, AccountId account, Date date) {
  BILLING_TRY(known, find_account(source, account));
  PaymentMethods found;
  std::vector<MethodId> ids;
  const Key prefix = Key(Table::kMethodOfAccount).add(account);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    ids.push_back(KeyReader(key, prefix.size()).id<MethodId>());
    return true;
  }));
  for (const MethodId& id : ids) {
    BILLING_TRY(method, read_method(source, id));
    found.methods.push_back(std::move(method));
  }
  BILLING_TRY(row, row_at<AutopayRow>(source, autopay_key(account)));
  if (!row) return found;
  BILLING_TRY(currency, currency_of(source, known.customer));
  found.autopay = Autopay{.method = row->method,
                          .days_before_due = row->days_before_due,
                          .at_most = row->at_most,
                          .currency = currency};
  BILLING_CHECK(find_next_draft(source, account, date, *found.autopay));
  return found;
}

}  // namespace billing::views
