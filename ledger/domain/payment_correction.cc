// What is done to a payment that was received: reversed, moved to other invoices, paid out by the provider, exchanged.
#include <algorithm>
#include <cstdlib>

#include "ledger/base/utf8.h"
#include "ledger/domain/instructions.h"
#include "ledger/domain/movements.h"
#include "ledger/domain/pairing.h"
#include "ledger/domain/payment_guards.h"
#include "ledger/domain/takeback.h"

namespace billing::payment {
namespace {

// What of the payment is on invoices.
Freed on_invoices(const State& payment) {
  Freed freed;
  for (const tranche::Tranche& one : payment.money) {
    if (!one.now.place.is_credit()) freed[{one.now.place.invoice, one.now.place.account}] += one.amount;
  }
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

// What is to come off invoices, by the day on which it does: not before the day that is asked for, nor before it came there.
std::map<Date, std::vector<Allocation>> release_days(const State& payment, const std::vector<Allocation>& released,
                                                     Date asked) {
  std::map<Date, std::vector<Allocation>> days;
  for (const Allocation& one : released) {
    std::int64_t rest = one.amount;
    for (auto last = payment.money.rbegin(); rest > 0 && last != payment.money.rend(); ++last) {
      if (last->now.place != tranche::Place{one.account, one.invoice}) continue;
      const std::int64_t part = std::min(rest, last->amount);
      days[std::max(asked, last->now.since)].push_back({one.invoice, one.account, part});
      rest -= part;
    }
  }
  return days;
}

// Moves a payment: what comes off on later days first, then what happens on the day that is asked for, then what is paid
// with it on later days.
std::vector<StreamEvent> move_money(const billing::State& state, const State& payment, const std::vector<Allocation>& released,
                                    const std::vector<Allocation>& allocations, const Dates& dates, Currency currency) {
  std::vector<StreamEvent> events;
  tranche::Tranches after = payment.money;
  receivables::PairingDays pairing_days(state);
  Reallocated on_the_day{payment.id, payment.account, dates.document, dates.posting, currency, {}, {}, 0};
  const auto append = [&](const Reallocated& event) {
    events.push_back(payment_fact(payment, event, {dates.document, event.posting_date}, currency));
  };
  for (auto& [day, parts] : release_days(payment, released, dates.posting)) {
    Reallocated event{payment.id, payment.account, dates.document, day, currency, parts, {}, receivables::sum_of(parts)};
    for (const Movement& movement : movements_of(event)) apply(after, movement);
    for (const Allocation& one : parts) pairing_days.change(one.invoice, one.account, day, one.amount);
    if (day == dates.posting) {
      on_the_day = std::move(event);
    } else {
      append(event);
    }
  }
  Timeline money = tranche::timeline(after, {payment.account});
  const auto pairings = pairing_days.match(money, allocations, dates.posting);
  on_the_day.allocations = receivables::on_day(pairings, dates.posting);
  on_the_day.unapplied_change -= receivables::sum_of(on_the_day.allocations);
  if (!on_the_day.released.empty() || !on_the_day.allocations.empty()) append(on_the_day);
  receivables::apply_by_day(events, payment.customer, {payment.account, CreditSource::kPayment, payment.id.uuid, currency, {}, {}},
               pairings, dates.posting);

  // An invoice that also gives something back is not paid in full by this.
  std::vector<Pairing> paying = pairings;
  std::erase_if(paying, [&](const Pairing& one) {
    return std::ranges::find(released, one.allocation.invoice, &Allocation::invoice) != released.end();
  });
  receivables::close_paid_disputes(state, paying, events);
  return events;
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

// As a stage of unbooked::queue(), after those of the phases (payment_lifecycle.cc).
constexpr std::uint8_t kStagePaidOut = 9;

// The provider has paid out what, for us, it does not hold: of a payment that is not known, has not succeeded or was reversed.
Decision queue_pay_out(const billing::State& state, const PayOut& command, const Error& why, const Context& context) {
  const Dates dates = report_dates(state, command.on.value_or(context.today), command.on, context);
  unbooked::Queued report = late_news(state, command.id, unbooked::Kind::kPaymentResult, why.code, dates);
  report.detail = "the provider has paid it out" + (why.detail.empty() ? std::string() : ": " + why.detail);
  report.reference = command.reference;
  return unbooked::queue(state, std::move(report), unbooked::news_of(command.id.uuid, command.reference), kStagePaidOut);
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
  BILLING_TRY(taking, take_back(state, *payment, payment->amount, Reach::kOwnMoney, dates.posting));
  if (taking.posting_date != dates.posting) {
    return refuse(Code::kInvalidDate, "some of it came off an invoice on " + taking.posting_date.text(), "/on");
  }

  std::vector<StreamEvent> events = std::move(taking.undone);
  events.push_back(payment_fact(
      *payment,
      Reversed{payment->id, payment->account, payment->method, command.reason, dates.document, dates.posting, currency,
               std::move(taking.takeback), payment->rare().unbooked},
      dates, currency));
  return events;
}

Decision decide(const billing::State& state, const Reallocate& command, const Context& context) {
  BILLING_TRY(payment, find_captured(state, command.id));
  const Currency currency = state.customers.at(payment->customer).currency;
  BILLING_TRY(dates, check_dates(state, *payment, command.on, context));
  const Freed now = on_invoices(*payment);
  std::int64_t movable = own_unapplied(state, *payment);
  for (const auto& [share, amount] : now) movable += amount;
  BILLING_CHECK(
      check_instructions(state, payment->customer, movable, command.instructions, Attempt::kReceived, now));
  const Freed wanted = wanted_by(state, command.instructions, now);
  auto released = excess(now, wanted);
  auto allocations = excess(wanted, now);
  if (released.empty() && allocations.empty()) return refuse(Code::kNothingChanges, {}, "/allocations");
  if (released.size() + allocations.size() > kItemsMax) return refuse(Code::kTooManyItems, {}, "/allocations");
  BILLING_CHECK(check_turnover(state, currency, receivables::sum_of(released)));

  return move_money(state, *payment, released, allocations, dates, currency);
}

Decision decide(const billing::State& state, const PayOut& command, const Context& context) {
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  if (command.fee < 0) return refuse(Code::kAmountNotPositive, "a fee is not negative", "/fee");
  const auto captured = find_captured(state, command.id);
  if (!captured) return queue_pay_out(state, command, captured.error(), context);
  const State* const payment = *captured;
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
  BILLING_TRY(dates, check_dates(state, *payment, command.on, context));
  const std::int64_t amount =
      settled ? in_transit(*payment, settled->amount,
                           [](const Claim& claim) { return claim.settled ? claim.settled->amount : 0; })
              : in_transit(*payment, payment->amount, [](const Claim& claim) { return claim.amount; });
  if (amount <= 0) return refuse(Code::kNothingChanges, "the provider holds nothing of it", "/id");
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
  evolve_takeback(state, payment, event.takeback, event.posting_date);
  if (event.unbooked) state.unbooked.at(*event.unbooked).resolved = false;
}

void evolve(billing::State& state, const Reallocated& event) {
  State& payment = state.payments.at(event.id);
  take_off_invoices(state, payment, event.released, event.posting_date);
  receivables::change_credit(state, event.account, CreditSource::kPayment, event.id.uuid, event.unapplied_change);
  put_on_invoices(state, event.allocations, event.posting_date);
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
