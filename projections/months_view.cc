#include "projections/months_view.h"

#include <algorithm>

#include "projections/hierarchy_view.h"
#include "projections/invoices_view.h"
#include "projections/money_flow.h"
#include "projections/paid_change.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

constexpr std::int32_t kMonthsMax = 240;

struct MonthRow {
  Month sums;  // its `month` is in the key
  static void fields(auto& row, auto& archive) {
    auto& s = row.sums;
    archive(s.invoiced, s.invoiced_net, s.invoiced_tax, s.credited, s.credited_net, s.credited_tax, s.paid, s.written_off,
            s.invoices, s.credit_notes, s.payments);
  }
};

Key node_key(const Node& node) {
  return Key(Table::kMonth).add(node.id).add(static_cast<std::uint8_t>(node.part));
}
Key row_key(const Node& node, std::int32_t month) { return node_key(node).add(static_cast<std::uint16_t>(month)); }

void add_to(Month& sum, const Month& month, int sign = 1) {
  sum.invoiced += sign * month.invoiced;
  sum.invoiced_net += sign * month.invoiced_net;
  sum.invoiced_tax += sign * month.invoiced_tax;
  sum.credited += sign * month.credited;
  sum.credited_net += sign * month.credited_net;
  sum.credited_tax += sign * month.credited_tax;
  sum.paid += sign * month.paid;
  sum.written_off += sign * month.written_off;
  const auto count = [&](std::uint64_t& number, std::uint64_t change) { number += sign > 0 ? change : ~change + 1; };
  count(sum.invoices, month.invoices);
  count(sum.credit_notes, month.credit_notes);
  count(sum.payments, month.payments);
}

// A row of zeros is no row, so that rows are the same however events were batched.
void add_row(Rows& rows, const Node& node, std::int32_t month, const Month& change, int sign = 1) {
  const Key key = row_key(node, month);
  MonthRow row = rows.load<MonthRow>(key).value_or(MonthRow{});
  add_to(row.sums, change, sign);
  if (row.sums == Month{}) return rows.erase(key);
  rows.save(key, row);
}

void add(MonthChanges& changes, CustomerId customer, AccountId account, Date date, const Month& difference) {
  add_to(changes[{customer, account, date.month_index()}], difference);
}

void move(const hierarchy::Moved& moved, Rows& rows) {
  const auto chain = [&](const std::optional<AccountId>& parent) {
    std::vector<AccountId> ids;
    if (!parent) return ids;
    ids = hierarchies::ancestors(rows, *parent, kNow);
    ids.push_back(*parent);
    return ids;
  };
  const std::vector<AccountId> before = chain(moved.old_parent), after = chain(moved.new_parent);
  const std::vector<AccountId> left = without(before, after), entered = without(after, before);
  for (const Node& part : {own(moved.account), below(moved.account)}) {
    const Key prefix = node_key(part);
    for (const auto& [key, value] : rows.under(prefix)) {
      const auto row = parse_row<MonthRow>(value);
      if (!row) return rows.damaged(key);
      const std::int32_t month = KeyReader(key, prefix.size()).u16();
      for (const AccountId& id : left) add_row(rows, below(id), month, row->sums, -1);
      for (const AccountId& id : entered) add_row(rows, below(id), month, row->sums);
    }
  }
}

void add_invoice(const codec::Envelope& event, const invoice::Issued& issued, Rows& rows,
                 MonthChanges& changes) {
  // Net and tax by account are in the invoice's row: a draft's lines came earlier.
  const Key key = invoice_key(issued.header.id);
  const auto row = rows.load<InvoiceRow>(key);
  if (!row) return rows.damaged(key);
  bool counted = false;
  for (const ShareRow& share : row->shares) {
    const bool owner = share.account == issued.header.account;
    add(changes, event.customer, share.account, issued.document_date,
        {.invoiced = share.total, .invoiced_net = share.net, .invoiced_tax = share.tax, .invoices = owner ? 1U : 0U});
    counted = counted || owner;
  }
  if (!counted) add(changes, event.customer, issued.header.account, issued.document_date, {.invoices = 1});
}

