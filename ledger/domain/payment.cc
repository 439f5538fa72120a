#include "ledger/domain/payment.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/state.h"

namespace billing::payment {
namespace {

constexpr std::array<std::string_view, 5> kMethods{"card", "bank_debit", "cheque", "wire", "cash"};

// The payer's own choice, checked and split over service accounts.
Result<receivables::Application> follow(const billing::State& state, CustomerId customer, std::int64_t amount,
                                        const std::vector<Instruction>& instructions) {
  if (instructions.size() > kItemsMax) return refuse(Code::kTooManyItems, "at most 1,000 allocations", "/allocations");
  receivables::Application application{{}, amount};
  for (std::size_t n = 0; n < instructions.size(); ++n) {
    const Instruction& instruction = instructions[n];
    const std::string pointer = "/allocations/" + std::to_string(n);
    BILLING_TRY(invoice, find_invoice(state, instruction.invoice, pointer + "/invoice"));
    if (invoice->customer != customer) return refuse(Code::kInvoiceOfOtherPayer, invoice->number, pointer + "/invoice");
    if (invoice->phase != invoice::Phase::kIssued) return refuse(Code::kNotIssued, {}, pointer + "/invoice");
    if (instruction.amount <= 0) return refuse(Code::kAmountNotPositive, {}, pointer + "/amount");
    for (std::size_t earlier = 0; earlier < n; ++earlier) {
      if (instructions[earlier].invoice == instruction.invoice) {
        return refuse(Code::kDuplicateAllocation, invoice->number, pointer + "/invoice");
      }
    }
    if (instruction.amount > invoice->open) {
      const Currency currency = state.customers.at(customer).currency;
      return refuse(Code::kAllocationExceedsOpen,
                    invoice->number + " has " + amount_text(invoice->open, currency) + " open", pointer + "/amount");
    }
    if (instruction.amount > application.rest) {
      return refuse(Code::kAllocationsExceedAmount, {}, pointer + "/amount");
    }
    application.rest -= instruction.amount;
    for (const Allocation& part : receivables::split_over_shares(state, instruction.invoice, instruction.amount)) {
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

Decision decide(const billing::State& state, const Record& command, const Context& context) {
  const PaymentId id = command.id.nil() ? context.fresh_id<PaymentId>() : command.id;
  if (state.payments.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  // A closed account takes payments: late money is still the payer's.
  BILLING_TRY(account, find_account(state, command.account));
  if (command.amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/amount");
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency, "/amount/currency"));
  BILLING_CHECK(check_optional_text(command.reference, kReferenceMax, "/reference"));
  BILLING_CHECK(check_optional_text(command.external_id, kReferenceMax, "/external_id"));
  BILLING_TRY(date, document::check_document_date(*account, command.received_on, context, "/received_on"));
  BILLING_CHECK(check_turnover(state, currency, command.amount));
  receivables::Application application;
  if (command.instructions) {
    BILLING_TRY(chosen, follow(state, account->customer, command.amount, *command.instructions));
    application = std::move(chosen);
  } else {
    application = receivables::apply_oldest_first(state, account->id, command.amount,
                                                  receivables::Priority::kInvoicesItPays);
  }

  std::vector<StreamEvent> events;
  events.push_back({.stream = {StreamKind::kPayment, id.uuid},
                    .customer = account->customer,
                    .event = Recorded{id, account->id, command.amount, currency, command.method, command.reference,
                                      command.external_id, date, date, application.allocations, application.rest},
                    .document_date = date,
                    .posting_date = date,
                    .currency = currency});
  receivables::close_paid_disputes(state, application.allocations, events, date);
  return events;
}

void evolve(billing::State& state, const Recorded& event) {
  const CustomerId customer = state.accounts.at(event.account).customer;
  state.payments[event.id] = {event.id, customer, event.account, event.method, event.amount};
  state.turnover[event.currency] += event.amount;
  receivables::reduce_items(state, event.allocations);
  receivables::add_credit(state, event.account, {event.received_on, event.id.uuid},
                          {CreditSource::kPayment, event.unapplied});
}

}  // namespace billing::payment
