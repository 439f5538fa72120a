#include "ledger/domain/takeback.h"

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/domain/state.h"

namespace billing::payment {
namespace {

using Credits = std::map<receivables::CreditKey, receivables::Credit>;

const Credits* credits_of(const billing::State& state, AccountId account) {
  const auto queues = state.queues.find(account);
  return queues == state.queues.end() ? nullptr : &queues->second.credits;
}

// Accounts that credit from this payment, or from notes against this invoice, was transferred to.
const std::vector<AccountId>& holders_of(const billing::State& state, const Uuid& from) {
  static const std::vector<AccountId> kNone;
  const auto found = state.credit_holders.find(from);
  return found == state.credit_holders.end() ? kNone : found->second;
}

// Collects what is taken until the amount is reached.
struct Taking {
  std::int64_t rest = 0;
  Takeback takeback;

  void credit(const CreditPart& held) {
    const std::int64_t part = std::min(rest, held.amount);
    if (part <= 0) return;
    takeback.credits.push_back({held.account, held.source, held.source_id, part});
    rest -= part;
  }
  void allocation(const Allocation& allocation) {
    const std::int64_t part = std::min(rest, allocation.amount);
    if (part <= 0) return;
    takeback.reopened.push_back({allocation.invoice, allocation.account, part});
    rest -= part;
  }
};

void take_own_credit(const billing::State& state, const State& payment, Taking& taking) {
  const auto take_from = [&](AccountId account) {
    const Credits* const credits = credits_of(state, account);
    if (credits == nullptr) return;
    const auto found = credits->find(payment.credit_key());
    if (found == credits->end()) return;
    taking.credit({account, CreditSource::kPayment, payment.id.uuid, found->second.remaining});
  };
  take_from(payment.account);
  for (const AccountId account : holders_of(state, payment.id.uuid)) {
    if (account != payment.account) take_from(account);
  }
}

// Invoices that something of the payment is on, or was.
std::vector<InvoiceId> invoices_of(const State& payment) {
  std::vector<InvoiceId> invoices = payment.rare().former;
  for (const Allocation& allocation : payment.allocations) invoices.push_back(allocation.invoice);
  std::ranges::sort(invoices);
  const auto rest = std::ranges::unique(invoices);
  invoices.erase(rest.begin(), rest.end());
  return invoices;
}

// Credit of notes against these invoices, wherever it is held.
std::map<std::pair<receivables::CreditKey, AccountId>, std::int64_t> note_credits(const billing::State& state,
                                                                                  const std::vector<InvoiceId>& invoices) {
  std::map<std::pair<receivables::CreditKey, AccountId>, std::int64_t> found;
  const auto look_at = [&](AccountId account) {
    const Credits* const credits = credits_of(state, account);
    if (credits == nullptr) return;
    for (const auto& [key, credit] : *credits) {
      if (credit.kind != CreditSource::kCreditNote) continue;
      const auto& against = state.credit_notes.at(CreditNoteId{key.source}).invoice;
      if (against && std::ranges::binary_search(invoices, *against)) found[{key, account}] = credit.remaining;
    }
  };
  std::set<AccountId> accounts;
  for (const InvoiceId invoice : invoices) {
    for (const invoice::ShareState& share : state.invoices.at(invoice).shares) accounts.insert(share.account);
    for (const AccountId holder : holders_of(state, invoice.uuid)) accounts.insert(holder);
  }
  for (const AccountId account : accounts) look_at(account);
  return found;
}

}  // namespace

std::optional<Settlement> settled_share(const State& payment, std::int64_t amount) {
  const auto& all = payment.settled();
  if (!all) return std::nullopt;
  std::int64_t before = 0;
  std::int64_t taken = 0;
  for (const Claim& claim : payment.claims()) {
    if (!claim.took()) continue;
    before += claim.amount;
    taken += claim.settled ? claim.settled->amount : 0;
  }
  const int128 until = divide_half_up(int128{all->amount} * (before + amount), payment.amount);
  Settlement share = *all;
  // After a chargeback was won, what the others took may be a unit ahead.
  share.amount = std::max(static_cast<std::int64_t>(until) - taken, std::int64_t{0});
  return share;
}

Result<Takeback> take_back(const billing::State& state, const State& payment, std::int64_t amount, Reach reach) {
  Taking taking{amount, {}};
  take_own_credit(state, payment, taking);
  if (reach == Reach::kAlsoCreditNotes && taking.rest > 0) {
    for (const auto& [where, remaining] : note_credits(state, invoices_of(payment))) {
      taking.credit({where.second, CreditSource::kCreditNote, where.first.source, remaining});
    }
  }
  for (auto last = payment.allocations.rbegin(); last != payment.allocations.rend(); ++last) taking.allocation(*last);
  if (taking.rest > 0) return refuse(Code::kCheckFailed, "less is left of the payment than is to be taken back");
  Takeback& takeback = taking.takeback;
  if (takeback.credits.size() + takeback.reopened.size() > kItemsMax) {
    return refuse(Code::kTooManyItems, "take back smaller amounts", "/amount");
  }
  takeback.amount = amount;
  takeback.settled = settled_share(payment, amount);
  BILLING_CHECK(check_moved(state, takeback.settled));
  return std::move(takeback);
}

Result<void> check_moved(const billing::State& state, const std::optional<Settlement>& settled) {
  return settled ? check_turnover(state, settled->currency, settled->amount) : Result<void>();
}

void count_moved(billing::State& state, const std::optional<Settlement>& settled) {
  if (settled) state.turnover[settled->currency] += settled->amount;
}

void evolve_takeback(billing::State& state, State& payment, const Takeback& takeback) {
  count_moved(state, takeback.settled);
  for (const CreditPart& part : takeback.credits) {
    receivables::take_credit(state, part.account, part.source_id, part.amount);
  }
  take_off_invoices(state, payment, takeback.reopened);
}

void note_allocations(billing::State& state, State& payment, const std::vector<Allocation>& allocations) {
  for (const Allocation& allocation : allocations) state.invoices.at(allocation.invoice).paid += allocation.amount;
  if (payment.allocations.empty()) {
    payment.allocations = allocations;
  } else {
    payment.allocations.insert(payment.allocations.end(), allocations.begin(), allocations.end());
  }
}

void put_on_invoices(billing::State& state, State& payment, const std::vector<Allocation>& allocations) {
  receivables::reduce_items(state, allocations);
  note_allocations(state, payment, allocations);
}

void take_off_invoices(billing::State& state, State& payment, const std::vector<Allocation>& allocations) {
  receivables::reopen_items(state, allocations);
  for (const Allocation& allocation : allocations) {
    state.invoices.at(allocation.invoice).paid -= allocation.amount;
    std::int64_t rest = allocation.amount;
    for (auto last = payment.allocations.rbegin(); rest > 0 && last != payment.allocations.rend(); ++last) {
      if (last->invoice != allocation.invoice || last->account != allocation.account) continue;
      const std::int64_t part = std::min(rest, last->amount);
      last->amount -= part;
      rest -= part;
    }
    BILLING_ASSERT(rest == 0);
    auto& former = payment.rare().former;
    if (std::ranges::find(former, allocation.invoice) == former.end()) former.push_back(allocation.invoice);
  }
  std::erase_if(payment.allocations, [](const Allocation& allocation) { return allocation.amount == 0; });
}

void note_transfer(billing::State& state, const CreditPart& part, AccountId to) {
  Uuid from = part.source_id;
  if (part.source == CreditSource::kCreditNote) {
    const auto& against = state.credit_notes.at(CreditNoteId{part.source_id}).invoice;
    if (!against) return;
    from = against->uuid;
  }
  auto& holders = state.credit_holders[from];
  if (std::ranges::find(holders, to) == holders.end()) holders.push_back(to);
}

}  // namespace billing::payment
