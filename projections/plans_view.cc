#include "projections/plans_view.h"

#include <algorithm>

#include "projections/accounts_view.h"
#include "projections/payers_view.h"

namespace billing::views {
namespace {

Key row_key(PlanId id) { return Key(Table::kPlan).add(id); }

Key named_key(PlanId plan, InvoiceId invoice) { return Key(Table::kPlanInvoice).add(plan).add(invoice); }

void agree(const codec::Envelope& event, const plan::Agreed& agreed, Rows& rows) {
  rows.save_new(row_key(agreed.id), PlanRow{.customer = event.customer,
                                            .agreed = event.position,
                                            .version = event.version,
                                            .names_invoices = !agreed.invoices.empty()});
  rows.append(Key(Table::kPlanOfAccount).add(agreed.account).add(event.position), std::string(agreed.id.uuid.view()));
  for (const InvoiceId& id : agreed.invoices) rows.create(named_key(agreed.id, id)).push_back('\1');
  payers::agree(rows, event.customer, agreed.account, agreed.id);
}

void cancel(const codec::Envelope& event, const plan::Cancelled& cancelled, Rows& rows) {
  const Key key = row_key(cancelled.id);
  auto row = rows.load<PlanRow>(key);
  if (!row) return rows.damaged(key);
  row->cancelled = event.position;
  row->version = event.version;
  rows.save(key, *row);
}

struct Loaded {
  PlanRow row;
  plan::Agreed terms;
  std::optional<plan::Cancelled> cancelled;
  std::optional<Date> cancelled_on() const { return cancelled ? std::optional(cancelled->on) : std::nullopt; }
};
Result<Loaded> load(const Source& source, PlanId id) {
  BILLING_TRY(row, row_at<PlanRow>(source, row_key(id)));
  if (!row) return refuse(Code::kUnknownPlan, "there is no plan " + id.text());
  BILLING_TRY(event, event_at(source, row->agreed));
  const auto* agreed = std::get_if<plan::Agreed>(&event.event);
  if (agreed == nullptr) return std::unexpected(unreadable_row(row_key(id)));
  Loaded loaded{*row, *agreed, {}};
  if (row->cancelled == 0) return loaded;
  BILLING_TRY(ended, event_at(source, row->cancelled));
  const auto* cancelled = std::get_if<plan::Cancelled>(&ended.event);
  if (cancelled == nullptr) return std::unexpected(unreadable_row(row_key(id)));
  loaded.cancelled = *cancelled;
  return loaded;
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

void plans::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* agreed = std::get_if<plan::Agreed>(&event.event)) return agree(event, *agreed, rows);
  if (const auto* cancelled = std::get_if<plan::Cancelled>(&event.event)) return cancel(event, *cancelled, rows);
}

void plans::pay_invoice(Rows& rows, InvoiceId id, AccountId payer, Position issued, std::int64_t amount, Date day) {
  if (amount == 0) return;
  for (const PlanId plan : payers::plans_of(rows, payer)) {
    const Key key = row_key(plan);
    auto row = rows.load<PlanRow>(key);
    if (!row) return rows.damaged(key);
    const bool for_it = row->names_invoices ? rows.find(named_key(plan, id)) != nullptr : issued < row->agreed;
    if (!for_it) continue;
    add_change(row->paid, day, amount);
    rows.save(key, *row);
  }
}

Result<overdue::Suspension> left_of_plan(const Source& source, PlanId id, Date date) {
  BILLING_TRY(loaded, load(source, id));
  overdue::Suspension left{
      .left = plan::suspends(loaded.terms, amount_at(loaded.row.paid, date), loaded.cancelled_on(), date),
      .invoices = loaded.terms.invoices,
      .before = loaded.row.agreed};
  std::ranges::sort(left.invoices);
  return left;
}

Result<Plan> read_plan(const Source& source, PlanId id, Date date) {
  BILLING_TRY(loaded, load(source, id));
  const plan::Agreed& terms = loaded.terms;
  const plan::Standing standing = plan::stands(terms, amount_at(loaded.row.paid, date), loaded.cancelled_on(), date);
  Plan plan{.id = id,
            .customer = loaded.row.customer,
            .account = terms.account,
            .kind = terms.kind,
            .status = standing.status,
            .amount = terms.amount,
            .paid = standing.paid,
            .behind = standing.behind,
            .currency = terms.currency,
            .invoices = terms.invoices,
            .note = terms.note,
            .agreed_on = terms.agreed_on,
            .version = loaded.row.version};
  if (loaded.cancelled && loaded.cancelled->on <= date) {
    plan.cancelled_on = loaded.cancelled->on;
    plan.reason = loaded.cancelled->reason;
  }
  std::int64_t left = standing.paid;
  for (const plan::Instalment& one : terms.instalments) {
    plan.instalments.push_back({one.due, one.amount, std::min(left, one.amount)});
    left -= plan.instalments.back().paid;
  }
  return plan;
}

Result<Page<Plan>> list_plans(const Source& source, AccountId account, Date date, const PageRequest& request) {
  BILLING_TRY(known, find_account(source, account));
  Page<Plan> page;
  BILLING_CHECK(page_of(source, Key(Table::kPlanOfAccount).add(account), request, true, page,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
    if (value.size() != 16) return std::unexpected(unreadable_row(tail));
    BILLING_TRY(found, read_plan(source, PlanId{Uuid::from_bytes(value)}, date));
    if (found.agreed_on > date) return false;
    page.items.push_back(std::move(found));
    return true;
  }, date));
  return page;
}

}  // namespace billing::views
