#include "projections/plans_view.h"

#include <algorithm>
#include <set>

#include "projections/accounts_view.h"
#include "projections/invoices_view.h"
#include "projections/paid_change.h"

namespace billing::views {
namespace {

Key row_key(PlanId id) { return Key(Table::kPlan).add(id); }

// What came in on these invoices: payments and deposits, less what was taken back.
std::int64_t paid_on(const codec::Envelope& event, const std::set<InvoiceId>& invoices) {
  std::int64_t sum = 0;
  for (const AllocationChange& change : allocation_changes(event.event)) {
    if (change.source != AllocationSource::kPayment && change.source != AllocationSource::kDeposit) continue;
    for (const Allocation& allocation : *change.allocations) {
      if (invoices.contains(allocation.invoice)) sum -= change.open_change(allocation);
    }
  }
  return sum;
}

// The positions after `after` of events that may have paid something of the plan.
Result<std::set<Position>> positions_of(const Source& source, const plan::Agreed& agreed, Position after) {
  std::vector<Key> lists;
  for (const InvoiceId& id : agreed.invoices) lists.push_back(Key(Table::kApplied).add(id));
  if (lists.empty()) lists.push_back(Key(Table::kActivityOfAccount).add(agreed.account).add(Date{0}));
  std::set<Position> positions;
  for (const Key& list : lists) {
    BILLING_CHECK(source.rows.scan(Key(list).add(after + 1), prefix_end(list), [&](std::string_view key, std::string_view) {
      positions.insert(KeyReader(key, list.size()).u64());
      return true;
    }));
  }
  return positions;
}

// What was paid on what the plan is for, since it was agreed and up to `date`.
Result<std::int64_t> paid_since(const Source& source, const plan::Agreed& agreed, Position after, Date date) {
  const std::set<InvoiceId> invoices(agreed.invoices.begin(), agreed.invoices.end());
  BILLING_TRY(positions, positions_of(source, agreed, after));
  std::int64_t sum = 0;
  for (const Position position : positions) {
    BILLING_TRY(event, event_at(source, position));
    if (event.posting_date.value_or(event.recorded.date()) > date) continue;
    if (!invoices.empty()) {
      sum += paid_on(event, invoices);
    } else if (const auto paid = paid_change(event.event); paid && paid->account == agreed.account) {
      sum += paid->amount;
    }
  }
  return sum;
}

}  // namespace

std::string_view plan_status_text(PlanStatus status) {
  switch (status) {
    case PlanStatus::kOnTrack: return "on_track";
    case PlanStatus::kKept: return "kept";
    case PlanStatus::kBroken: return "broken";
    case PlanStatus::kCancelled: return "cancelled";
  }
  return {};
}

void judge_plan(Plan& plan, std::int64_t paid, Date date) {
  plan.paid = std::clamp<std::int64_t>(paid, 0, plan.amount);
  std::int64_t left = plan.paid, due = 0;
  for (PlanInstalment& instalment : plan.instalments) {
    instalment.paid = std::min(left, instalment.amount);
    left -= instalment.paid;
    if (instalment.due < date) due += instalment.amount;
  }
  plan.behind = std::max<std::int64_t>(due - plan.paid, 0);
  if (plan.cancelled_on && *plan.cancelled_on <= date) {
    plan.status = PlanStatus::kCancelled;
  } else if (plan.paid == plan.amount) {
    plan.status = PlanStatus::kKept;
  } else {
    plan.status = plan.behind > 0 ? PlanStatus::kBroken : PlanStatus::kOnTrack;
  }
}

void plans::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* agreed = std::get_if<plan::Agreed>(&event.event)) {
    rows.save_new(row_key(agreed->id),
                  PlanRow{.customer = event.customer, .agreed = event.position, .version = event.version});
    rows.append(Key(Table::kPlanOfAccount).add(agreed->account).add(event.position), std::string(agreed->id.uuid.view()));
  }
  if (const auto* cancelled = std::get_if<plan::Cancelled>(&event.event)) {
    const Key key = row_key(cancelled->id);
    auto row = rows.load<PlanRow>(key);
    if (!row) return rows.damaged(key);
    row->cancelled = event.position;
    row->version = event.version;
    rows.save(key, *row);
  }
}

Result<Plan> read_plan(const Source& source, PlanId id, Date date) {
  BILLING_TRY(row, row_at<PlanRow>(source, row_key(id)));
  if (!row) return refuse(Code::kUnknownPlan, "there is no plan " + id.text());
  BILLING_TRY(event, event_at(source, row->agreed));
  const auto* agreed = std::get_if<plan::Agreed>(&event.event);
  if (agreed == nullptr) return std::unexpected(unreadable_row(row_key(id)));
  Plan plan{.id = id,
            .customer = row->customer,
            .account = agreed->account,
            .kind = agreed->kind,
            .amount = agreed->amount,
            .currency = agreed->currency,
            .invoices = agreed->invoices,
            .note = agreed->note,
            .agreed_on = agreed->agreed_on,
            .version = row->version};
  for (const plan::Instalment& one : agreed->instalments) plan.instalments.push_back({one.due, one.amount, 0});
  if (row->cancelled != 0) {
    BILLING_TRY(ended, event_at(source, row->cancelled));
    if (const auto* cancelled = std::get_if<plan::Cancelled>(&ended.event)) {
      plan.cancelled_on = cancelled->on;
      plan.reason = cancelled->reason;
    }
  }
  BILLING_TRY(paid, paid_since(source, *agreed, row->agreed, date));
  judge_plan(plan, paid, date);
  return plan;
}

Result<Page<Plan>> list_plans(const Source& source, AccountId account, Date date, const PageRequest& request) {
  BILLING_TRY(known, find_account(source, account));
  Page<Plan> page;
  BILLING_TRY(next, page_of(source, Key(Table::kPlanOfAccount).add(account), request, true,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
    if (value.size() != 16) return std::unexpected(unreadable_row(tail));
    BILLING_TRY(found, read_plan(source, PlanId{Uuid::from_bytes(value)}, date));
    page.items.push_back(std::move(found));
    return true;
  }));
  page.next = std::move(next);
  return page;
}

}  // namespace billing::views
