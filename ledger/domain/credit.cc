// Unapplied credit by hand: held back, transferred to another account, applied to what is open.
#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/state.h"
#include "ledger/domain/takeback.h"

namespace billing::receivables {
namespace {

StreamId stream_of(AccountId account) { return {StreamKind::kReceivables, account.uuid}; }

const std::map<CreditKey, Credit>& credits_of(const billing::State& state, AccountId account) {
  static const std::map<CreditKey, Credit> kNone;
  const auto queues = state.queues.find(account);
  return queues == state.queues.end() ? kNone : queues->second.credits;
}

// Oldest first, without what is held, at most `amount`.
std::vector<CreditPart> pick(const billing::State& state, AccountId account, std::int64_t amount) {
  std::vector<CreditPart> parts;
  for (const auto& [key, credit] : credits_of(state, account)) {
    if (amount == 0) break;
    if (credit.held) continue;
    const std::int64_t part = std::min(amount, credit.remaining);
    parts.push_back({account, credit.kind, key.source, part});
    amount -= part;
  }
  return parts;
}

std::int64_t free_credit(const billing::State& state, AccountId account) {
  std::int64_t sum = 0;
  for (const auto& [key, credit] : credits_of(state, account)) sum += credit.held ? 0 : credit.remaining;
  return sum;
}

}  // namespace

Decision decide(const billing::State& state, const HoldCredit& command, const Context&) {
  BILLING_TRY(account, find_money_account(state, command.account));
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  const auto& credits = credits_of(state, account->id);
  const auto credit =
      std::ranges::find_if(credits, [&](const auto& entry) { return entry.first.source == command.source_id; });
  if (credit == credits.end()) return refuse(Code::kUnknownCredit, account->number, "/credit");
  if (credit->second.held == command.held) return refuse(Code::kNothingChanges, {}, "/held");

  return std::vector{fact(stream_of(account->id), account->customer,
                          CreditHeld{account->id, credit->second.kind, command.source_id, command.held, command.reason})};
}

Decision decide(const billing::State& state, const TransferCredit& command, const Context& context) {
  BILLING_TRY(from, find_money_account(state, command.from_account, "/from"));
  BILLING_TRY(to, find_money_account(state, command.to_account, "/to"));
  if (from->customer != to->customer) return refuse(Code::kOtherCustomer, to->number, "/to");
  if (from->id == to->id) return refuse(Code::kNothingChanges, from->number, "/to");
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  BILLING_TRY(currency, document::check_currency(state, from->customer, command.currency, "/amount/currency"));
  const std::int64_t held = free_credit(state, from->id);
  const std::int64_t amount = command.amount.value_or(held);
  if (command.amount && amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  if (amount == 0 || amount > held) {
    return refuse(Code::kCreditExceeded, from->number + " has " + amount_text(held, currency) + " to transfer", "/amount");
  }
  BILLING_CHECK(check_turnover(state, currency, amount));
  auto parts = pick(state, from->id, amount);
  if (parts.size() > kItemsMax) return refuse(Code::kTooManyItems, "transfer a smaller amount", "/amount");

  return std::vector{money_fact(stream_of(from->id), from->customer,
                                CreditTransferred{from->id, to->id, currency, context.today, context.today, amount,
                                                  std::move(parts), command.reason},
                                context.today, context.today, currency)};
}

Decision decide(const billing::State& state, const ApplyCredit& command, const Context& context) {
  BILLING_TRY(account, find_money_account(state, command.account));
  const Currency currency = state.customers.at(account->customer).currency;
  std::vector<StreamEvent> events;
  std::vector<Allocation> reserved;
  for (const auto& [key, credit] : credits_of(state, account->id)) {
    if (reserved.size() >= kDefaultApplicationMax) break;
    if (credit.held) continue;
    const Priority priority =
        credit.kind == CreditSource::kPayment ? Priority::kInvoicesItPays : Priority::kOwnShares;
    auto application = apply_oldest_first(state, account->id, credit.remaining, priority, reserved);
    if (application.allocations.empty()) continue;
    reserved.insert(reserved.end(), application.allocations.begin(), application.allocations.end());
    events.push_back(money_fact(stream_of(account->id), account->customer,
                                CreditApplied{account->id, credit.kind, key.source, currency, context.today,
                                              std::move(application.allocations)},
                                context.today, context.today, currency));
  }
  if (events.empty()) return refuse(Code::kNothingChanges, "no free credit meets anything open", "/account");
  close_paid_disputes(state, reserved, events, context.today);
  return events;
}

void evolve(billing::State& state, const CreditHeld& event) {
  auto& credits = state.queues.at(event.account).credits;
  const auto credit =
      std::ranges::find_if(credits, [&](const auto& entry) { return entry.first.source == event.source_id; });
  BILLING_ASSERT(credit != credits.end());
  credit->second.held = event.held;
}

void evolve(billing::State& state, const CreditTransferred& event) {
  state.turnover[event.currency] += event.amount;
  for (const CreditPart& part : event.parts) {
    const auto& credits = state.queues.at(event.from_account).credits;
    const auto credit =
        std::ranges::find_if(credits, [&](const auto& entry) { return entry.first.source == part.source_id; });
    BILLING_ASSERT(credit != credits.end());
    const CreditKey key = credit->first;
    take_credit(state, event.from_account, part.source_id, part.amount);
    add_credit(state, event.to_account, key, {part.source, part.amount, false});
    payment::note_transfer(state, part, event.to_account);
  }
}

}  // namespace billing::receivables
