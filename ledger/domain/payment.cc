#include "ledger/domain/payment.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/domain/external_id.h"
#include "ledger/domain/instructions.h"
#include "ledger/domain/oldest_first.h"
#include "ledger/domain/pairing.h"
#include "ledger/domain/payment_guards.h"
#include "ledger/domain/takeback.h"

namespace billing::payment {
namespace {

constexpr std::array<std::string_view, 5> kMethods{"card", "bank_debit", "cheque", "wire", "cash"};
constexpr std::array<std::string_view, 8> kPhases{"requested",    "authorised", "pending", "unknown",
                                                  "needs_review", "succeeded",  "failed",  "cancelled"};
constexpr std::array<std::string_view, 2> kDifferences{"gain", "loss"};

// The payer's own choice, split over service accounts.
Result<receivables::Application> follow_all(const billing::State& state, CustomerId customer, std::int64_t amount,
                                            const std::vector<Instruction>& instructions) {
  BILLING_CHECK(check_instructions(state, customer, amount, instructions, Attempt::kReceived));
  receivables::Application application{{}, amount};
  for (const Instruction& instruction : instructions) {
    for (const Allocation& part : follow(state, instruction)) {
      application.rest -= part.amount;
      application.allocations.push_back(part);
    }
    if (application.allocations.size() > kItemsMax) return refuse(Code::kTooManyItems, {}, "/allocations");
  }
  return application;
}

}  // namespace

std::string_view method_text(Method method) { return kMethods[static_cast<std::size_t>(method) - 1]; }

Result<Method> parse_method(std::string_view text) {
  const auto found = std::ranges::find(kMethods, text);
  if (found == kMethods.end()) {
    return refuse(Code::kUnknownMethod, "a method is card, bank_debit, cheque, wire or cash", "/method");
  }
  return static_cast<Method>(found - kMethods.begin() + 1);
}

Ledger ledger_of(Method method) {
  return method == Method::kCard || method == Method::kBankDebit ? Ledger::kPaymentsInTransit : Ledger::kCash;
}

std::string_view phase_text(Phase phase) { return kPhases[static_cast<std::size_t>(phase) - 1]; }

Result<Phase> parse_phase(std::string_view text) {
  const auto found = std::ranges::find(kPhases, text);
  if (found == kPhases.end()) {
    return refuse(Code::kInvalidParameter,
                  "a payment is requested, authorised, pending, unknown, needs_review, succeeded, failed or cancelled",
                  "/phase");
  }
  return static_cast<Phase>(found - kPhases.begin() + 1);
}

std::string_view difference_kind_text(DifferenceKind kind) { return kDifferences[static_cast<std::size_t>(kind) - 1]; }

Result<DifferenceKind> parse_difference_kind(std::string_view text) {
  const auto found = std::ranges::find(kDifferences, text);
  if (found == kDifferences.end()) return refuse(Code::kInvalidParameter, "a difference is gain or loss", "/kind");
  return static_cast<DifferenceKind>(found - kDifferences.begin() + 1);
}

bool unresolved(Phase phase) { return phase <= Phase::kNeedsReview; }

const Rare& State::rare() const {
  static const Rare kNothing;
  return more ? *more : kNothing;
}

Rare& State::rare() {
  if (!more) more = std::make_unique<Rare>();
  return *more;
}

const Claim* State::find_claim(const Uuid& claim, ClaimKind kind) const {
  const auto found = std::ranges::find_if(
      claims(), [&](const Claim& other) { return other.id == claim && other.kind == kind; });
  return found == claims().end() ? nullptr : &*found;
}

std::int64_t State::claimed() const {
  std::int64_t sum = 0;
  for (const Claim& claim : claims()) sum += claim.counts() ? claim.amount : 0;
  return sum;
}

std::int64_t State::on_clearing() const {
  std::int64_t left = amount + rare().exchange_difference;
  for (const Claim& claim : claims()) left -= claim.took() ? claim.amount : 0;
  return left;
}

Decision record(const billing::State& state, const Record& command, std::optional<UnbookedId> unbooked,
                const Context& context) {
  const PaymentId id = command.id.nil() ? context.fresh_id<PaymentId>() : command.id;
  if (state.payments.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_TRY(account, find_unfrozen_account(state, command.account));
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency, "/amount/currency"));
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  BILLING_CHECK(check_optional_text(command.external_id, kReferenceMax, "/external_id"));
  BILLING_CHECK(check_external_id(state, StreamKind::kPayment, account->customer, command.external_id, id.uuid));
  BILLING_CHECK(check_settlement(state, command.settled, command.amount, currency));
  BILLING_TRY(dates, document::check_document_date(state, *account, command.received_on, context, "/received_on"));
  BILLING_CHECK(check_turnover(state, currency, command.amount));
  receivables::Application application;
  receivables::OldestFirst oldest_first(state);
  if (command.instructions) {
    BILLING_TRY(chosen, follow_all(state, account->customer, command.amount, *command.instructions));
    application = std::move(chosen);
  } else {
    application = oldest_first.apply(account->id, command.amount, receivables::Priority::kInvoicesItPays);
  }

  auto paid = receivables::incoming(state, command.amount, application.allocations, dates.posting);
  std::vector<StreamEvent> events;
  events.push_back(money_fact({StreamKind::kPayment, id.uuid}, account->customer,
                              Recorded{id, account->id, command.amount, currency, command.method, command.reference,
                                       command.external_id, dates.document, dates.posting, std::move(paid.allocations),
                                       paid.unapplied, command.settled, unbooked},
                              dates.document, dates.posting, currency));
  receivables::apply_by_day(events, account->customer, {account->id, CreditSource::kPayment, id.uuid, currency, {}, {}},
               paid.pairings, dates.posting);
  receivables::close_paid_disputes(state, paid.pairings, events);
  if (oldest_first.full() && application.rest > 0) {
    events.push_back(receivables::follow_up(state, account->id, context.today, dates.posting));
  }
  return events;
}

Decision decide(const billing::State& state, const Record& command, const Context& context) {
  return record(state, command, {}, context);
}

void evolve(billing::State& state, const Recorded& event) {
  State& payment = state.payments[event.id];
  payment.id = event.id;
  payment.customer = state.accounts.at(event.account).customer;
  payment.account = event.account;
  payment.amount = event.amount;
  payment.received_on = event.received_on;
  payment.method = event.method;
  claim_external_id(state, StreamKind::kPayment, payment.customer, event.external_id, event.id.uuid);
  if (event.settled) {
    payment.rare().settled = event.settled;
    state.turnover[event.settled->currency] += event.settled->amount;
  }
  if (event.unbooked) payment.rare().unbooked = event.unbooked;
  state.turnover[event.currency] += event.amount;
  put_on_invoices(state, event.allocations, event.posting_date);
  receivables::change_credit(state, event.account, CreditSource::kPayment, event.id.uuid, event.unapplied);
}

}  // namespace billing::payment
