#include "projections/open_shares.h"

#include <set>

#include "projections/hierarchy_view.h"

namespace billing::views {
namespace {

Key node_prefix(const Node& node) {
  return Key(Table::kOpenShares).add(node.id).add(static_cast<std::uint8_t>(node.part));
}

std::int32_t counted_below(const OpenSharesRow& row, Date day) {
  return amount_at(row.below, day) > 0 && amount_at(row.own, day) == 0 ? 1 : 0;
}

Figures invoices_due(Date due, std::int64_t invoices) {
  return {.children = 0, .totals = {}, .dues = {{.due = due, .invoices = static_cast<std::int32_t>(invoices)}}};
}

// Changes the row and, on the days where that makes a difference, the number of invoices below the node.
void change_row(Rows& rows, const Node& node, InvoiceId invoice, Date due, auto&& change) {
  const Key key = node_prefix(node).add(invoice);
  const OpenSharesRow before = rows.load<OpenSharesRow>(key).value_or(OpenSharesRow{.due = due, .own = {}, .below = {}});
  OpenSharesRow after = before;
  change(after);
  rows.save(key, after);
  std::set<Date> days;
  for (const Changes* changes : {&after.own, &after.below}) {
    for (const Change& each : *changes) days.insert(each.day);
  }
  std::int32_t last = 0;
  for (const Date day : days) {
    const std::int32_t difference = counted_below(after, day) - counted_below(before, day);
    if (difference != last) figures::add(rows, node, day, invoices_due(due, difference - last));
    last = difference;
  }
}

}  // namespace

void open_shares::change(CustomerId customer, AccountId account, InvoiceId invoice, Date due, const Changes& changes,
                         Rows& rows) {
  for (const Change& each : changes) {
    figures::add(rows, own(account), each.day, invoices_due(due, each.amount));
    change_row(rows, below(account), invoice, due,
               [&](OpenSharesRow& row) { add_change(row.own, each.day, each.amount); });
    for (const Step& step : hierarchies::steps(rows, account, each.day)) {
      change_row(rows, below(step.ancestor), invoice, due,
                 [&](OpenSharesRow& row) { add_change(row.below, step.on, step.sign * each.amount); });
    }
    change_row(rows, whole(customer), invoice, due,
               [&](OpenSharesRow& row) { add_change(row.below, each.day, each.amount); });
  }
}

void open_shares::move(AccountId account, Date on, const std::vector<AccountId>& left,
                       const std::vector<AccountId>& entered, Figures& sums, Rows& rows) {
  const Key prefix = node_prefix(below(account));
  for (const auto& [key, value] : rows.under(prefix)) {
    const auto row = parse_row<OpenSharesRow>(value);
    if (!row) return rows.damaged(key);
    const auto invoice = KeyReader(key, prefix.size()).id<InvoiceId>();
    const std::int64_t shares = amount_at(row->own, on) + amount_at(row->below, on);
    if (shares == 0) continue;
    sums.add(Due{.due = row->due, .invoices = 1}, -1);
    for (const AccountId& id : left) {
      change_row(rows, below(id), invoice, row->due,
                 [&](OpenSharesRow& there) { add_change(there.below, on, -shares); });
    }
    for (const AccountId& id : entered) {
      change_row(rows, below(id), invoice, row->due,
                 [&](OpenSharesRow& there) { add_change(there.below, on, shares); });
    }
  }
}

}  // namespace billing::views
