// From the payer's wish to the provider's answer: requested, in progress, succeeded, failed or cancelled.
#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/external_id.h"
#include "ledger/domain/instructions.h"
#include "ledger/domain/oldest_first.h"
#include "ledger/domain/pairing.h"
#include "ledger/domain/payment_guards.h"
#include "ledger/domain/takeback.h"

namespace billing::payment {
namespace {

constexpr Transitions<8> kNext{
    phases({Phase::kAuthorised, Phase::kPending, Phase::kUnknown, Phase::kSucceeded, Phase::kFailed, Phase::kCancelled}),
    phases({Phase::kPending, Phase::kUnknown, Phase::kSucceeded, Phase::kFailed, Phase::kCancelled}),
    phases({Phase::kUnknown, Phase::kSucceeded, Phase::kFailed, Phase::kCancelled}),
    phases({Phase::kNeedsReview, Phase::kPending, Phase::kSucceeded, Phase::kFailed}),
    phases({Phase::kSucceeded, Phase::kFailed}),
    0,
    0,
    0};

// Oldest due first on invoices that the account pays, without what is disputed or reserved. Money that only a reservation
// keeps from being asked for is not asked for a second time: a prepayment beside it says so with an empty list.
Result<std::vector<Instruction>> reserve_oldest_first(const billing::State& state, const account::State& account,
                                                      std::int64_t amount) {
  std::vector<Instruction> reserved;
  const auto queues = state.queues.find(account.id);
  if (queues == state.queues.end()) return reserved;
  std::int64_t rest = amount;
  const invoice::State* taken_already = nullptr;
  for (const receivables::ItemKey& key : queues->second.payer) {
    if (rest == 0 || reserved.size() >= kDefaultApplicationMax || key.disputed) break;
    const invoice::State& invoice = state.invoices.at(key.invoice);
    if (invoice.reserved > 0 && taken_already == nullptr) taken_already = &invoice;
    const std::int64_t part = std::min(rest, invoice.open - invoice.disputed - invoice.reserved);
    if (part <= 0) continue;
    reserved.push_back({invoice.id, part, {}});
    rest -= part;
  }
  if (rest > 0 && taken_already != nullptr) {
    return refuse(Code::kMoneyReserved, taken_already->number + " is being paid; wait for the outcome", "/amount");
  }
  return reserved;
}

Result<void> check_method(const billing::State& state, const Request& command, CustomerId customer) {
  if (ledger_of(command.method) != Ledger::kPaymentsInTransit) {
    return refuse(Code::kUnknownMethod, "only card and bank_debit can be requested; record the others when they arrive",
                  "/method");
  }
  if (!command.method_on_file) return {};
  const auto found = state.methods.find(*command.method_on_file);
  if (found == state.methods.end() || found->second.customer != customer || found->second.removed) {
    return refuse(Code::kUnknownPaymentMethod, command.method_on_file->text(), "/method_on_file");
  }
  if (found->second.kind != command.method) {
    return refuse(Code::kUnknownMethod, "the method on file is " + std::string(method_text(found->second.kind)), "/method");
  }
  return {};
}

// What of the reservations is still open, in their order.
receivables::Application use_reservations(const billing::State& state, const State& payment) {
  receivables::Application application{{}, payment.amount};
  for (const Instruction& instruction : payment.rare().reserved) {
    if (application.allocations.size() >= kDefaultApplicationMax) break;
    if (state.invoices.at(instruction.invoice).open == 0) continue;
    for (const Allocation& part : follow(state, instruction)) {
      application.allocations.push_back(part);
      application.rest -= part.amount;
    }
  }
  return application;
}

// What our own people decide about a payment is not among it: unknown, needs_review, cancelled.
constexpr unsigned kNews = phases({Phase::kAuthorised, Phase::kPending, Phase::kSucceeded, Phase::kFailed});

// News that cannot be: of a payment that is not known, or (`payment`) that does not go there from where it is.
Decision queue_news(const billing::State& state, const State* payment, const Progress& command, const Error& why,
                    const Context& context) {
  const Dates dates = report_dates(state, command.on.value_or(context.today), command.on, context);
  const bool money = command.phase == Phase::kSucceeded;
  unbooked::Queued report =
      late_news(state, command.id, money ? unbooked::Kind::kLateMoney : unbooked::Kind::kPaymentResult, why.code, dates);
  report.detail = std::string(phase_text(command.phase)) + ": " + why.detail;
  report.amount = command.amount.value_or(report.amount);
  report.currency = command.currency.value_or(report.currency);
  report.reference = command.provider_reference;
  if (money && payment != nullptr && check_settlement(state, command.settled, report.amount, report.currency)) {
    report.settled = command.settled;
  }
  return unbooked::queue(state, std::move(report), unbooked::news_of(command.id.uuid, command.provider_reference),
                         static_cast<std::uint8_t>(command.phase));
}

// Another amount than the one that was requested is other money.
Result<void> check_reported(const billing::State& state, const State& payment, const Progress& command) {
  const Currency currency = state.customers.at(payment.customer).currency;
  BILLING_CHECK(document::check_currency(state, payment.customer, command.currency, "/amount/currency"));
  if (command.amount.value_or(payment.amount) == payment.amount) {
    return check_settlement(state, command.settled, payment.amount, currency);
  }
  return refuse(Code::kSumMismatch, amount_text(payment.amount, currency) + " was requested", "/amount");
}

Decision succeed(const billing::State& state, const State& payment, const Progress& command, const Context& context) {
  const Currency currency = state.customers.at(payment.customer).currency;
  const account::State& account = state.accounts.at(payment.account);
  const Dates dates = report_dates(state, account.opened_on, command.on, context);
  if (account.frozen) {
    unbooked::Queued report = late_news(state, payment.id, unbooked::Kind::kPaymentResult, Code::kAccountFrozen, dates);
    report.detail = "the payment has succeeded";
    report.reference = command.provider_reference;
    return unbooked::queue(state, std::move(report), payment.id.uuid);
  }
  const auto application = use_reservations(state, payment);
  const bool stopped = application.rest > 0 && application.allocations.size() >= kDefaultApplicationMax;

  auto paid = receivables::incoming(state, payment.amount, application.allocations, dates.posting);
  std::vector<StreamEvent> events{payment_fact(
      payment,
      Succeeded{payment.id, payment.account, payment.amount, currency, payment.method, command.provider_reference,
                dates.document, dates.posting, std::move(paid.allocations), paid.unapplied, command.settled},
      dates, currency)};
  receivables::apply_by_day(events, payment.customer, {payment.account, CreditSource::kPayment, payment.id.uuid, currency, {}, {}},
               paid.pairings, dates.posting);
  receivables::close_paid_disputes(state, paid.pairings, events);
  if (stopped) events.push_back(receivables::follow_up(state, payment.account, context.today, dates.posting));
  return events;
}

void release_reservations(billing::State& state, State& payment) {
  if (!payment.more) return;
  for (const Instruction& instruction : payment.more->reserved) {
    state.invoices.at(instruction.invoice).reserved -= instruction.amount;
  }
  payment.more->reserved = {};
}

}  // namespace

Decision decide(const billing::State& state, const Request& command, const Context& context) {
  const PaymentId id = command.id.nil() ? context.fresh_id<PaymentId>() : command.id;
  if (state.payments.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_TRY(account, find_unfrozen_account(state, command.account));
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency, "/amount/currency"));
  BILLING_CHECK(check_method(state, command, account->customer));
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  BILLING_CHECK(check_optional_text(command.external_id, kReferenceMax, "/external_id"));
  BILLING_CHECK(check_external_id(state, StreamKind::kPayment, account->customer, command.external_id, id.uuid));
  BILLING_CHECK(check_turnover(state, currency, command.amount));
  std::vector<Instruction> reserved;
  if (command.instructions) {
    reserved = *command.instructions;
    BILLING_CHECK(check_instructions(state, account->customer, command.amount, reserved, Attempt::kToBeMade));
  } else {
    BILLING_TRY(oldest_first, reserve_oldest_first(state, *account, command.amount));
    reserved = std::move(oldest_first);
  }

