// What is done to a payment that was received: reversed, moved to other invoices, paid out by the provider, exchanged.
#include <algorithm>
#include <cstdlib>

#include "ledger/base/utf8.h"
#include "ledger/domain/instructions.h"
#include "ledger/domain/payment_guards.h"
#include "ledger/domain/takeback.h"

namespace billing::payment {
namespace {

Freed released_by(const std::vector<Allocation>& allocations) {
  Freed freed;
  for (const Allocation& allocation : allocations) freed[{allocation.invoice, allocation.account}] += allocation.amount;
  return freed;
}

// Where the payment is to be after the instructions. What they leave as it is keeps its split over service accounts.
Freed wanted_by(const billing::State& state, const std::vector<Instruction>& instructions, const Freed& now) {
  std::map<InvoiceId, std::int64_t> by_invoice;
  for (const auto& [share, amount] : now) by_invoice[share.first] += amount;
  Freed wanted;
  for (const Instruction& instruction : instructions) {
    const auto there = by_invoice.find(instruction.invoice);
    if (!instruction.account && there != by_invoice.end() && there->second == instruction.amount) {
      for (auto share = now.lower_bound({instruction.invoice, {}});
           share != now.end() && share->first.first == instruction.invoice; ++share) {
        wanted.insert(*share);
      }
      continue;
    }
    for (const Allocation& part : follow(state, instruction, now)) wanted[{part.invoice, part.account}] += part.amount;
  }
  return wanted;
}

// What `one` has more than `other`.
std::vector<Allocation> excess(const Freed& one, const Freed& other) {
  std::vector<Allocation> more;
  for (const auto& [share, amount] : one) {
    const auto found = other.find(share);
    const std::int64_t difference = amount - (found == other.end() ? 0 : found->second);
    if (difference > 0) more.push_back({share.first, share.second, difference});
  }
  return more;
}

std::int64_t sum_of(const std::vector<Allocation>& allocations) {
  std::int64_t sum = 0;
  for (const Allocation& allocation : allocations) sum += allocation.amount;
  return sum;
}

std::int64_t own_unapplied(const billing::State& state, const State& payment) {
  const auto* const credit =
      receivables::find_credit(state, payment.account, CreditSource::kPayment, payment.id.uuid);
  return credit == nullptr ? 0 : credit->second;
}

// What of it the provider still holds, in `amount`s or in settled amounts: less what it took back, or netted.
template <class AmountOf>
std::int64_t in_transit(const State& payment, std::int64_t captured, AmountOf amount_of) {
  for (const Claim& claim : payment.claims()) {
    const bool taken = claim.kind == ClaimKind::kRefund ? claim.netted : claim.took();
    if (taken) captured -= amount_of(claim);
  }
  return captured;
}

}  // namespace

Decision decide(const billing::State& state, const Reverse& command, const Context& context) {
  BILLING_TRY(payment, find_captured(state, command.id));
  BILLING_CHECK(check_text(command.reason, kReasonMax, "/reason"));
  if (payment->paid_out) return refuse(Code::kAlreadyPaidOut, "refund it instead", "/id");
  const Currency currency = state.customers.at(payment->customer).currency;
  if (const std::int64_t claimed = payment->claimed(); claimed > 0) {
    return refuse(Code::kExceedsCaptured, amount_text(claimed, currency) + " of it was or is being taken back", "/id");
  }
  if (payment->rare().exchange_difference != 0) {
    return refuse(Code::kExchangeDifferenceStands, "record the opposite difference first", "/id");
  }
  BILLING_TRY(dates, check_dates(state, *payment, command.on, context));
  BILLING_CHECK(check_turnover(state, currency, payment->amount));
  BILLING_TRY(takeback, take_back(state, *payment, payment->amount, Reach::kOwnMoney));

  return std::vector{payment_fact(*payment,
                                  Reversed{payment->id, payment->account, payment->method, command.reason, dates.document,
                                           dates.posting, currency, std::move(takeback), payment->rare().unbooked},
                                  dates, currency)};
}

Decision decide(const billing::State& state, const Reallocate& command, const Context& context) {
  BILLING_TRY(payment, find_captured(state, command.id));
  const Currency currency = state.customers.at(payment->customer).currency;
  BILLING_TRY(dates, check_dates(state, *payment, command.on, context));
  const std::int64_t movable = sum_of(payment->allocations) + own_unapplied(state, *payment);
  const Freed now = released_by(payment->allocations);
  BILLING_CHECK(
      check_instructions(state, payment->customer, movable, command.instructions, Attempt::kReceived, now));
  const Freed wanted = wanted_by(state, command.instructions, now);
  auto released = excess(now, wanted);
  auto allocations = excess(wanted, now);
  if (released.empty() && allocations.empty()) return refuse(Code::kNothingChanges, {}, "/allocations");
  if (released.size() + allocations.size() > kItemsMax) return refuse(Code::kTooManyItems, {}, "/allocations");
  const std::int64_t freed = sum_of(released);
  BILLING_CHECK(check_turnover(state, currency, freed));

  // An invoice that also gives something back is not paid in full by this.
  std::vector<Allocation> paying = allocations;
  std::erase_if(paying, [&](const Allocation& one) {
    return std::ranges::find(released, one.invoice, &Allocation::invoice) != released.end();
  });
  const std::int64_t unapplied_change = freed - sum_of(allocations);
  std::vector<StreamEvent> events{payment_fact(
      *payment,
      Reallocated{payment->id, payment->account, dates.document, dates.posting, currency, std::move(released),
                  std::move(allocations), unapplied_change},
      dates, currency)};
  receivables::close_paid_disputes(state, paying, events, context.today);
  return events;
}

Decision decide(const billing::State& state, const PayOut& command, const Context& context) {
  BILLING_TRY(payment, find_captured(state, command.id));
  if (ledger_of(payment->method) != Ledger::kPaymentsInTransit) {
    return refuse(Code::kUnknownMethod, "only card and bank_debit payments are paid out by a provider", "/id");
  }
  if (payment->paid_out) return refuse(Code::kAlreadyPaidOut, {}, "/id");
  const Currency own = state.customers.at(payment->customer).currency;
  const auto& settled = payment->settled();
  const Currency currency = settled ? settled->currency : own;
  if (command.currency && *command.currency != currency) {
    return refuse(Code::kCurrencyMismatch, "the provider holds it in " + std::string(currency.code()), "/fee/currency");
  }
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  BILLING_TRY(dates, check_dates(state, *payment, command.on, context));
  const std::int64_t amount =
      settled ? in_transit(*payment, settled->amount,
                           [](const Claim& claim) { return claim.settled ? claim.settled->amount : 0; })
              : in_transit(*payment, payment->amount, [](const Claim& claim) { return claim.amount; });
  if (amount <= 0) return refuse(Code::kNothingChanges, "the provider holds nothing of it", "/id");
  if (command.fee < 0) return refuse(Code::kAmountNotPositive, "a fee is not negative", "/fee");
  if (command.fee > amount) {
    return refuse(Code::kFeeExceedsAmount, "the provider holds " + amount_text(amount, currency), "/fee");
  }
  BILLING_CHECK(check_turnover(state, currency, amount));

  return std::vector{payment_fact(*payment,
                                  PaidOut{payment->id, payment->account, amount, command.fee, dates.document,
                                          dates.posting, own, command.reference, settled ? currency : Currency{}},
                                  dates, own)};
}

Decision decide(const billing::State& state, const RecordExchangeDifference& command, const Context& context) {
  BILLING_TRY(payment, find_captured(state, command.id));
  if (!payment->settled()) return refuse(Code::kNotExchanged, {}, "/id");
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  BILLING_TRY(currency, document::check_currency(state, payment->customer, command.currency, "/amount/currency"));
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  const bool loss = command.kind == DifferenceKind::kLoss;
  if (const std::int64_t left = std::max(payment->on_clearing(), std::int64_t{0}); loss && command.amount > left) {
    return refuse(Code::kLossExceedsClearing, amount_text(left, currency) + " of it is there", "/amount");
  }
  BILLING_TRY(dates, check_dates(state, *payment, command.on, context));
  BILLING_CHECK(check_turnover(state, currency, command.amount));

  return std::vector{payment_fact(*payment,
                                  ExchangeDifferenceRecorded{payment->id, payment->account,
                                                             loss ? -command.amount : command.amount, dates.document,
                                                             dates.posting, currency, command.reference},
                                  dates, currency)};
}

void evolve(billing::State& state, const Reversed& event) {
  State& payment = state.payments.at(event.id);
  payment.reversed = true;
  state.turnover[event.currency] += event.takeback.amount;
  evolve_takeback(state, payment, event.takeback);
  if (event.unbooked) state.unbooked.at(*event.unbooked).resolved = false;
}

void evolve(billing::State& state, const Reallocated& event) {
  State& payment = state.payments.at(event.id);
  take_off_invoices(state, payment, event.released);
  if (event.unapplied_change < 0) {
    receivables::take_credit(state, event.account, CreditSource::kPayment, event.id.uuid, -event.unapplied_change);
  } else {
    receivables::add_credit(state, event.account, CreditSource::kPayment, event.id.uuid, event.unapplied_change);
  }
  put_on_invoices(state, payment, event.allocations);
  for (const Allocation& allocation : event.released) state.turnover[event.currency] += allocation.amount;
}

void evolve(billing::State& state, const PaidOut& event) {
  state.payments.at(event.id).paid_out = true;
  state.turnover[event.settled_in.valid() ? event.settled_in : event.currency] += event.amount;
}

void evolve(billing::State& state, const ExchangeDifferenceRecorded& event) {
  state.payments.at(event.id).rare().exchange_difference += event.amount;
  state.turnover[event.currency] += std::abs(event.amount);
}

}  // namespace billing::payment
