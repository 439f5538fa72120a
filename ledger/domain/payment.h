// A payment that was received: allocated to invoices by the payer's choice or oldest due first; the rest is unapplied.
#pragma once

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::payment {

// Card and bank debit are collected by a provider (1050 until it pays out), the others arrive as cash (1000).
enum class Method : std::uint8_t { kCard = 1, kBankDebit = 2, kCheque = 3, kWire = 4, kCash = 5 };
std::string_view method_text(Method method);
Result<Method> parse_method(std::string_view text);

struct State {
  PaymentId id;
  CustomerId customer;
  AccountId account;
  Method method = Method::kCard;
  std::int64_t amount = 0;
};

struct Recorded {
  PaymentId id;
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  Method method = Method::kCard;
  std::string reference;
  std::string external_id;
  Date received_on;
  Date posting_date;
  std::vector<Allocation> allocations;
  std::int64_t unapplied = 0;
  friend bool operator==(const Recorded&, const Recorded&) = default;
};

// What the payer wants paid on one invoice; it is split over the invoice's service accounts pro rata to their open.
struct Instruction {
  InvoiceId invoice;
  std::int64_t amount = 0;
};
struct Record {
  PaymentId id;  // nil: taken from the context
  AccountId account;
  std::int64_t amount = 0;
  Currency currency;
  Method method = Method::kCard;
  std::string reference;
  std::string external_id;
  std::optional<Date> received_on;                       // today when absent
  std::optional<std::vector<Instruction>> instructions;  // absent: oldest due first
};

Decision decide(const billing::State& state, const Record& command, const Context& context);
void evolve(billing::State& state, const Recorded& event);

}  // namespace billing::payment
