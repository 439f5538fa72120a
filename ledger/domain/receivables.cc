#include "ledger/domain/receivables.h"

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/domain/state.h"
#include "ledger/domain/takeback.h"

namespace billing::receivables {
namespace {

ItemKey key_of(const invoice::State& invoice) { return {invoice.due_date, invoice.number, invoice.id}; }

// Allocations of this decision that already reduce an invoice's share.
std::int64_t reserved_on(const std::vector<Allocation>& reserved, InvoiceId invoice, AccountId account) {
  std::int64_t sum = 0;
  for (const Allocation& other : reserved) {
    if (other.invoice == invoice && other.account == account) sum += other.amount;
  }
  return sum;
}

std::vector<Allocation> split(const invoice::State& invoice, const std::vector<std::int64_t>& weights,
                              std::int64_t amount) {
  const auto parts = allocate(amount, weights);
  std::vector<Allocation> allocations;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != 0) allocations.push_back({invoice.id, invoice.shares[i].account, parts[i]});
  }
  return allocations;
}

// Uses what it can of application.rest on one invoice: on the share of `only`, or on all of them pro rata.
void take(const invoice::State& invoice, std::optional<AccountId> only, const std::vector<Allocation>& reserved,
          Application& application) {
  std::vector<std::int64_t> weights;
  std::int64_t open = 0;
  std::int64_t used = 0;
  for (const invoice::ShareState& share : invoice.shares) {
    const std::int64_t taken = reserved_on(reserved, invoice.id, share.account) +
                               reserved_on(application.allocations, invoice.id, share.account);
    used += taken;
    weights.push_back(!only || share.account == *only ? share.open - taken : 0);
    open += weights.back();
  }
  const std::int64_t amount = std::min({open, application.rest, invoice.open - invoice.disputed - used});
  if (amount <= 0) return;
  for (Allocation& allocation : split(invoice, weights, amount)) application.allocations.push_back(allocation);
  application.rest -= amount;
}

}  // namespace

Application apply_oldest_first(const billing::State& state, AccountId account, std::int64_t amount, Priority priority,
                               const std::vector<Allocation>& reserved) {
  Application application{{}, amount};
  const auto queues = state.queues.find(account);
  if (queues == state.queues.end()) return application;
  const bool own_first = priority == Priority::kOwnShares;
  for (const bool own : {own_first, !own_first}) {
    for (const ItemKey& key : own ? queues->second.own : queues->second.payer) {
      if (application.rest == 0 || application.allocations.size() >= kDefaultApplicationMax) return application;
      take(state.invoices.at(key.invoice), own ? std::optional(account) : std::nullopt, reserved, application);
    }
  }
  return application;
}

std::vector<Allocation> split_over_shares(const billing::State& state, InvoiceId invoice_id, std::int64_t amount) {
  const invoice::State& invoice = state.invoices.at(invoice_id);
  BILLING_ASSERT(amount <= invoice.open);
  std::vector<std::int64_t> weights;
  for (const invoice::ShareState& share : invoice.shares) weights.push_back(share.open);
  return split(invoice, weights, amount);
}

void close_paid_disputes(const billing::State& state, const std::vector<Allocation>& allocations,
                         std::vector<StreamEvent>& events, Date on) {
  std::vector<InvoiceId> seen;
  for (const Allocation& allocation : allocations) {
    const invoice::State& invoice = state.invoices.at(allocation.invoice);
    if (!invoice.dispute || std::ranges::find(seen, invoice.id) != seen.end()) continue;
    seen.push_back(invoice.id);
    std::int64_t used = 0;
    for (const Allocation& other : allocations) used += other.invoice == invoice.id ? other.amount : 0;
    if (used < invoice.open) continue;
    events.push_back({.stream = {StreamKind::kDispute, invoice.dispute->uuid},
                      .customer = invoice.customer,
                      .event = dispute::Closed{*invoice.dispute, invoice.id, invoice.account, dispute::Outcome::kPaid, on},
                      .document_date = {},
                      .posting_date = {},
                      .currency = {}});
  }
}

