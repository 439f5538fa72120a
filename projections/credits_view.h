// Credit notes and payments: a small row each with what is left of them; the rest is read from their events.
#pragma once

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct CreditRow {
  CustomerId customer{};
  AccountId account{};
  std::int64_t unapplied = 0;
  Position position = 0;  // of the event that made it
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.account, row.unapplied, row.position, row.version);
  }
};

namespace credits {
void apply(const codec::Envelope& event, Rows& rows);
}

Result<Page<CreditNote>> list_credit_notes(const Source& source, const Scope& scope, Date today,
                                           const PageRequest& page);
Result<CreditNoteDetail> read_credit_note(const Source& source, CreditNoteId id);
Result<Page<Payment>> list_payments(const Source& source, const Scope& scope, Date today, const PageRequest& page);
Result<PaymentDetail> read_payment(const Source& source, PaymentId id);

}  // namespace billing::views
