// The table of docs/domain.md as code: which ledgers an event debits and credits.
#include "ledger/domain/event.h"

namespace billing {
namespace {

void add(std::vector<Posting>& postings, Ledger ledger, std::int64_t amount) {
  if (amount != 0) postings.push_back({ledger, amount, {}, {}});
}
void add(std::vector<Posting>& postings, Ledger ledger, std::int64_t amount, AccountId account, const Uuid& item) {
  if (amount != 0) postings.push_back({ledger, amount, account, item});
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

std::vector<Posting> post(const payment::Recorded& event) {
  std::vector<Posting> postings;
  const bool collected = event.method == payment::Method::kCard || event.method == payment::Method::kBankDebit;
  add(postings, collected ? Ledger::kPaymentsInTransit : Ledger::kCash, event.amount);
  credit_receivables(postings, event.allocations);
  add(postings, Ledger::kUnappliedCredit, -event.unapplied, event.account, event.id.uuid);
  return postings;
}

std::vector<Posting> post(const receivables::CreditApplied& event) {
  std::vector<Posting> postings;
  std::int64_t used = 0;
  for (const Allocation& allocation : event.allocations) used += allocation.amount;
  add(postings, Ledger::kUnappliedCredit, used, event.account, event.source_id);
  credit_receivables(postings, event.allocations);
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
