#include "ledger/domain/instructions.h"

#include <algorithm>

#include "ledger/domain/state.h"

namespace billing::payment {
namespace {

std::int64_t open_of(const invoice::State& invoice, const invoice::ShareState& share, const Freed& freed) {
  if (freed.empty()) return share.open;
  const auto found = freed.find({invoice.id, share.account});
  return share.open + (found == freed.end() ? 0 : found->second);
}

// What each share that the instruction names has open; 0 for the others.
std::vector<std::int64_t> weights_of(const invoice::State& invoice, const Instruction& instruction, const Freed& freed) {
  std::vector<std::int64_t> weights;
  weights.reserve(invoice.shares.size());
  for (const invoice::ShareState& share : invoice.shares) {
    const bool named = !instruction.account || *instruction.account == share.account;
    weights.push_back(named ? open_of(invoice, share, freed) : 0);
  }
  return weights;
}

std::int64_t sum_of(const std::vector<std::int64_t>& parts) {
  std::int64_t sum = 0;
  for (const std::int64_t part : parts) sum += part;
  return sum;
}

// Whether two instructions want the same share.
bool overlap(const Instruction& one, const Instruction& other) {
  return one.invoice == other.invoice && (!one.account || !other.account || *one.account == *other.account);
}

}  // namespace

Result<void> check_instructions(const billing::State& state, CustomerId customer, std::int64_t amount,
                                const std::vector<Instruction>& instructions, Attempt attempt, const Freed& freed) {
  if (instructions.size() > kItemsMax) return refuse(Code::kTooManyItems, "at most 1,000 allocations", "/allocations");
  const Currency currency = state.customers.at(customer).currency;
  std::int64_t rest = amount;
  for (std::size_t n = 0; n < instructions.size(); ++n) {
    const Instruction& instruction = instructions[n];
    const std::string pointer = "/allocations/" + std::to_string(n);
    BILLING_TRY(invoice, find_issued_invoice(state, instruction.invoice, pointer + "/invoice"));
    if (invoice->customer != customer) return refuse(Code::kInvoiceOfOtherPayer, invoice->number, pointer + "/invoice");
    if (instruction.amount <= 0) return refuse(Code::kAmountNotPositive, {}, pointer + "/amount");
    std::int64_t free = invoice->open - invoice->reserved;
    for (std::size_t earlier = 0; earlier < n; ++earlier) {
      if (overlap(instructions[earlier], instruction)) {
        return refuse(Code::kDuplicateAllocation, invoice->number, pointer + "/invoice");
      }
      if (instructions[earlier].invoice == instruction.invoice) free -= instructions[earlier].amount;
    }
    const std::int64_t open = sum_of(weights_of(*invoice, instruction, freed));
    const std::int64_t wanted = instruction.at_most ? std::min(instruction.amount, open) : instruction.amount;
    if (wanted > open) {
      return refuse(Code::kAllocationExceedsOpen, invoice->number + " has " + amount_text(open, currency) + " open",
                    pointer + "/amount");
    }
    if (attempt == Attempt::kToBeMade && instruction.amount > free) {
      return refuse(Code::kMoneyReserved,
                    amount_text(invoice->reserved, currency) + " of " + invoice->number + " is reserved",
                    pointer + "/amount");
    }
    if (wanted > rest) return refuse(Code::kAllocationsExceedAmount, {}, pointer + "/amount");
    rest -= wanted;
  }
  return {};
}

std::vector<Allocation> follow(const billing::State& state, const Instruction& instruction, const Freed& freed) {
  const invoice::State& invoice = state.invoices.at(instruction.invoice);
  const auto weights = weights_of(invoice, instruction, freed);
  const auto parts = allocate(std::min(instruction.amount, sum_of(weights)), weights);
  std::vector<Allocation> allocations;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != 0) allocations.push_back({invoice.id, invoice.shares[i].account, parts[i]});
  }
  return allocations;
}

}  // namespace billing::payment
