// What an event does to invoices and to unapplied credit. The one place that says so: open, paid, credited and written
// off, what reduced an invoice, what a payment was used for and who holds credit all follow from here.
#pragma once

#include <vector>

#include "ledger/domain/event.h"

namespace billing::views {

// What reduces an invoice. Deposits and payments pay it, credit notes credit it, a write-off gives it up.
enum class AllocationSource : std::uint8_t { kPayment = 1, kCreditNote = 2, kDeposit = 3, kWriteOff = 4 };

// Allocations that an event puts on invoices, or takes off again.
struct AllocationChange {
  AllocationSource source = AllocationSource::kPayment;
  Uuid source_id{};  // of a PaymentId, CreditNoteId or DepositId; of the InvoiceId itself for a write-off
  bool reopens = false;
  const std::vector<Allocation>* allocations = nullptr;  // the event's own, each > 0
  // By how much what is open changes.
  std::int64_t open_change(const Allocation& allocation) const {
    return reopens ? allocation.amount : -allocation.amount;
  }
};
// In the order in which they happen; empty for events that leave invoices alone.
std::vector<AllocationChange> allocation_changes(const Event& event);

// By how much an event changes the unapplied credit that an account holds from one source.
struct CreditChange {
  AccountId account{};
  CreditSource source = CreditSource::kPayment;
  Uuid source_id{};
  std::int64_t amount = 0;
};
std::vector<CreditChange> credit_changes(const Event& event);

}  // namespace billing::views
