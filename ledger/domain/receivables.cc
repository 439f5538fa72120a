#include "ledger/domain/receivables.h"

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/domain/number_order.h"
#include "ledger/domain/state.h"
#include "ledger/domain/takeback.h"

namespace billing::receivables {
namespace {

bool wholly_disputed(const invoice::State& invoice) { return invoice.disputed > 0 && invoice.disputed == invoice.open; }

ItemKey key_of(const invoice::State& invoice, bool disputed) {
  return {disputed, invoice.due_date, invoice.number, invoice.id};
}

template <class Keyed, class Key>
void move_key(Keyed& queue, const Key& from, const Key& to) {
  auto node = queue.extract(from);
  BILLING_ASSERT(!node.empty());
  if constexpr (requires { node.key(); }) {
    node.key() = to;
  } else {
    node.value() = to;
  }
  queue.insert(std::move(node));
}

// Moves an invoice that is open in all queues where it stands.
void requeue(billing::State& state, const invoice::State& invoice, bool disputed) {
  const ItemKey from = key_of(invoice, !disputed);
  const ItemKey to = key_of(invoice, disputed);
  for (const invoice::ShareState& share : invoice.shares) {
    if (share.open > 0) move_key(state.queues.at(share.account).own, from, to);
  }
  move_key(state.queues.at(invoice.payer).payer, from, to);
}

invoice::ShareState& share_of(invoice::State& invoice, AccountId account) {
  const auto share = std::ranges::find(invoice.shares, account, &invoice::ShareState::account);
  BILLING_ASSERT(share != invoice.shares.end());
  return *share;
}

}  // namespace

std::strong_ordering operator<=>(const ItemKey& a, const ItemKey& b) {
  if (const auto order = a.disputed <=> b.disputed; order != 0) return order;
  if (const auto order = a.due_date <=> b.due_date; order != 0) return order;
  if (const auto order = compare_numbers(a.number, b.number); order != 0) return order;
  return a.invoice <=> b.invoice;
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

std::vector<Allocation> split_over_shares(const billing::State& state, InvoiceId invoice_id, std::int64_t amount) {
  const invoice::State& invoice = state.invoices.at(invoice_id);
  BILLING_ASSERT(amount <= invoice.open);
  std::vector<std::int64_t> weights;
  for (const invoice::ShareState& share : invoice.shares) weights.push_back(share.open);
  return split(invoice, weights, amount);
}

void close_paid_disputes(const billing::State& state, const std::vector<Pairing>& pairings,
                         std::vector<StreamEvent>& events) {
  std::vector<InvoiceId> seen;
  for (const Pairing& pairing : pairings) {
    const invoice::State& invoice = state.invoices.at(pairing.allocation.invoice);
    if (!invoice.dispute || std::ranges::find(seen, invoice.id) != seen.end()) continue;
    seen.push_back(invoice.id);
    std::int64_t used = 0;
    Date on = state.disputes.at(*invoice.dispute).opened_on;
    for (const Pairing& other : pairings) {
      if (other.allocation.invoice != invoice.id) continue;
      used += other.allocation.amount;
      on = std::max(on, other.posting_date);
    }
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
  invoice::State& invoice = state.invoices.at(id);
  if (invoice.total != 0) {
    std::vector<InvoiceId>& issued = state.queues[invoice.payer].issued;
    invoice.place = issued.size();
    issued.push_back(id);
  }
  if (invoice.open == 0) return;
  const ItemKey key = key_of(invoice, false);
  for (const invoice::ShareState& share : invoice.shares) {
    if (share.open == 0) continue;
    state.queues[share.account].own.insert(key);
    state.accounts.at(share.account).open_items++;
  }
  state.queues[invoice.payer].payer.insert(key);
  state.accounts.at(invoice.payer).owed += invoice.open;
}

void reduce_items(billing::State& state, const std::vector<Allocation>& allocations, Date on) {
  for (const Allocation& allocation : allocations) {
    invoice::State& invoice = state.invoices.at(allocation.invoice);
    invoice::ShareState& share = share_of(invoice, allocation.account);
    BILLING_ASSERT(allocation.amount > 0 && share.open >= allocation.amount);
    const bool disputed = wholly_disputed(invoice);
    share.open -= allocation.amount;
    share.open_by_day.add(on, -allocation.amount);
    invoice.open -= allocation.amount;
    // A payer who chooses a disputed invoice pays the disputed part last.
    invoice.disputed = std::min(invoice.disputed, invoice.open);
    account::State& account = state.accounts.at(allocation.account);
    account.open -= allocation.amount;
    state.accounts.at(invoice.payer).owed -= allocation.amount;
    if (share.open == 0) {
      state.queues.at(allocation.account).own.erase(key_of(invoice, disputed));
      account.open_items--;
    }
    if (invoice.open == 0) {
      state.queues.at(invoice.payer).payer.erase(key_of(invoice, disputed));
    } else if (wholly_disputed(invoice) && !disputed) {
      requeue(state, invoice, true);
    }
  }
}

void reopen_items(billing::State& state, const std::vector<Allocation>& allocations, Date on) {
  for (const Allocation& allocation : allocations) {
    invoice::State& invoice = state.invoices.at(allocation.invoice);
    invoice::ShareState& share = share_of(invoice, allocation.account);
    BILLING_ASSERT(allocation.amount > 0);
    // More is open than is disputed from now on.
    if (wholly_disputed(invoice)) requeue(state, invoice, false);
    account::State& account = state.accounts.at(allocation.account);
    if (share.open == 0) {
      state.queues[allocation.account].own.insert(key_of(invoice, false));
      account.open_items++;
    }
    if (invoice.open == 0) state.queues[invoice.payer].payer.insert(key_of(invoice, false));
    share.open += allocation.amount;
    share.open_by_day.add(on, allocation.amount);
    invoice.open += allocation.amount;
    account.open += allocation.amount;
    state.accounts.at(invoice.payer).owed += allocation.amount;
  }
}

void set_disputed(billing::State& state, invoice::State& invoice, std::int64_t amount) {
  const bool before = wholly_disputed(invoice);
  invoice.disputed = amount;
  if (const bool now = wholly_disputed(invoice); now != before && invoice.open > 0) requeue(state, invoice, now);
}

}  // namespace billing::receivables
