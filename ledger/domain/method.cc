#include "ledger/domain/method.h"

#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/state.h"

namespace billing::method {
namespace {

constexpr int kDaysBeforeDueMax = 28;
constexpr std::size_t kCardDigitsMin = 13;
constexpr std::size_t kCardDigitsMax = 19;

StreamId stream_of(MethodId id) { return {StreamKind::kMethod, id.uuid}; }

Result<const State*> find_method(const billing::State& state, MethodId id) {
  const auto found = state.methods.find(id);
  if (found == state.methods.end() || found->second.removed) {
    return refuse(Code::kUnknownPaymentMethod, id.text(), "/id");
  }
  return &found->second;
}

// ISO/IEC 7812-1, annex B.
bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const int value = (*digit - '0') * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

Result<void> check_not_card(std::string_view text, std::string_view pointer) {
  if (looks_like_card_number(text)) return refuse(Code::kCardNumber, {}, std::string(pointer));
  return {};
}

}  // namespace

bool looks_like_card_number(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : 'x';
    if (c >= '0' && c <= '9') {
      digits.push_back(c);
    } else if (c != ' ' && c != '-') {
      if (digits.size() >= kCardDigitsMin && digits.size() <= kCardDigitsMax && passes_luhn(digits)) return true;
      digits.clear();
    }
  }
  return false;
}

Decision decide(const billing::State& state, const Add& command, const Context& context) {
  const MethodId id = command.id.nil() ? context.fresh_id<MethodId>() : command.id;
  if (state.methods.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_TRY(account, find_open_account(state, command.account));
  if (command.kind != payment::Method::kCard && command.kind != payment::Method::kBankDebit) {
    return refuse(Code::kUnknownMethod, "a method on file is card or bank_debit", "/kind");
  }
  BILLING_CHECK(check_text(command.token, kReferenceMax, "/token"));
  BILLING_CHECK(check_not_card(command.token, "/token"));
  BILLING_CHECK(check_text(command.brand, kNumberMax, "/brand"));
  BILLING_CHECK(check_not_card(command.brand, "/brand"));
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (command.last_four.size() != 4 || !std::ranges::all_of(command.last_four, digit)) {
    return refuse(Code::kInvalidText, "the last four digits", "/last_four");
  }
  if (command.kind == payment::Method::kCard && !command.expires) {
    return refuse(Code::kMissingField, "the month in which the card expires", "/expires");
  }
  if (command.expires && *command.expires < context.today.month_index()) {
    return refuse(Code::kInvalidDate, "the card has expired", "/expires");
  }
  if (account->methods >= kMethodsPerAccountMax) {
    return refuse(Code::kTooManyItems, "at most 20 methods an account", "/account");
  }

  return std::vector{fact(stream_of(id), account->customer,
                          Added{id, account->id, command.kind, command.token, command.brand, command.last_four,
                                command.expires})};
}

Decision decide(const billing::State& state, const Remove& command, const Context&) {
  BILLING_TRY(method, find_method(state, command.id));
  const auto autopay = state.autopay.find(method->account);
  if (autopay != state.autopay.end() && autopay->second.method == command.id) {
    return refuse(Code::kMethodInUse, command.id.text(), "/id");
  }

  return std::vector{fact(stream_of(command.id), method->customer, Removed{command.id, method->account})};
}

Decision decide(const billing::State& state, const SetAutopay& command, const Context&) {
  BILLING_TRY(method, find_method(state, command.id));
  BILLING_TRY(account, find_open_account(state, method->account));
  if (command.days_before_due < 0 || command.days_before_due > kDaysBeforeDueMax) {
    return refuse(Code::kInvalidParameter, "0 to " + std::to_string(kDaysBeforeDueMax) + " days before the due date",
                  "/days_before_due");
  }
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency, "/at_most/currency"));
  if (command.at_most && *command.at_most <= 0) return refuse(Code::kAmountNotPositive, {}, "/at_most");

  std::vector events{fact(stream_of(command.id), method->customer,
                          AutopaySet{command.id, account->id, command.days_before_due, command.at_most, currency})};
  events.front().currency = currency;
  return events;
}

Decision decide(const billing::State& state, const ClearAutopay& command, const Context&) {
  BILLING_TRY(account, find_account(state, command.account));
  const auto autopay = state.autopay.find(account->id);
  if (autopay == state.autopay.end()) return refuse(Code::kNothingChanges, account->number, "/account");

  const MethodId id = autopay->second.method;
  return std::vector{fact(stream_of(id), account->customer, AutopayCleared{id, account->id})};
}

void evolve(billing::State& state, const Added& event) {
  state.methods[event.id] = {event.id, state.accounts.at(event.account).customer, event.account, event.kind, false};
  state.accounts.at(event.account).methods++;
}
void evolve(billing::State& state, const Removed& event) {
  state.methods.at(event.id).removed = true;
  state.accounts.at(event.account).methods--;
}
void evolve(billing::State& state, const AutopaySet& event) {
  state.autopay[event.account] = {event.id, event.days_before_due, event.at_most};
}
void evolve(billing::State& state, const AutopayCleared& event) { state.autopay.erase(event.account); }

}  // namespace billing::method
