#include "ledger/domain/plan.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/state.h"

namespace billing::plan {
namespace {

constexpr std::array<std::string_view, 2> kKinds{"promise", "instalments"};

StreamId stream_of(PlanId id) { return {StreamKind::kPlan, id.uuid}; }

// By day, each in the future, adding up to the agreed amount.
Result<void> check_instalments(const Agree& command, Currency currency, Date today) {
  if (command.instalments.empty()) return refuse(Code::kMissingField, "at least one instalment", "/instalments");
  if (command.instalments.size() > kInstalmentsMax) return refuse(Code::kTooManyItems, "at most 60", "/instalments");
  if (command.kind == Kind::kPromise && command.instalments.size() != 1) {
    return refuse(Code::kInvalidParameter, "a promise has one instalment", "/instalments");
  }
  std::int64_t sum = 0;
  Date before = today;
  for (std::size_t n = 0; n < command.instalments.size(); ++n) {
    const Instalment& one = command.instalments[n];
    const std::string pointer = "/instalments/" + std::to_string(n);
    if (one.amount <= 0) return refuse(Code::kAmountNotPositive, {}, pointer + "/amount");
    if (one.due < before) return refuse(Code::kInvalidDate, "instalments go by day, today or later", pointer + "/due");
    before = one.due;
    BILLING_TRY(next, checked_add(sum, one.amount));
    sum = next;
  }
  if (sum != command.amount) {
    return refuse(Code::kSumMismatch, "the instalments are " + amount_text(sum, currency), "/instalments");
  }
  return {};
}

// What is open on the invoices, or on all that the account pays, and in no plan that stands.
Result<std::int64_t> open_on(const billing::State& state, const account::State& account,
                             const std::vector<InvoiceId>& invoices, Date today) {
  std::int64_t open = 0;
  for (std::size_t n = 0; n < invoices.size(); ++n) {
    const std::string pointer = "/invoices/" + std::to_string(n);
    BILLING_TRY(invoice, find_issued_invoice(state, invoices[n], pointer));
    if (invoice->payer != account.id) return refuse(Code::kInvoiceOfOtherPayer, invoice->number, pointer);
    if (std::ranges::count(invoices, invoices[n]) > 1) return refuse(Code::kDuplicateAllocation, invoice->number, pointer);
    open += invoice->open;
  }
  if (invoices.empty()) open = account.owed;
  std::int64_t all = account.owed;
  const auto plans = state.plans_of.find(account.id);
  if (plans == state.plans_of.end()) return open;
  if (plans->second.size() >= kPlansMax) return refuse(Code::kTooManyItems, "an account has at most 100 plans", "/account");
  for (const PlanId id : plans->second) {
    const State& plan = state.plans.at(id);
    const std::int64_t left = suspends(plan.terms, plan.paid.at(today), plan.cancelled_on, today);
    all -= left;
    const auto is_named = [&](InvoiceId one) { return std::ranges::binary_search(plan.terms.invoices, one); };
    if (std::ranges::any_of(invoices, is_named)) open -= left;
  }
  return std::max<std::int64_t>(invoices.empty() ? all : std::min(open, all), 0);
}

}  // namespace

std::string_view kind_text(Kind kind) { return kKinds[static_cast<std::size_t>(kind) - 1]; }

Result<Kind> parse_kind(std::string_view text) {
  const auto found = std::ranges::find(kKinds, text);
  if (found == kKinds.end()) return refuse(Code::kInvalidParameter, "a plan is promise or instalments", "/kind");
  return static_cast<Kind>(found - kKinds.begin() + 1);
}

Decision decide(const billing::State& state, const Agree& command, const Context& context) {
  const PlanId id = command.id.nil() ? context.fresh_id<PlanId>() : command.id;
  if (state.plans.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_TRY(account, find_money_account(state, command.account));
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency, "/amount/currency"));
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  BILLING_CHECK(check_optional_text(command.note, kReasonMax, "/note"));
  if (command.invoices.size() > kItemsMax) return refuse(Code::kTooManyItems, {}, "/invoices");
  BILLING_CHECK(check_instalments(command, currency, context.today));
  BILLING_TRY(open, open_on(state, *account, command.invoices, context.today));
  if (command.amount > open) {
    return refuse(Code::kAllocationExceedsOpen, amount_text(open, currency) + " is open and in no plan", "/amount");
  }

  std::vector events{fact(stream_of(id), account->customer,
                          Agreed{id, account->id, command.kind, command.amount, currency, command.instalments,
                                 command.invoices, command.note, context.today})};
  events.front().currency = currency;
  return events;
}

Decision decide(const billing::State& state, const Cancel& command, const Context& context) {
  const auto plan = state.plans.find(command.id);
  if (plan == state.plans.end()) return refuse(Code::kUnknownPlan, command.id.text(), "/id");
  if (plan->second.cancelled_on) return refuse(Code::kNothingChanges, command.id.text(), "/id");
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));

  return std::vector{fact(stream_of(command.id), plan->second.customer,
                          Cancelled{command.id, plan->second.terms.account, command.reason, context.today})};
}

Standing stands(const Agreed& terms, std::int64_t paid, std::optional<Date> cancelled_on, Date day) {
  Standing standing{.paid = std::clamp<std::int64_t>(paid, 0, terms.amount)};
  std::int64_t due = 0;
  for (const Instalment& one : terms.instalments) due += one.due < day ? one.amount : 0;
  standing.behind = std::max<std::int64_t>(due - standing.paid, 0);
  if (cancelled_on && *cancelled_on <= day) {
    standing.status = Status::kCancelled;
  } else if (standing.paid == terms.amount) {
    standing.status = Status::kKept;
  } else if (standing.behind > 0) {
    standing.status = Status::kBroken;
  }
  return standing;
}

std::int64_t suspends(const Agreed& terms, std::int64_t paid, std::optional<Date> cancelled_on, Date day) {
  if (day < terms.agreed_on) return 0;
  const Standing standing = stands(terms, paid, cancelled_on, day);
  return standing.status == Status::kOnTrack ? terms.amount - standing.paid : 0;
}

void evolve(billing::State& state, const Agreed& event) {
  const auto queues = state.queues.find(event.account);
  state.plans[event.id] = {.customer = state.accounts.at(event.account).customer,
                           .terms = event,
                           .cancelled_on = {},
                           .issued_before = queues == state.queues.end() ? 0 : queues->second.issued.size(),
                           .paid = {}};
  std::ranges::sort(state.plans[event.id].terms.invoices);
  state.plans_of[event.account].push_back(event.id);
}
void evolve(billing::State& state, const Cancelled& event) { state.plans.at(event.id).cancelled_on = event.on; }

}  // namespace billing::plan
