// The naive model: what is overdue, what eases it, and its stages.
#include <algorithm>

#include "ledger/base/money.h"
#include "projections/naive_model.h"

namespace billing::views::naive {

std::map<InvoiceId, Model::Eased> Model::eased_at(Date date) const {
  const auto open = open_at(date);
  std::map<InvoiceId, Eased> eased;
  std::map<AccountId, std::vector<InvoiceId>> late;  // by payer
  for (const auto& [id, invoice] : open) {
    if (invoice.open > 0 && invoice.fact->due_date < date) late[invoice.payer()].push_back(id);
  }
  const auto held_now = holdings();
  // What is left at the date of a credit, with an account.
  const auto left_of = [&](AccountId account, const Uuid& source) {
    std::int64_t left = 0;
    for (const codec::Envelope& event : events_) {
      for (const Posting& posting : event.postings) {
        const bool of_it = posting.ledger == Ledger::kUnappliedCredit && posting.account == account && posting.item == source;
        if (of_it && day_of(event) <= date) left -= posting.amount;
      }
    }
    return left;
  };
  for (auto& [payer, ids] : late) {
    std::ranges::sort(ids, [&](InvoiceId a, InvoiceId b) {
      const auto &one = *open.at(a).fact, &other = *open.at(b).fact;
      if (one.due_date != other.due_date) return one.due_date < other.due_date;
      return one.number != other.number ? one.number < other.number : a < b;
    });
    std::int64_t credit = totals({payer}, date).unapplied;
    for (const auto& [place, holding] : held_now) {
      if (place.first == payer && holding.held) credit -= left_of(payer, place.second);
    }
    credit = std::max<std::int64_t>(credit, 0);
    const auto undisputed = [&](InvoiceId id) { return open.at(id).open - open.at(id).disputed; };
    // First what default application would pay, then what plans cover, then what is disputed.
    for (const InvoiceId id : ids) {
      eased[id].covered = std::min(credit, undisputed(id));
      credit -= eased[id].covered;
    }
    each<plan::Agreed>([&](const codec::Envelope& event, const plan::Agreed& agreed) {
      if (agreed.account != payer || agreed.agreed_on > date) return;
      const Plan found = *plan(agreed.id, date);
      std::int64_t left = found.status == PlanStatus::kOnTrack ? found.amount - found.paid : 0;
      for (const InvoiceId id : ids) {
        const bool named = std::ranges::count(agreed.invoices, id) > 0;
        const bool of_then = agreed.invoices.empty() && open.at(id).event->position < event.position;
        if (!named && !of_then) continue;
        Eased& one = eased[id];
        const std::int64_t part = std::min(left, undisputed(id) - one.covered - one.suspended);
        one.suspended += part;
        left -= part;
      }
    });
    for (const InvoiceId id : ids) {
      eased[id].disputed = std::min(credit, open.at(id).disputed);
      eased[id].covered += eased[id].disputed;
      credit -= eased[id].disputed;
    }
  }
  return eased;
}

Result<Summary> Model::summary(const Scope& scope, Date date) const {
  BILLING_TRY(sums, sums(scope, date));
  BILLING_TRY(aged, ageing(scope, date));
  BILLING_TRY(items, open_items(scope, date));
  Summary summary{.currency = aged.currency, .totals = sums.totals, .accounts = sums.accounts, .ageing = aged};
  const auto open = open_at(date);
  const auto eased = eased_at(date);
  for (const OpenItem& item : items) {
    if (item.open > 0 && item.due_date >= date) {
      summary.next_due_date = std::min(summary.next_due_date.value_or(item.due_date), item.due_date);
    }
    const auto found = eased.find(item.invoice);
    if (found == eased.end()) continue;
    // Pro rata to what the shares have open.
    std::vector<std::int64_t> weights;
    std::size_t own = 0;
    for (const OpenShare& share : open.at(item.invoice).shares) {
      if (share.account == item.account) own = weights.size();
      weights.push_back(share.open);
    }
    const auto parts = allocate(found->second.covered + found->second.suspended, weights);
    const std::int64_t covered = allocate(found->second.covered, parts)[own];
    summary.covered += covered;
    summary.suspended += parts[own] - covered;
  }
  summary.overdue = aged.overdue - summary.covered - summary.suspended;
  return summary;
}

// Stages begin 30, 40 and 50 days after the earliest due date; the second one stops billing.
OverdueStage Model::stage_of(AccountId payer, Date date) const {
  const auto eased = eased_at(date);
  OverdueStage stage;
  for (const auto& [id, invoice] : open_at(date)) {
    if (invoice.payer() != payer) continue;
    std::int64_t counts = invoice.open - invoice.disputed;
    if (const auto found = eased.find(id); found != eased.end()) {
      counts -= found->second.covered - found->second.disputed + found->second.suspended;
    }
    if (counts > 0) stage.days = std::max(stage.days, date.days - invoice.fact->due_date.days);
  }
  for (const std::int32_t days : {30, 40, 50}) stage.stage += stage.days >= days ? 1 : 0;
  stage.billing_flag = stage.stage >= 2;
  return stage;
}

Result<Owed> Model::owed(const Scope& scope, Date date) const {
  BILLING_TRY(customer, customer_of(scope));
  BILLING_TRY(payers, accounts_of(scope, date));
  Owed owed{.date = date, .currency = currency_of(customer)};
  const auto eased = eased_at(date);
  std::map<Date, std::int64_t> counted;  // by due day
  for (const auto& [id, invoice] : open_at(date)) {
    if (std::ranges::find(payers, invoice.payer()) == payers.end()) continue;
    const Date due = invoice.fact->due_date;
    const auto found = eased.find(id);
    const Eased less = found == eased.end() ? Eased{} : found->second;
    owed.open += invoice.open;
    owed.disputed += invoice.disputed;
    owed.covered += less.covered;
    owed.suspended += less.suspended;
    if (due < date) owed.overdue += invoice.open - less.covered - less.suspended;
    counted[due] += invoice.open - invoice.disputed - less.covered + less.disputed - less.suspended;
  }
  for (const auto& [due, amount] : counted) {
    if (amount > 0) owed.earliest_due = std::min(owed.earliest_due.value_or(due), due);
  }
  if (scope.kind != ScopeKind::kAccount) return owed;
  owed.stage = stage_of(scope.account, date);
  BILLING_TRY(standing, standing(scope.account, date));
  if (standing.paid_by != scope.account) owed.payer = PayerStage{standing.paid_by, stage_of(standing.paid_by, date)};
  return owed;
}

}  // namespace billing::views::naive
