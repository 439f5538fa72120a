// What invoices and credit notes have in common: checking of lines, totals, shares and revenue, numbers.
#pragma once

#include "ledger/domain/event.h"
#include "ledger/domain/state.h"

namespace billing::document {

// The sums of a document's lines.
struct Totals {
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::vector<Share> shares;          // total by service account, in order of first appearance
  std::vector<RevenueShare> revenue;  // net by ledger, lowest first
};

// Whether a line's revenue is deferred: its service period ends after the posting date (domain.md, Accounting).
bool is_deferred(const Line& line, Date posting_date);

// Checks each line by itself: texts, revenue code, period, taxes that add up, its service account (of this customer,
// open, not opened after `document_date`). `base` is the pointer of the first line's array, e.g. "/lines".
Result<void> check_lines(const State& state, CustomerId customer, Currency currency, const std::vector<Line>& lines,
                         std::optional<Date> document_date);

// Sums by account and ledger. Errors: kOverflow.
Result<Totals> sum_lines(const std::vector<Line>& lines, Date posting_date);

// The next number of a gapless series, e.g. series "INV-2026" and number "INV-2026-000042".
struct Number {
  std::string series;
  std::string number;
};
// A given number is checked to be free in the customer's imported series; else the next one of `prefix` and the year.
Result<Number> number_for(const State& state, CustomerId customer, std::string_view prefix, Date document_date,
                          const std::optional<std::string>& imported);
// Remembers a number as given.
void claim_number(State& state, CustomerId customer, std::string_view prefix, const std::string& series,
                  const std::string& number);

// The document date and, since no period is closed yet, the posting date. Errors: kPostingInFuture, kBeforeOpening.
Result<Date> check_document_date(const account::State& account, std::optional<Date> given, const Context& context,
                                 std::string_view pointer);
// Errors: kCurrencyMismatch.
Result<Currency> check_currency(const State& state, CustomerId customer, std::optional<Currency> given,
                                std::string_view pointer = "/currency");

}  // namespace billing::document