void add_note(const codec::Envelope& event, const credit_note::Issued& note, MonthChanges& changes) {
  add(changes, event.customer, note.account, note.document_date, {.credit_notes = 1});
  for (const Line& line : note.lines) {
    const std::int64_t tax = tax_of(line);
    add(changes, event.customer, line.service_account, note.document_date,
        {.credited = line.net + tax, .credited_net = line.net, .credited_tax = tax});
  }
}

void add_payment(const codec::Envelope& event, const PaidChange& paid, MonthChanges& changes) {
  const bool came_in = std::holds_alternative<payment::Recorded>(event.event) ||
                       std::holds_alternative<payment::Succeeded>(event.event);
  add(changes, event.customer, paid.account, day_of(event),
      {.paid = paid.amount, .payments = came_in ? 1U : 0U});
}

// A write-off or its recovery, for each service account.
void add_written_off(const codec::Envelope& event, MonthChanges& changes) {
  for (const AllocationChange& change : allocation_changes(event.event)) {
    if (change.source != AllocationSource::kWriteOff) continue;
    for (const Allocation& allocation : *change.allocations) {
      add(changes, event.customer, allocation.account, day_of(event),
          {.written_off = -change.open_change(allocation)});
    }
  }
}

}  // namespace

void months::apply(const codec::Envelope& event, Rows& rows, MonthChanges& changes) {
  if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event)) {
    settle(changes, rows);
    return move(*moved, rows);
  }
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) return add_invoice(event, *issued, rows, changes);
  if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) return add_note(event, *note, changes);
  if (const auto paid = paid_change(event.event)) return add_payment(event, *paid, changes);
  if (event.stream.kind == StreamKind::kInvoice) add_written_off(event, changes);
}

void months::settle(MonthChanges& changes, Rows& rows) {
  MonthChanges above;  // by ancestor; by customer where there is no account
  for (const auto& [place, change] : changes) {
    if (change == Month{}) continue;
    add_row(rows, own(place.account), place.month, change);
    add_to(above[{place.customer, {}, place.month}], change);
    for (const AccountId& id : hierarchies::ancestors(rows, place.account, kNow)) {
      add_to(above[{place.customer, id, place.month}], change);
    }
  }
  for (const auto& [place, change] : above) {
    add_row(rows, place.account.nil() ? whole(place.customer) : below(place.account), place.month, change);
  }
  changes.clear();
}

Result<std::vector<Month>> read_months(const Source& source, const Scope& scope, std::int32_t first, std::int32_t last,
                                       Date today) {
  if (first < 0 || last < first || last - first >= kMonthsMax || last > 0xFFFF) {
    return refuse(Code::kInvalidParameter, "ask for 1 to 240 months, the first one first");
  }
  std::vector<Month> months;
  for (std::int32_t month = first; month <= last; ++month) months.push_back({.month = month});
  BILLING_CHECK(customer_of(source, scope));
  BILLING_TRY(parts, parts_of(source, scope, today));
  std::vector<Node> nodes;
  for (const Scope& part : parts) {
    if (part.kind == ScopeKind::kCustomer) nodes.push_back(whole(part.customer));
    else nodes.push_back(own(part.account));
    if (part.kind == ScopeKind::kSubtree) nodes.push_back(below(part.account));
  }
  std::optional<Error> error;
  const auto sum = [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<MonthRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    add_to(months[static_cast<std::size_t>(KeyReader(key, key.size() - 2).u16() - first)], row->sums);
    return true;
  };
  for (const Node& node : nodes) {
    BILLING_CHECK(source.rows.scan(row_key(node, first), row_key(node, last).raw({"\0", 1}), sum));
    if (error) break;
  }
  if (error) return std::unexpected(std::move(*error));
  return months;
}

}  // namespace billing::views
