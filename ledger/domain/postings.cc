// The table of docs/domain.md as code: which ledgers an event debits and credits.
#include <map>

#include "ledger/domain/event.h"

namespace billing {
namespace {

void add(std::vector<Posting>& postings, Ledger ledger, std::int64_t amount) {
  if (amount != 0) postings.push_back({ledger, amount, {}, {}, {}});
}
void add(std::vector<Posting>& postings, Ledger ledger, std::int64_t amount, AccountId account, const Uuid& item) {
  if (amount != 0) postings.push_back({ledger, amount, account, item, {}});
}
// Money that moves at the bank or the provider: in the customer's currency, or in that of the settlement with the
// difference on currency clearing (1900) of both. `amount` debits when positive; the settlement goes with its sign.
void move_money(std::vector<Posting>& postings, Ledger ledger, std::int64_t amount,
                const std::optional<Settlement>& settled) {
  if (!settled) return add(postings, ledger, amount);
  const std::int64_t moved = amount < 0 ? -settled->amount : settled->amount;
  if (moved != 0) {
    postings.push_back({ledger, moved, {}, {}, settled->currency});
    postings.push_back({Ledger::kCurrencyClearing, -moved, {}, {}, settled->currency});
  }
  add(postings, Ledger::kCurrencyClearing, amount);
}
void debit_receivables(std::vector<Posting>& postings, const std::vector<Allocation>& allocations) {
  for (const Allocation& one : allocations) {
    add(postings, Ledger::kReceivables, one.amount, one.account, one.invoice.uuid);
  }
}
void debit_credits(std::vector<Posting>& postings, const std::vector<CreditPart>& parts) {
  for (const CreditPart& part : parts) {
    add(postings, Ledger::kUnappliedCredit, part.amount, part.account, part.source_id);
  }
}
// The debit side of a takeback; the credit side is where the money goes.
std::vector<Posting> take_back(const Takeback& takeback, Ledger to, const std::optional<Settlement>& settled) {
  std::vector<Posting> postings;
  debit_credits(postings, takeback.credits);
  debit_receivables(postings, takeback.reopened);
  move_money(postings, to, -takeback.amount, settled);
  return postings;
}
std::int64_t sum_of(const std::vector<Allocation>& allocations) {
  std::int64_t sum = 0;
  for (const Allocation& one : allocations) sum += one.amount;
  return sum;
}
void credit_receivables(std::vector<Posting>& postings, const std::vector<Allocation>& allocations) {
  for (const Allocation& one : allocations) {
    add(postings, Ledger::kReceivables, -one.amount, one.account, one.invoice.uuid);
  }
}

std::vector<Posting> post(const invoice::Issued& event) {
  std::vector<Posting> postings;
  for (const Share& share : event.shares) {
    add(postings, Ledger::kReceivables, share.amount, share.account, event.header.id.uuid);
  }
  for (const RevenueShare& share : event.revenue) add(postings, share.ledger, -share.amount);
  add(postings, Ledger::kTaxPayable, -event.tax);
  return postings;
}

std::vector<Posting> post(const credit_note::Issued& event) {
  std::vector<Posting> postings;
  for (const RevenueShare& share : event.revenue) add(postings, share.ledger, share.amount);
  add(postings, Ledger::kTaxPayable, event.tax);
  credit_receivables(postings, event.allocations);
  for (const Share& share : event.unapplied) {
    add(postings, Ledger::kUnappliedCredit, -share.amount, share.account, event.id.uuid);
  }
  return postings;
}

// Of money that came in: what it was allocated to, and the rest on 2100.
template <class Paid>
std::vector<Posting> receive(const Paid& event, Ledger ledger) {
  std::vector<Posting> postings;
  move_money(postings, ledger, event.amount, event.settled);
  credit_receivables(postings, event.allocations);
  add(postings, Ledger::kUnappliedCredit, -event.unapplied, event.account, event.id.uuid);
  return postings;
}
std::vector<Posting> post(const payment::Recorded& event) {
  return receive(event, event.unbooked ? Ledger::kUnidentifiedReceipts : payment::ledger_of(event.method));
}
std::vector<Posting> post(const payment::Succeeded& event) { return receive(event, payment::ledger_of(event.method)); }
std::vector<Posting> post(const chargeback::Won& event) { return receive(event, payment::ledger_of(event.method)); }

std::vector<Posting> post(const payment::Reversed& event) {
  const Ledger ledger = event.unbooked ? Ledger::kUnidentifiedReceipts : payment::ledger_of(event.method);
  return take_back(event.takeback, ledger, event.takeback.settled);
}
std::vector<Posting> post(const chargeback::Opened& event) {
  return take_back(event.takeback, payment::ledger_of(event.method), event.takeback.settled);
}
std::vector<Posting> post(const chargeback::Returned& event) {
  return take_back(event.takeback, payment::ledger_of(event.method), event.takeback.settled);
}
// The settlement's currency shows only when the money has left the bank.
std::vector<Posting> post(const refund::Succeeded& event) {
  return take_back(event.takeback, Ledger::kRefundsInTransit, {});
}
std::vector<Posting> post(const refund::Settled& event) {
  std::vector<Posting> postings;
  add(postings, Ledger::kRefundsInTransit, event.amount);
  move_money(postings, event.netted ? Ledger::kPaymentsInTransit : Ledger::kCash, -event.amount, event.settled);
  return postings;
}
std::vector<Posting> post(const payment::Reallocated& event) {
  std::vector<Posting> postings;
  debit_receivables(postings, event.released);
  credit_receivables(postings, event.allocations);
  add(postings, Ledger::kUnappliedCredit, -event.unapplied_change, event.account, event.id.uuid);
  return postings;
}
std::vector<Posting> post(const payment::PaidOut& event) {
  std::vector<Posting> postings;
  add(postings, Ledger::kCash, event.amount - event.fee);
  add(postings, Ledger::kPaymentFees, event.fee);
  add(postings, Ledger::kPaymentsInTransit, -event.amount);
  for (Posting& posting : postings) posting.currency = event.settled_in;
  return postings;
}
std::vector<Posting> post(const payment::ExchangeDifferenceRecorded& event) {
  std::vector<Posting> postings;
  add(postings, Ledger::kCurrencyClearing, event.amount);
  add(postings, Ledger::kExchangeDifference, -event.amount);
  return postings;
}

std::vector<Posting> post(const invoice::WrittenOff& event) {
  std::vector<Posting> postings;
  add(postings, Ledger::kBadDebt, event.amount - event.tax_relief);
  add(postings, Ledger::kTaxPayable, event.tax_relief);
  credit_receivables(postings, event.allocations);
  return postings;
}
std::vector<Posting> post(const invoice::Recovered& event) {
  std::vector<Posting> postings;
  debit_receivables(postings, event.allocations);
  add(postings, Ledger::kRecoveries, event.tax_relief - event.amount);
  add(postings, Ledger::kTaxPayable, -event.tax_relief);
  return postings;
}

std::vector<Posting> post(const receivables::CreditApplied& event) {
  std::vector<Posting> postings;
  add(postings, Ledger::kUnappliedCredit, sum_of(event.allocations), event.account, event.source_id);
  credit_receivables(postings, event.allocations);
  return postings;
}
std::vector<Posting> post(const receivables::CreditTransferred& event) {
  std::vector<Posting> postings;
  debit_credits(postings, event.parts);
  for (const CreditPart& part : event.parts) {
    add(postings, Ledger::kUnappliedCredit, -part.amount, event.to_account, part.source_id);
  }
  return postings;
}

std::vector<Posting> post(const deposit::Received& event) {
  std::vector<Posting> postings;
  add(postings, payment::ledger_of(event.method), event.amount);
  add(postings, Ledger::kCustomerDeposits, -event.amount, event.account, event.id.uuid);
  return postings;
}
std::vector<Posting> post(const deposit::Used& event) {
  std::vector<Posting> postings;
  add(postings, Ledger::kCustomerDeposits, event.amount, event.account, event.id.uuid);
  credit_receivables(postings, event.allocations);
  return postings;
}
std::vector<Posting> post(const deposit::Returned& event) {
  std::vector<Posting> postings;
  add(postings, Ledger::kCustomerDeposits, event.amount, event.account, event.id.uuid);
  add(postings, Ledger::kCash, -event.amount);
  return postings;
}

std::vector<Posting> post(const unbooked::Queued& event) {
  std::vector<Posting> postings;
  if (event.kind != unbooked::Kind::kReceipt) return postings;
  add(postings, payment::ledger_of(event.method), event.amount);
  add(postings, Ledger::kUnidentifiedReceipts, -event.amount);
  return postings;
}

std::vector<Posting> post(const books::RevenueReleased& event) {
  std::vector<Posting> postings;
  std::map<std::uint16_t, std::int64_t> by_code;
  for (const books::Release& release : event.lines) by_code[release.revenue_code] += release.amount;
  for (const auto& [code, amount] : by_code) {
    add(postings, Ledger::kDeferredRevenue, amount);
    add(postings, static_cast<Ledger>(code), -amount);
  }
  return postings;
}

template <class Other>
std::vector<Posting> post(const Other&) {
  return {};
}

}  // namespace

std::vector<Posting> postings_for(const Event& event) {
  return std::visit([](const auto& one) { return post(one); }, event);
}

}  // namespace billing
