// The naive model: the operator's books, and the queue of what could not be booked.
#include <algorithm>
#include <functional>

#include "projections/naive_model.h"

namespace billing::views::naive {
namespace {

Currency currency_of(const codec::Envelope& event, const Posting& posting) {
  return posting.currency.valid() ? posting.currency : event.currency;
}

// By what `place_of(event, posting)` says, currencies by their code, ledgers by their number; those that `counts`.
using Place = std::pair<std::string, std::optional<std::int32_t>>;
std::vector<TrialBalance> balances_of(std::span<const codec::Envelope> events, bool by_month, Date date) {
  std::map<Place, TrialBalance> balances;
  std::map<std::pair<Place, Ledger>, LedgerBalance> ledgers;
  for (const codec::Envelope& event : events) {
    for (const Posting& posting : event.postings) {
      const Currency currency = currency_of(event, posting);
      Place place{currency.code(), std::nullopt};
      if (by_month) place.second = day_of(event).month_index();
      TrialBalance& balance = balances[place];
      balance.currency = currency;
      balance.month = place.second;
      if (day_of(event) > date) continue;
      LedgerBalance& ledger = ledgers[{place, posting.ledger}];
      ledger.ledger = posting.ledger;
      (posting.amount > 0 ? ledger.debit : ledger.credit) += posting.amount > 0 ? posting.amount : -posting.amount;
      (posting.amount > 0 ? balance.debit : balance.credit) += posting.amount > 0 ? posting.amount : -posting.amount;
    }
  }
  for (const auto& [place, ledger] : ledgers) balances[place.first].ledgers.push_back(ledger);
  std::vector<TrialBalance> list;
  for (const auto& [place, balance] : balances) list.push_back(balance);
  return list;
}

}  // namespace

std::vector<TrialBalance> Model::trial_balance(Date date) const { return balances_of(events_, false, date); }
std::vector<TrialBalance> Model::trial_balance_by_month() const { return balances_of(events_, true, kNow); }

std::vector<Control> Model::control() const {
  std::map<std::string, Control> controls;
  const auto control_of = [&](Currency currency) -> Control& {
    Control& control = controls[std::string(currency.code())];
    control.currency = currency;
    return control;
  };
  std::map<CustomerId, Accounts> accounts;
  for (const codec::Envelope& event : events_) {
    for (const Posting& posting : event.postings) {
      Control& control = control_of(naive::currency_of(event, posting));
      if (posting.ledger == Ledger::kReceivables) control.receivables += posting.amount;
      if (posting.ledger == Ledger::kUnappliedCredit) control.unapplied_credit -= posting.amount;
      if (posting.ledger == Ledger::kCustomerDeposits) control.deposits -= posting.amount;
    }
    if (const auto* created = std::get_if<customer::Created>(&event.event)) {
      control_of(created->currency);
      accounts[created->id] = accounts_of_customer(created->id);
    }
    if (const auto* received = std::get_if<deposit::Received>(&event.event)) {
      control_of(received->currency).deposits_left += deposit(received->id)->deposit.left;
    }
  }
  for (const auto& [id, invoice] : open_at(kNow)) control_of(invoice.fact->currency).open_items += invoice.open;
  for (const auto& [customer, ids] : accounts) {
    Control& control = control_of(currency_of(customer));
    const Totals sum = totals(ids, kNow);
    control.accounts_open += sum.open;
    control.accounts_unapplied += sum.unapplied;
    for (const auto& [place, holding] : holdings()) {
      if (!ids.contains(place.first)) continue;
      control.credits_held += holding.amount;
      control.credits_left += holding.amount;
    }
  }
  std::vector<Control> list;
  for (const auto& [code, control] : controls) list.push_back(control);
  return list;
}

// A receipt that was assigned and whose payment was reversed is in the queue again.
Result<Unbooked> Model::unbooked(UnbookedId id) const {
  std::optional<Unbooked> found;
  for (const codec::Envelope& event : events_) {
    if (const auto* queued = std::get_if<unbooked::Queued>(&event.event); queued && queued->id == id) {
      found = Unbooked{.id = id,
                       .customer = queued->customer,
                       .kind = queued->kind,
                       .reason = queued->reason,
                       .detail = queued->detail,
                       .reported_object = queued->reported_object,
                       .amount = queued->amount,
                       .currency = queued->currency,
                       .method = queued->method,
                       .reference = queued->reference,
                       .settled = queued->settled,
                       .on = queued->on,
                       .queued = event.recorded};
    }
    if (const auto* resolved = std::get_if<unbooked::Resolved>(&event.event); resolved && resolved->id == id) {
      found->resolved = event.recorded;
      found->how = resolved->how;
    }
    if (const auto* reversed = std::get_if<payment::Reversed>(&event.event); reversed && reversed->unbooked == id) {
      found->resolved.reset();
      found->how.clear();
    }
  }
  if (!found) return refuse(Code::kUnknownUnbooked, {});
  found->version = version_of(StreamKind::kUnbooked, id.uuid);
  return *found;
}

std::vector<Unbooked> Model::unbooked(bool all, std::optional<CustomerId> customer) const {
  std::vector<Unbooked> list;
  each<unbooked::Queued>([&](const codec::Envelope&, const unbooked::Queued& queued) {
    const auto one = unbooked(queued.id);
    if ((all || !one->resolved) && (!customer || one->customer == *customer)) list.push_back(*one);
  });
  return list;
}

UnbookedBacklog Model::unbooked_backlog() const {
  const std::vector<Unbooked> open = unbooked(false);
  UnbookedBacklog backlog{.open = open.size()};
  if (!open.empty()) backlog.oldest = open.front().queued;
  return backlog;
}

std::vector<AccountingPeriod> Model::periods() const {
  std::map<std::int32_t, AccountingPeriod> periods;
  for (const codec::Envelope& event : events_) {
    if (const auto* closing = std::get_if<books::PeriodClosing>(&event.event)) {
      periods[closing->period] = {.month = closing->period, .closing_since = event.recorded};
    }
    const auto* released = std::get_if<books::RevenueReleased>(&event.event);
    if (released != nullptr && released->posting_date.month_index() == released->period) {
      periods[released->period].released_lines += released->lines.size();
    }
    if (const auto* closed = std::get_if<books::PeriodClosed>(&event.event)) {
      periods[closed->period].closed = true;
      periods[closed->period].closed_at = event.recorded;
    }
  }
  std::vector<AccountingPeriod> list;
  for (const auto& [month, period] : periods) list.push_back(period);
  return list;
}

}  // namespace billing::views::naive
