#include "ledger/domain/takeback.h"

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/domain/state.h"

namespace billing::payment {
namespace {

// Accounts that credit from this payment was transferred to.
const std::vector<AccountId>& holders_of(const billing::State& state, PaymentId from) {
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
    const auto* const credit = receivables::find_credit(state, account, CreditSource::kPayment, payment.id.uuid);
    if (credit != nullptr) taking.credit({account, CreditSource::kPayment, payment.id.uuid, credit->second});
  };
  take_from(payment.account);
  for (const AccountId account : holders_of(state, payment.id)) {
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

// Credit of notes against these invoices, wherever it is held, oldest first.
std::set<std::pair<receivables::CreditKey, AccountId>> note_credits(const billing::State& state,
                                                                    const std::vector<InvoiceId>& invoices) {
  std::set<std::pair<receivables::CreditKey, AccountId>> found;
  for (const InvoiceId invoice : invoices) {
    const auto credits = state.note_credits.find(invoice);
    if (credits != state.note_credits.end()) found.insert(credits->second.begin(), credits->second.end());
  }
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
    for (const auto& [key, account] : note_credits(state, invoices_of(payment))) {
      const auto* const credit = receivables::find_credit(state, account, key.kind, key.source);
      taking.credit({account, key.kind, key.source, credit->second});
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
    receivables::take_credit(state, part.account, part.source, part.source_id, part.amount);
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
  if (part.source != CreditSource::kPayment) return;
  auto& holders = state.credit_holders[PaymentId{part.source_id}];
  if (std::ranges::find(holders, to) == holders.end()) holders.push_back(to);
}

}  // namespace billing::payment
