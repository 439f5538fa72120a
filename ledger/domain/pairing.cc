#include "ledger/domain/pairing.h"

#include <algorithm>

namespace billing::receivables {

Timeline& PairingDays::open_of(InvoiceId invoice, AccountId account) {
  const auto [entry, fresh] = open_.try_emplace({invoice, account});
  if (!fresh) return entry->second;
  const auto known = state_.invoices.find(invoice);
  if (known == state_.invoices.end()) return entry->second;
  const auto share = std::ranges::find(known->second.shares, account, &invoice::ShareState::account);
  if (share != known->second.shares.end()) entry->second = share->open_by_day;
  return entry->second;
}

void PairingDays::change(InvoiceId invoice, AccountId account, Date on, std::int64_t amount) {
  open_of(invoice, account).add(on, amount);
}

std::vector<Pairing> PairingDays::match(Timeline& money, const std::vector<Allocation>& allocations, Date earliest) {
  std::vector<Pairing> pairings;
  for (const Allocation& one : allocations) {
    for (const DatedAmount& part : take_from_both(money, open_of(one.invoice, one.account), one.amount, earliest)) {
      pairings.push_back({{one.invoice, one.account, part.amount}, part.on});
    }
  }
  return pairings;
}

std::vector<Allocation> on_day(const std::vector<Pairing>& pairings, Date day) {
  std::vector<Allocation> allocations;
  for (const Pairing& pairing : pairings) {
    if (pairing.posting_date == day) allocations.push_back(pairing.allocation);
  }
  return allocations;
}

std::int64_t sum_of(const std::vector<Allocation>& allocations) {
  std::int64_t sum = 0;
  for (const Allocation& one : allocations) sum += one.amount;
  return sum;
}

void apply_by_day(std::vector<StreamEvent>& events, CustomerId customer, const CreditApplied& credit,
                  const std::vector<Pairing>& pairings, std::optional<Date> except) {
  std::map<Date, std::vector<Allocation>> days;
  for (const Pairing& pairing : pairings) {
    if (pairing.posting_date != except) days[pairing.posting_date].push_back(pairing.allocation);
  }
  for (auto& [day, allocations] : days) {
    CreditApplied applied = credit;
    applied.posting_date = day;
    applied.allocations = std::move(allocations);
    events.push_back(money_fact({StreamKind::kReceivables, credit.account.uuid}, customer, std::move(applied), day, day,
                                credit.currency));
  }
}

Incoming incoming(const billing::State& state, std::int64_t amount, const std::vector<Allocation>& allocations, Date day) {
  Timeline money(day, amount);
  Incoming all;
  all.pairings = PairingDays(state).match(money, allocations, day);
  all.allocations = on_day(all.pairings, day);
  all.unapplied = amount - sum_of(all.allocations);
  return all;
}

}  // namespace billing::receivables
