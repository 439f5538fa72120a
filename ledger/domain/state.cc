#include "ledger/domain/state.h"

namespace billing {

Result<const customer::State*> find_customer(const State& state, CustomerId id) {
  const auto found = state.customers.find(id);
  if (found == state.customers.end()) return refuse(Code::kUnknownCustomer, id.text(), "/customer");
  return &found->second;
}

Result<const account::State*> find_account(const State& state, AccountId id, std::string_view pointer) {
  const auto found = state.accounts.find(id);
  if (found == state.accounts.end()) return refuse(Code::kUnknownAccount, id.text(), std::string(pointer));
  return &found->second;
}

Result<const account::State*> find_open_account(const State& state, AccountId id, std::string_view pointer) {
  BILLING_TRY(account, find_account(state, id, pointer));
  if (account->closed) return refuse(Code::kAccountClosed, account->number, std::string(pointer));
  return account;
}

Result<const account::State*> find_money_account(const State& state, AccountId id, std::string_view pointer) {
  BILLING_TRY(account, find_open_account(state, id, pointer));
  if (account->frozen) return refuse(Code::kAccountFrozen, account->number, std::string(pointer));
  return account;
}

Result<const account::State*> find_unfrozen_account(const State& state, AccountId id, std::string_view pointer) {
  BILLING_TRY(account, find_account(state, id, pointer));
  if (account->frozen) return refuse(Code::kAccountFrozen, account->number, std::string(pointer));
  return account;
}

Result<const payment::State*> find_payment(const State& state, PaymentId id, std::string_view pointer) {
  const auto found = state.payments.find(id);
  if (found == state.payments.end()) return refuse(Code::kUnknownPayment, id.text(), std::string(pointer));
  return &found->second;
}

Result<const invoice::State*> find_issued_invoice(const State& state, InvoiceId id, std::string_view pointer) {
  BILLING_TRY(invoice, find_invoice(state, id, pointer));
  if (invoice->phase == invoice::Phase::kVoid) return refuse(Code::kInvoiceVoid, invoice->number, std::string(pointer));
  if (invoice->phase != invoice::Phase::kIssued) return refuse(Code::kNotIssued, {}, std::string(pointer));
  return invoice;
}

Result<const invoice::State*> find_invoice(const State& state, InvoiceId id, std::string_view pointer) {
  const auto found = state.invoices.find(id);
  if (found == state.invoices.end()) return refuse(Code::kUnknownInvoice, id.text(), std::string(pointer));
  return &found->second;
}

Result<void> check_turnover(const State& state, Currency currency, std::int64_t amount) {
  const auto found = state.turnover.find(currency);
  const std::int64_t so_far = found == state.turnover.end() ? 0 : found->second;
  const std::int64_t absolute = amount < 0 ? -amount : amount;
  if (auto sum = checked_add(so_far, absolute); !sum) {
    return refuse(Code::kOverflow, "the sum of all amounts in " + std::string(currency.code()) + " would be too large");
  }
  return {};
}

}  // namespace billing
