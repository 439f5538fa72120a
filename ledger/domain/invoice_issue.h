// What the ways to an issued invoice share: a draft, a direct issue, late fees.
#pragma once

#include "ledger/domain/document.h"

namespace billing::invoice {

// "INV", or "DN" for a debit note.
std::string_view series_of(Kind kind);

// Texts, and what a debit note is about. A late fee has a command of its own.
Result<void> check_header(const billing::State& state, CustomerId customer, const Header& header);
// Errors: kUnknownInvoice, kNotADraft.
Result<const State*> find_draft(const billing::State& state, InvoiceId id);
// Refuses an account that has no invoices of its own on this day. Error: kNotInvoiceOwner.
Result<void> check_owner(const billing::State& state, const account::State& account, Date document_date);

struct NewDocument {
  Header header;
  const account::State* account = nullptr;
  document::Dates dates;
  Date due_date;
  Currency currency;
  std::optional<std::string> imported_number;
  std::string cycle;
  bool draft = false;  // its lines are in the state already
  Date today;
};
// Computes taxes, adds up, numbers and books a document whose header and lines are right by themselves; credit that
// waits for it is applied in the same batch.
Decision issue(const billing::State& state, const NewDocument& document, const std::vector<Line>& lines);

}  // namespace billing::invoice
