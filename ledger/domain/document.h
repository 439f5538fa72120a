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
  std::int64_t magnitude = 0;         // of all amounts of the lines, without their signs
};

// Whether a line's revenue is deferred: its service period ends after the posting date (domain.md, Accounting).
bool is_deferred(const Line& line, Date posting_date);

// Checks each line by itself: texts, revenue code, period, discount, taxes that add up, its service account (of this
// customer, open, not opened after `document_date`).
Result<void> check_lines(const State& state, CustomerId customer, Currency currency, const std::vector<Line>& lines,
                         std::optional<Date> document_date);

// The lines with what we compute left blank: an amount of zero, and the line's net as the basis.
std::vector<Line> blank_computed_taxes(std::vector<Line> lines);
// Checks that money may move on every service account of the lines, and, with `owner`, that its charges belong on the
// invoices of `owner`. Errors: kAccountClosed, kAccountFrozen, kBeforeOpening, kOtherInvoiceOwner.
Result<void> check_service_accounts(const State& state, const std::vector<Line>& lines, Date document_date,
                                    std::optional<AccountId> owner);

// Sums by account and ledger; without a posting date no revenue is deferred. `computed_taxes`: the amounts of tax.h
// that are not in the lines. Errors: kOverflow.
Result<Totals> sum_lines(const std::vector<Line>& lines, std::optional<Date> posting_date,
                         const std::vector<std::int64_t>& computed_taxes = {});
// Whether the sums of a draft's lines and of those that come to it fit. Error: kOverflow.
Result<void> check_fit(const std::vector<Line>& there, const std::vector<Line>& more);
// Errors: kNegativeTotal, for the total as for the share of each service account; kOverflow.
Result<void> check_totals(const State& state, const Totals& totals, Currency currency);

// What a document moves on all ledgers, without signs: for the turnover. At most the magnitude of its lines.
std::int64_t moved_by(std::int64_t total, const std::vector<RevenueShare>& revenue, std::int64_t tax);

// The next number of a gapless series, e.g. series "INV-2026" and number "INV-2026-000042", with the customer's legal
// entity "NL-INV-2026".
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

// What the paper says, and when it counts for the books.
struct Dates {
  Date document;
  Date posting;
};
// The document date, today when absent, and its posting date: the same day, or the first day of the next open period
// when its own takes no postings any more. `account` must have been opened by then. For invoices, notes, write-offs,
// payments: all that moves money. Errors: kPostingInFuture, kBeforeOpening, kPeriodClosed.
Result<Dates> check_document_date(const State& state, const account::State& account, std::optional<Date> given,
                                  const Context& context, std::string_view pointer);
// The same without the books. Errors: kPostingInFuture, kBeforeOpening.
Result<Date> check_document_date(const account::State& account, std::optional<Date> given, const Context& context,
                                 std::string_view pointer);
// Errors: kCurrencyMismatch.
Result<Currency> check_currency(const State& state, CustomerId customer, std::optional<Currency> given,
                                std::string_view pointer = "/currency");

}  // namespace billing::document