  std::vector events{fact({StreamKind::kPayment, id.uuid}, account->customer,
                          Requested{id, account->id, command.amount, currency, command.method, command.method_on_file,
                                    command.reference, command.external_id, context.today, std::move(reserved)})};
  events.front().currency = currency;
  return events;
}

Decision decide(const billing::State& state, const Progress& command, const Context& context) {
  BILLING_CHECK(check_optional_text(command.provider_reference, kReferenceMax, "/provider_reference"));
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  if (command.amount && *command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  const auto found = state.payments.find(command.id);
  const State* const payment = found == state.payments.end() ? nullptr : &found->second;
  Result<void> possible = payment == nullptr ? refuse(Code::kUnknownPayment, command.id.text(), "/id")
                                             : check_transition(kNext, payment->phase, command.phase, phase_text);
  if (possible && command.phase == Phase::kSucceeded) possible = check_reported(state, *payment, command);
  if (!possible) {
    const bool news = (kNews >> static_cast<unsigned>(command.phase) & 1U) != 0;
    const bool again = possible.error().code == Code::kNothingChanges;
    // A second success of another amount is other money.
    const bool other = again && command.phase == Phase::kSucceeded && command.amount.value_or(payment->amount) != payment->amount;
    if (!news || (again && !other)) return std::unexpected(possible.error());
    return queue_news(state, payment, command, possible.error(), context);
  }
  if (command.phase == Phase::kSucceeded) return succeed(state, *payment, command, context);

  return std::vector{payment_fact(*payment,
                                  Progressed{payment->id, payment->phase, command.phase, command.provider_reference,
                                             command.reason},
                                  context.today)};
}

void evolve(billing::State& state, const Requested& event) {
  State& payment = state.payments[event.id];
  payment.id = event.id;
  payment.customer = state.accounts.at(event.account).customer;
  payment.account = event.account;
  payment.amount = event.amount;
  payment.received_on = event.requested_on;
  payment.method = event.method;
  payment.phase = Phase::kRequested;
  claim_external_id(state, StreamKind::kPayment, payment.customer, event.external_id, event.id.uuid);
  if (!event.reserved.empty()) payment.rare().reserved = event.reserved;
  for (const Instruction& instruction : event.reserved) {
    state.invoices.at(instruction.invoice).reserved += instruction.amount;
  }
  // Counted now, so that success always fits.
  state.turnover[event.currency] += event.amount;
}

void evolve(billing::State& state, const Progressed& event) {
  State& payment = state.payments.at(event.id);
  payment.phase = event.new_phase;
  if (unresolved(event.new_phase)) return;
  release_reservations(state, payment);
  state.turnover[state.customers.at(payment.customer).currency] -= payment.amount;
}

void evolve(billing::State& state, const Succeeded& event) {
  State& payment = state.payments.at(event.id);
  payment.phase = Phase::kSucceeded;
  payment.received_on = event.received_on;
  release_reservations(state, payment);
  if (event.settled) {
    payment.rare().settled = event.settled;
    state.turnover[event.settled->currency] += event.settled->amount;
  } else if (payment.more && payment.more->claims.empty()) {
    payment.more.reset();
  }
  put_on_invoices(state, event.allocations, event.posting_date);
  receivables::change_credit(state, event.account, CreditSource::kPayment, event.id.uuid, event.unapplied);
}

}  // namespace billing::payment