void open_item(billing::State& state, InvoiceId id) {
  const invoice::State& invoice = state.invoices.at(id);
  if (invoice.open == 0) return;
  const ItemKey key = key_of(invoice);
  for (const invoice::ShareState& share : invoice.shares) {
    if (share.open == 0) continue;
    state.queues[share.account].own.insert(key);
    state.accounts.at(share.account).open_items++;
  }
  state.queues[invoice.payer].payer.insert(key);
}

void reduce_items(billing::State& state, const std::vector<Allocation>& allocations) {
  for (const Allocation& allocation : allocations) {
    invoice::State& invoice = state.invoices.at(allocation.invoice);
    const auto share = std::ranges::find(invoice.shares, allocation.account, &invoice::ShareState::account);
    BILLING_ASSERT(share != invoice.shares.end() && allocation.amount > 0 && share->open >= allocation.amount);
    share->open -= allocation.amount;
    invoice.open -= allocation.amount;
    // A payer who chooses a disputed invoice pays the disputed part last.
    invoice.disputed = std::min(invoice.disputed, invoice.open);
    account::State& account = state.accounts.at(allocation.account);
    account.open -= allocation.amount;
    if (share->open == 0) {
      state.queues.at(allocation.account).own.erase(key_of(invoice));
      account.open_items--;
    }
    if (invoice.open == 0) state.queues.at(invoice.payer).payer.erase(key_of(invoice));
  }
}

void add_credit(billing::State& state, AccountId account, CreditKey key, Credit credit) {
  if (credit.remaining == 0) return;
  Credit& held = state.queues[account].credits[key];
  held.kind = credit.kind;
  held.remaining += credit.remaining;
  held.held = held.held || credit.held;
  state.accounts.at(account).unapplied += credit.remaining;
}

void reopen_items(billing::State& state, const std::vector<Allocation>& allocations) {
  for (const Allocation& allocation : allocations) {
    invoice::State& invoice = state.invoices.at(allocation.invoice);
    const auto share = std::ranges::find(invoice.shares, allocation.account, &invoice::ShareState::account);
    BILLING_ASSERT(share != invoice.shares.end() && allocation.amount > 0);
    account::State& account = state.accounts.at(allocation.account);
    if (share->open == 0) {
      state.queues[allocation.account].own.insert(key_of(invoice));
      account.open_items++;
    }
    if (invoice.open == 0) state.queues[invoice.payer].payer.insert(key_of(invoice));
    share->open += allocation.amount;
    invoice.open += allocation.amount;
    account.open += allocation.amount;
  }
}

namespace {

// Where the credit of a source stands: its date is that of the payment or note that it came from.
std::map<CreditKey, Credit>::iterator place_of(std::map<CreditKey, Credit>& credits, const Uuid& source) {
  return std::ranges::find_if(credits, [&](const auto& entry) { return entry.first.source == source; });
}

}  // namespace

const Credit* find_credit(const billing::State& state, AccountId account, const Uuid& source) {
  const auto queues = state.queues.find(account);
  if (queues == state.queues.end()) return nullptr;
  const auto& credits = queues->second.credits;
  const auto found = std::ranges::find_if(credits, [&](const auto& entry) { return entry.first.source == source; });
  return found == credits.end() ? nullptr : &found->second;
}

void take_credit(billing::State& state, AccountId account, const Uuid& source, std::int64_t amount) {
  auto& credits = state.queues.at(account).credits;
  const auto credit = place_of(credits, source);
  BILLING_ASSERT(credit != credits.end() && credit->second.remaining >= amount);
  credit->second.remaining -= amount;
  if (credit->second.remaining == 0) credits.erase(credit);
  state.accounts.at(account).unapplied -= amount;
}

void evolve(billing::State& state, const CreditApplied& event) {
  std::int64_t used = 0;
  for (const Allocation& allocation : event.allocations) {
    used += allocation.amount;
    if (event.source != CreditSource::kCreditNote) continue;
    const bool own = state.credit_notes.at(CreditNoteId{event.source_id}).invoice == allocation.invoice;
    if (!own) state.invoices.at(allocation.invoice).credit += allocation.amount;
  }
  take_credit(state, event.account, event.source_id, used);
  reduce_items(state, event.allocations);
  if (event.source == CreditSource::kPayment) {
    payment::note_allocations(state, state.payments.at(PaymentId{event.source_id}), event.allocations);
  }
}

}  // namespace billing::receivables
