// A credit note: free (goodwill or a return without its invoice) or against lines of an issued invoice.
#pragma once

#include "ledger/domain/customer.h"
#include "ledger/domain/tranche.h"
#include "ledger/domain/types.h"

namespace billing::credit_note {

struct State {
  CreditNoteId id;
  CustomerId customer;
  AccountId account;
  std::string number;
  std::int64_t total = 0;
  std::optional<InvoiceId> invoice;
  Date document_date;
  tranche::Tranches credit;  // what is unapplied of it
};

// Line amounts are positive: what is given back. A free note may have negative lines as long as the total is >= 0.
struct Issued {
  CreditNoteId id;
  AccountId account;
  std::optional<InvoiceId> invoice;
  std::string series;
  std::string number;
  std::string reason;
  std::string external_id;
  Date document_date;
  Date posting_date;
  Currency currency;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::vector<Line> lines;
  std::vector<RevenueShare> revenue;    // of net, what is debited
  std::vector<Allocation> allocations;  // used at once on what is open
  std::vector<Share> unapplied;         // the rest, by the account that holds it
  friend bool operator==(const Issued&, const Issued&) = default;
};

struct Issue {
  CreditNoteId id;  // nil: taken from the context
  AccountId account;
  std::optional<InvoiceId> invoice;  // set: every line names credited_line
  std::vector<Line> lines;
  std::string reason;
  std::string external_id;
  std::optional<Date> document_date;
  std::optional<std::string> imported_number;
  std::optional<Currency> currency;
};

Decision decide(const billing::State& state, const Issue& command, const Context& context);
void evolve(billing::State& state, const Issued& event);

}  // namespace billing::credit_note
