#include "ledger/domain/deposit.h"

#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/instructions.h"
#include "ledger/domain/oldest_first.h"
#include "ledger/domain/pairing.h"

namespace billing::deposit {
namespace {

StreamId stream_of(DepositId id) { return {StreamKind::kDeposit, id.uuid}; }

Result<const State*> find_deposit(const billing::State& state, DepositId id) {
  const auto found = state.deposits.find(id);
  if (found == state.deposits.end()) return refuse(Code::kUnknownDeposit, id.text(), "/id");
  return &found->second;
}

// An amount of what is left: all of it where none is given.
Result<std::int64_t> amount_of(const billing::State& state, const State& deposit, std::optional<std::int64_t> given,
                               Currency currency) {
  if (given && *given <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  const std::int64_t amount = given.value_or(deposit.left);
  if (amount == 0 || amount > deposit.left) {
    return refuse(Code::kDepositExceeded, amount_text(deposit.left, currency) + " is left", "/amount");
  }
  BILLING_CHECK(check_turnover(state, currency, amount));
  return amount;
}

// What is done to a deposit: not before it was received. Errors: kInvalidDate and those of document::check_document_date.
Result<document::Dates> check_dates(const billing::State& state, const State& deposit, const account::State& account,
                                    std::optional<Date> given, const Context& context) {
  if (given && *given < deposit.received_on) {
    return refuse(Code::kInvalidDate, "the deposit was received on " + deposit.received_on.text(), "/on");
  }
  return document::check_document_date(state, account, given, context, "/on");
}

}  // namespace

Decision decide(const billing::State& state, const Receive& command, const Context& context) {
  const DepositId id = command.id.nil() ? context.fresh_id<DepositId>() : command.id;
  if (state.deposits.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_TRY(account, find_money_account(state, command.account));
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency, "/amount/currency"));
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  BILLING_TRY(dates, document::check_document_date(state, *account, command.received_on, context, "/received_on"));
  BILLING_CHECK(check_turnover(state, currency, command.amount));

  return std::vector{money_fact(stream_of(id), account->customer,
                                Received{id, account->id, command.amount, currency, command.method, command.reference,
                                         dates.document, dates.posting},
                                dates.document, dates.posting, currency)};
}

Decision decide(const billing::State& state, const Use& command, const Context& context) {
  BILLING_TRY(deposit, find_deposit(state, command.id));
  BILLING_TRY(account, find_money_account(state, deposit->account, "/id"));
  BILLING_TRY(currency, document::check_currency(state, deposit->customer, command.currency, "/amount/currency"));
  BILLING_TRY(amount, amount_of(state, *deposit, command.amount, currency));
  BILLING_TRY(dates, check_dates(state, *deposit, *account, command.on, context));
  receivables::Application application;
  if (command.instructions) {
    BILLING_CHECK(payment::check_instructions(state, deposit->customer, amount, *command.instructions,
                                              payment::Attempt::kReceived));
    application.rest = amount;
    for (const payment::Instruction& instruction : *command.instructions) {
      for (const Allocation& part : payment::follow(state, instruction)) application.allocations.push_back(part);
      application.rest -= instruction.amount;
    }
  } else {
    application = receivables::OldestFirst(state).apply(account->id, amount, receivables::Priority::kInvoicesItPays);
  }
  const std::int64_t used = amount - application.rest;
  if (used == 0) return refuse(Code::kNothingChanges, "nothing is open that the deposit could pay", "/amount");
  if (command.amount && application.rest > 0) {
    return refuse(Code::kAllocationExceedsOpen, amount_text(used, currency) + " can be used", "/amount");
  }

  Timeline money(deposit->posting_date, used);
  const auto pairings = receivables::PairingDays(state).match(money, application.allocations, dates.posting);
  std::set<Date> days;
  for (const Pairing& pairing : pairings) days.insert(pairing.posting_date);
  std::vector<StreamEvent> events;
  for (const Date day : days) {
    auto allocations = receivables::on_day(pairings, day);
    const std::int64_t part = receivables::sum_of(allocations);
    events.push_back(money_fact(
        stream_of(command.id), deposit->customer,
        Used{command.id, account->id, currency, dates.document, day, part, std::move(allocations)},
        dates.document, day, currency));
  }
  receivables::close_paid_disputes(state, pairings, events);
  return events;
}

Decision decide(const billing::State& state, const Return& command, const Context& context) {
  BILLING_TRY(deposit, find_deposit(state, command.id));
  BILLING_TRY(account, find_money_account(state, deposit->account, "/id"));
  BILLING_TRY(currency, document::check_currency(state, deposit->customer, command.currency, "/amount/currency"));
  BILLING_TRY(amount, amount_of(state, *deposit, command.amount, currency));
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  BILLING_TRY(dates, check_dates(state, *deposit, *account, command.on, context));

  return std::vector{money_fact(stream_of(command.id), deposit->customer,
                                Returned{command.id, account->id, currency, dates.document, dates.posting, amount,
                                         command.reference},
                                dates.document, dates.posting, currency)};
}

void evolve(billing::State& state, const Received& event) {
  const CustomerId customer = state.accounts.at(event.account).customer;
  state.deposits[event.id] = {event.id, customer, event.account, event.amount, event.amount,
                                event.received_on, event.posting_date};
  state.accounts.at(event.account).deposited += event.amount;
  state.turnover[event.currency] += event.amount;
}
void evolve(billing::State& state, const Used& event) {
  state.turnover[event.currency] += event.amount;
  state.deposits.at(event.id).left -= event.amount;
  state.accounts.at(event.account).deposited -= event.amount;
  receivables::reduce_items(state, event.allocations, event.posting_date);
}
void evolve(billing::State& state, const Returned& event) {
  state.turnover[event.currency] += event.amount;
  state.deposits.at(event.id).left -= event.amount;
  state.accounts.at(event.account).deposited -= event.amount;
}

}  // namespace billing::deposit
