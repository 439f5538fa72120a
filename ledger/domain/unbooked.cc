#include "ledger/domain/unbooked.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/domain/payment_guards.h"

namespace billing::unbooked {
namespace {

constexpr std::array<std::string_view, 5> kKinds{"receipt", "chargeback", "return", "payment_result", "late_money"};

StreamId stream_of(UnbookedId id) { return {StreamKind::kUnbooked, id.uuid}; }

Result<const State*> find_unresolved(const billing::State& state, UnbookedId id) {
  const auto found = state.unbooked.find(id);
  if (found == state.unbooked.end()) return refuse(Code::kUnknownUnbooked, id.text(), "/id");
  if (found->second.resolved) return refuse(Code::kAlreadyResolved, {}, "/id");
  return &found->second;
}

Result<AccountId> account_of(const billing::State& state, const Report& command) {
  if (command.customer.nil() || command.account_number.empty()) {
    return refuse(Code::kUnknownAccount, "the report does not say whose it is");
  }
  BILLING_CHECK(find_customer(state, command.customer));
  const auto found =
      state.account_numbers.find(std::string(command.customer.uuid.view()) + command.account_number);
  if (found == state.account_numbers.end()) {
    return refuse(Code::kUnknownAccount, "customer " + command.customer.text() + " has no such account");
  }
  return found->second;
}

payment::Record record_of(PaymentId id, AccountId account, std::int64_t amount, Currency currency,
                          payment::Method method, const std::string& reference, Date received_on) {
  payment::Record record;
  record.id = id;
  record.account = account;
  record.amount = amount;
  record.currency = currency;
  record.method = method;
  record.reference = reference;
  record.received_on = received_on;
  return record;
}

Decision record(const billing::State& state, UnbookedId id, const Report& command, Date on, const Context& context) {
  BILLING_TRY(account, account_of(state, command));
  return payment::decide(state,
                         record_of(PaymentId{id.uuid}, account, command.amount, command.currency, command.method,
                                   command.reference, on),
                         context);
}

}  // namespace

std::string_view kind_text(Kind kind) { return kKinds[static_cast<std::size_t>(kind) - 1]; }

Decision queue(const billing::State& state, Queued what, const Uuid& reported, std::uint8_t stage) {
  // Receipts keep their id; objects of other kinds may have been given the same one.
  what.id.uuid = reported;
  what.id.uuid.bytes[15] ^= static_cast<std::uint8_t>((static_cast<unsigned>(what.kind) - 1) << 4U | stage);
  if (state.unbooked.contains(what.id)) return refuse(Code::kNothingChanges, "it is in the queue", "/id");
  const StreamId stream = stream_of(what.id);
  const CustomerId customer = what.customer;
  const Currency currency = what.currency;
  if (what.kind == Kind::kReceipt) {
    const Date on = what.on;
    const Date posting_date = what.posting_date;
    return std::vector{money_fact(stream, customer, std::move(what), on, posting_date, currency)};
  }
  std::vector events{fact(stream, customer, std::move(what))};
  events.front().currency = currency;
  return events;
}

Uuid news_of(const Uuid& object, std::string_view reference) {
  // FNV-1a over the bytes behind those that give an id its version and variant.
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : reference) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  Uuid id = object;
  for (std::size_t i = 9; !reference.empty() && i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(id.bytes[i] ^ (hash >> (8 * (i - 9)) & 0xFFU));
  }
  return id;
}

Decision decide(const billing::State& state, const Report& command, const Context& context) {
  const UnbookedId id = command.id.nil() ? context.fresh_id<UnbookedId>() : command.id;
  if (state.unbooked.contains(id) || state.payments.contains(PaymentId{id.uuid})) {
    return refuse(Code::kNothingChanges, "it was reported before", "/id");
  }
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  if (!command.currency.valid()) return refuse(Code::kUnknownCurrency, {}, "/amount/currency");
  BILLING_CHECK(check_optional_text(command.account_number, kNumberMax, "/account_number"));
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  const payment::Dates dates = payment::report_dates(state, command.on.value_or(context.today), command.on, context);
  auto recorded = record(state, id, command, dates.document, context);
  if (recorded) return recorded;
  BILLING_CHECK(check_turnover(state, command.currency, command.amount));

  Queued entry;
  entry.customer = kOperator;
  entry.kind = Kind::kReceipt;
  entry.reason = code_text(recorded.error().code);
  entry.detail = recorded.error().detail;
  entry.reported_object = command.account_number;
  entry.amount = command.amount;
  entry.currency = command.currency;
  entry.method = command.method;
  entry.reference = command.reference;
  entry.on = dates.document;
  entry.posting_date = dates.posting;
  return queue(state, std::move(entry), id.uuid);
}

Decision decide(const billing::State& state, const Assign& command, const Context& context) {
  BILLING_TRY(entry, find_unresolved(state, command.id));
  const bool receipt = entry->kind == Kind::kReceipt;
  if (!receipt && entry->kind != Kind::kLateMoney) {
    return refuse(Code::kInvalidTransition, "only a receipt or late money can be assigned", "/id");
  }
  if (entry->amount == 0) {
    return refuse(Code::kInvalidTransition, "the report does not say how much: record a payment, then resolve this", "/id");
  }
  BILLING_TRY(account, find_account(state, command.account));
  // Received before the account was opened: from then on it is the account's.
  const Date received_on = std::max(entry->on, account->opened_on);
  const auto id = context.fresh_id<PaymentId>();
  payment::Record record = record_of(id, account->id, entry->amount, entry->currency, entry->method, entry->reference,
                                     received_on);
  record.settled = entry->settled;
  BILLING_TRY(events, payment::record(state, record, receipt ? std::optional(entry->id) : std::nullopt, context));
  events.push_back(fact(stream_of(entry->id), entry->customer, Resolved{entry->id, "recorded as " + id.text()}));
  return events;
}

Decision decide(const billing::State& state, const Resolve& command, const Context&) {
  BILLING_TRY(entry, find_unresolved(state, command.id));
  if (entry->kind == Kind::kReceipt) {
    return refuse(Code::kInvalidTransition, "the money is still unidentified: assign it to an account", "/id");
  }
  BILLING_CHECK(check_text(command.how, kReasonMax, "/how"));

  return std::vector{fact(stream_of(entry->id), entry->customer, Resolved{entry->id, command.how})};
}

void evolve(billing::State& state, const Queued& event) {
  State& entry = state.unbooked[event.id];
  entry = {event.id, event.customer, event.kind, event.amount, event.currency, event.method, event.on, event.reference, false, event.settled};
  if (event.kind == Kind::kReceipt) state.turnover[event.currency] += event.amount;
}

void evolve(billing::State& state, const Resolved& event) { state.unbooked.at(event.id).resolved = true; }

}  // namespace billing::unbooked
