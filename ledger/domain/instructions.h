// Where a payer wants money to go: checked, and split over service accounts.
#pragma once

#include <map>

#include "ledger/domain/payment.h"

namespace billing::payment {

// What the same decision takes off invoices before the instructions are followed.
using Freed = std::map<std::pair<InvoiceId, AccountId>, std::int64_t>;

// Each names an issued invoice of `customer` and at most what is open there (with `freed`), no share is named twice, and
// together they are at most `amount`. One that is meant as "at most" counts with what is open where that is less. For an attempt that is still to be made, what others have reserved is not to be had.
// Errors: kTooManyItems, those of find_issued_invoice, kInvoiceOfOtherPayer, kAmountNotPositive, kDuplicateAllocation,
// kAllocationExceedsOpen, kMoneyReserved, kAllocationsExceedAmount.
enum class Attempt : std::uint8_t { kReceived, kToBeMade };
Result<void> check_instructions(const billing::State& state, CustomerId customer, std::int64_t amount,
                                const std::vector<Instruction>& instructions, Attempt attempt, const Freed& freed = {});

// The instruction over the shares that it names, pro rata to what is open; at most what is open.
std::vector<Allocation> follow(const billing::State& state, const Instruction& instruction, const Freed& freed = {});

}  // namespace billing::payment
