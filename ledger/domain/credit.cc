// Unapplied credit by hand: held back, transferred to another account, applied to what is open.
#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/free_credit.h"
#include "ledger/domain/takeback.h"

namespace billing::receivables {
namespace {

StreamId stream_of(AccountId account) { return {StreamKind::kReceivables, account.uuid}; }

// Where the credit stands among an account's, held or not.
template <class AnyCredits>
auto find(AnyCredits& credits, CreditKey key) {
  const auto found = credits.find(key);
  if (found != credits.end()) return found;
  key.held = true;
  return credits.find(key);
}

// Keeps the index of what notes left unapplied.
void note_credit(billing::State& state, AccountId account, CreditKey key, bool left) {
  if (key.kind != CreditSource::kCreditNote) return;
  const auto& against = state.credit_notes.at(CreditNoteId{key.source}).invoice;
  if (!against) return;
  key.held = false;
  if (left) {
    state.note_credits[*against].insert({key, account});
    return;
  }
  const auto credits = state.note_credits.find(*against);
  credits->second.erase({key, account});
  if (credits->second.empty()) state.note_credits.erase(credits);
}

// Oldest first, without what is held, at most `amount`, and no more parts than one decision may touch.
Result<std::vector<CreditPart>> pick(const billing::State& state, AccountId account, std::int64_t amount) {
  std::vector<CreditPart> parts;
  for (const auto& [key, left] : credits_of(state, account)) {
    if (amount == 0 || key.held) break;
    if (parts.size() == kItemsMax) return refuse(Code::kTooManyItems, "transfer a smaller amount", "/amount");
    parts.push_back({account, key.kind, key.source, std::min(amount, left)});
    amount -= parts.back().amount;
  }
  return parts;
}

}  // namespace

CreditKey key_of(const billing::State& state, CreditSource kind, const Uuid& source) {
  const Date date = kind == CreditSource::kPayment ? state.payments.at(PaymentId{source}).received_on
                                                   : state.credit_notes.at(CreditNoteId{source}).document_date;
  return {false, date, source, kind};
}

const Credits& credits_of(const billing::State& state, AccountId account) {
  static const Credits kNone;
  const auto queues = state.queues.find(account);
  return queues == state.queues.end() ? kNone : queues->second.credits;
}

const Credits::value_type* find_credit(const billing::State& state, AccountId account, CreditSource kind,
                                       const Uuid& source) {
  const bool known = kind == CreditSource::kPayment ? state.payments.contains(PaymentId{source})
                                                    : state.credit_notes.contains(CreditNoteId{source});
  if (!known) return nullptr;
  const Credits& credits = credits_of(state, account);
  const auto found = find(credits, key_of(state, kind, source));
  return found == credits.end() ? nullptr : &*found;
}

namespace {

// Adds to the index of credits by account.
void grow(billing::State& state, AccountId account, CreditSource kind, const Uuid& source, std::int64_t amount) {
  CreditKey key = key_of(state, kind, source);
  Credits& credits = state.queues[account].credits;
  account::State& holder = state.accounts.at(account);
  holder.unapplied += amount;
  if (holder.held > 0) {
    key.held = true;
    if (const auto held = credits.find(key); held != credits.end()) {
      held->second += amount;
      holder.held += amount;
      return;
    }
    key.held = false;
  }
  std::int64_t& left = credits[key];
  if (left == 0) note_credit(state, account, key, true);
  left += amount;
}

void shrink(billing::State& state, AccountId account, CreditSource kind, const Uuid& source, std::int64_t amount) {
  Credits& credits = state.queues.at(account).credits;
  const auto credit = find(credits, key_of(state, kind, source));
  BILLING_ASSERT(credit != credits.end() && credit->second >= amount);
  account::State& holder = state.accounts.at(account);
  holder.unapplied -= amount;
  if (credit->first.held) holder.held -= amount;
  credit->second -= amount;
  if (credit->second > 0) return;
  note_credit(state, account, credit->first, false);
  credits.erase(credit);
}

}  // namespace

const tranche::Tranches& tranches_of(const billing::State& state, CreditSource kind, const Uuid& source) {
  return kind == CreditSource::kPayment ? state.payments.at(PaymentId{source}).money
                                        : state.credit_notes.at(CreditNoteId{source}).credit;
}

void change_credit(billing::State& state, AccountId account, CreditSource kind, const Uuid& source, std::int64_t amount) {
  if (amount > 0) grow(state, account, kind, source, amount);
  if (amount < 0) shrink(state, account, kind, source, -amount);
}

void set_held(billing::State& state, AccountId account, CreditSource kind, const Uuid& source, bool held) {
  Credits& credits = state.queues.at(account).credits;
  CreditKey key = key_of(state, kind, source);
  key.held = !held;
  auto node = credits.extract(key);
  BILLING_ASSERT(!node.empty());
  node.key().held = held;
  state.accounts.at(account).held += held ? node.mapped() : -node.mapped();
  credits.insert(std::move(node));
}

Decision decide(const billing::State& state, const HoldCredit& command, const Context&) {
  BILLING_TRY(account, find_money_account(state, command.account));
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  const auto* credit = find_credit(state, account->id, CreditSource::kPayment, command.source_id);
  if (credit == nullptr) credit = find_credit(state, account->id, CreditSource::kCreditNote, command.source_id);
  if (credit == nullptr) return refuse(Code::kUnknownCredit, account->number, "/credit");
  if (credit->first.held == command.held) return refuse(Code::kNothingChanges, {}, "/held");

  return std::vector{fact(stream_of(account->id), account->customer,
                          CreditHeld{account->id, credit->first.kind, command.source_id, command.held, command.reason})};
}

Decision decide(const billing::State& state, const TransferCredit& command, const Context& context) {
  BILLING_TRY(from, find_money_account(state, command.from_account, "/from"));
  BILLING_TRY(to, find_money_account(state, command.to_account, "/to"));
  if (from->customer != to->customer) return refuse(Code::kOtherCustomer, to->number, "/to");
  if (from->id == to->id) return refuse(Code::kNothingChanges, from->number, "/to");
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  BILLING_TRY(currency, document::check_currency(state, from->customer, command.currency, "/amount/currency"));
  const std::int64_t free = from->unapplied - from->held;
  const std::int64_t amount = command.amount.value_or(free);
  if (command.amount && amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  if (amount == 0 || amount > free) {
    return refuse(Code::kCreditExceeded, from->number + " has " + amount_text(free, currency) + " to transfer", "/amount");
  }
  BILLING_CHECK(check_turnover(state, currency, amount));
  BILLING_TRY(parts, pick(state, from->id, amount));

  return std::vector{money_fact(stream_of(from->id), from->customer,
                                CreditTransferred{from->id, to->id, currency, context.today, context.today, amount,
                                                  std::move(parts), command.reason},
                                context.today, context.today, currency)};
}

Decision decide(const billing::State& state, const ApplyCredit& command, const Context& context) {
  BILLING_TRY(account, find_unfrozen_account(state, command.account));
  const Date earliest = books::posting_date_of(state, command.after ? command.after->posting_date : context.today);
  std::vector<StreamEvent> events;
  OldestFirst oldest_first(state, Reserved::kIsLeftAlone);
  PairingDays days(state);
  std::vector<FreeCredit> credits;
  for (const auto& [key, left] : credits_of(state, account->id)) {
    if (key.held) break;
    credits.push_back({key, tranche::timeline(tranches_of(state, key.kind, key.source), {account->id})});
  }
  close_paid_disputes(state, spend(*account, credits, oldest_first, days, earliest, events, state), events);
  if (oldest_first.full()) {
    events.push_back(follow_up(state, account->id, context.today, earliest));
  } else if (command.after) {
    FollowUpDue done = *command.after;
    done.due = false;
    events.push_back(fact(stream_of(account->id), account->customer, done));
  }
  if (events.empty()) return refuse(Code::kNothingChanges, "no free credit meets anything open", "/account");
  return events;
}

StreamEvent follow_up(const billing::State& state, AccountId account, Date on, Date posting_date) {
  return fact(stream_of(account), state.accounts.at(account).customer, FollowUpDue{account, true, on, posting_date});
}

void evolve(billing::State& state, const CreditApplied& event) {
  std::int64_t used = 0;
  for (const Allocation& allocation : event.allocations) {
    used += allocation.amount;
    if (event.source != CreditSource::kCreditNote) continue;
    const bool own = state.credit_notes.at(CreditNoteId{event.source_id}).invoice == allocation.invoice;
    if (!own) state.invoices.at(allocation.invoice).credit += allocation.amount;
  }
  change_credit(state, event.account, event.source, event.source_id, -used);
  reduce_items(state, event.allocations, event.posting_date);
  if (event.source == CreditSource::kCreditNote) return;
  for (const Allocation& one : event.allocations) state.invoices.at(one.invoice).paid += one.amount;
}

void evolve(billing::State& state, const CreditHeld& event) {
  set_held(state, event.account, event.source, event.source_id, event.held);
}

void evolve(billing::State& state, const CreditTransferred& event) {
  state.turnover[event.currency] += event.amount;
  for (const CreditPart& part : event.parts) {
    change_credit(state, event.from_account, part.source, part.source_id, -part.amount);
    change_credit(state, event.to_account, part.source, part.source_id, part.amount);
    payment::note_transfer(state, part, event.to_account);
  }
}

}  // namespace billing::receivables
