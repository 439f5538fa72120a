// Reports as tables: values that are worked out at the read from the events of a scope. Amounts are minor units of the
// `currency` beside them.
#pragma once

#include "projections/model_accounts.h"

namespace billing::views {

// A movement on receivables (1100) and unapplied credit (2100) of the accounts of a statement.
struct StatementEntry {
  Date posting_date{};
  Position position = 0;
  std::int64_t debit = 0;   // what the accounts owe more
  std::int64_t credit = 0;  // what they owe less; both >= 0, one of them 0
  std::int64_t balance = 0;  // after it
};
// A statement of account. It posts nothing; the accounts are those of the scope at `to`.
struct Statement {
  Date from{};
  Date to{};
  Currency currency{};
  std::int64_t opening = 0;  // balance before `from`
  std::int64_t closing = 0;
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  std::vector<StatementEntry> entries{};  // by posting date, then as recorded
};
struct StatementLine {
  StatementEntry entry{};
  Activity event{};  // what it was: document date, type, object, number, note
};

// Taxes of one authority, code and rate: of invoices less those of credit notes.
struct TaxSum {
  std::string authority{};
  std::string code{};
  Decimal rate{};
  std::int64_t invoiced_base = 0;
  std::int64_t invoiced_tax = 0;
  std::int64_t credited_base = 0;
  std::int64_t credited_tax = 0;
  std::int64_t base() const { return invoiced_base - credited_base; }
  std::int64_t tax() const { return invoiced_tax - credited_tax; }
};
struct TaxSummary {
  Currency currency{};
  std::vector<TaxSum> taxes{};  // by authority, code, rate
  std::int64_t relief = 0;      // claimed back by write-offs, whatever the code
};

// Revenue of one code that was earned in a period.
struct RevenueSum {
  Ledger ledger = Ledger::kServiceRevenue;
  std::int64_t invoiced = 0;  // at once
  std::int64_t released = 0;  // from deferred revenue
  std::int64_t credited = 0;  // by credit notes
  std::int64_t earned() const { return invoiced + released - credited; }
};
struct DeferredSum {
  std::int64_t opening = 0;
  std::int64_t deferred = 0;  // by invoices
  std::int64_t released = 0;
  std::int64_t credited = 0;  // by credit notes
  std::int64_t closing() const { return opening + deferred - released - credited; }
};
struct RevenueReport {
  Currency currency{};
  std::vector<RevenueSum> revenue{};  // by ledger
  DeferredSum deferred{};
};

}  // namespace billing::views
