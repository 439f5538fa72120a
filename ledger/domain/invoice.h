// An invoice: a draft that takes lines, then issued for ever. What is open on it is split over its service accounts.
// A void, a write-off and a recovery are events of their own: nothing on paper ever changes.
#pragma once

#include "ledger/base/timeline.h"
#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::invoice {

enum class Phase : std::uint8_t { kDraft = 1, kIssued = 2, kDiscarded = 3, kVoid = 4 };

// What the document is. A debit note is an invoice that asks for more after another one; on a late fee no other is
// charged.
enum class Kind : std::uint8_t { kAdHoc = 1, kDebit = 2, kLateFee = 3 };
// "ad_hoc", "debit", "late_fee".
std::string_view kind_text(Kind kind);
Result<Kind> parse_kind(std::string_view text);

// Head of a document, common to drafts and direct issue.
struct Header {
  InvoiceId id;
  AccountId account;  // the invoice's owner
  std::string purchase_order;
  std::string memo;
  std::string external_id;
  Kind kind = Kind::kAdHoc;
  std::optional<InvoiceId> about{};  // of a debit note: the invoice that asked for too little
  friend bool operator==(const Header&, const Header&) = default;
};

// What is left of an issued line for credit notes and for the release of its revenue.
struct LineState {
  AccountId service_account;
  std::uint16_t revenue_code = 4000;
  bool deferred = false;         // booked on 2300 at issue
  std::uint16_t tax_count = 0;   // its taxes stand in State::line_taxes
  std::uint32_t first_tax = 0;   // from here on
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t credited_net = 0;
  std::int64_t credited_tax = 0;
  // Of a deferred line:
  Period service_period{};
  std::int64_t unreleased = 0;     // still on 2300: net less what was released and what credit notes took from it
  std::int64_t released = 0;       // what periods that closed took from it
  std::int32_t release_month = 0;  // the month_index for which it is to be released next
};
// A tax of a line: which group of the document, how much, and what credit notes took back of it.
struct LineTax {
  std::uint32_t group = 0;  // index in State::taxes
  std::int64_t amount = 0;
  std::int64_t credited = 0;
};
// Computed tax is per authority, code and rate over the whole document (EN 16931), and so is what credit notes take
// back. Given taxes have groups of their own, for the names that a credit note needs.
struct TaxGroup {
  std::string authority;
  std::string code;
  Decimal rate;
  bool computed = false;
  std::string exempt_reason;  // of the first line that has one
  std::int64_t base = 0;
  std::int64_t tax = 0;
  std::int64_t credited_base = 0;
  std::int64_t credited_tax = 0;
};
// What a credit note gave back of a deferred line, and what of it came out of 2300; the rest came from revenue.
struct DeferredCredit {
  std::uint32_t line = 0;
  Date on;  // the note's posting date
  std::int64_t net = 0;
  std::int64_t deferred = 0;
};
struct ShareState {
  AccountId account;
  std::int64_t billed = 0;
  std::int64_t open = 0;         // now: the sum of open_by_day
  std::int64_t written_off = 0;  // less what was recovered
  std::int64_t credited = 0;     // by credit notes against its lines, wherever their credit was used
  Timeline open_by_day{};        // by posting date
};
struct State {
  InvoiceId id;
  CustomerId customer;
  AccountId account;  // owner
  AccountId payer;
  std::size_t place = 0;  // in AccountQueues::issued of the payer, once issued
  Phase phase = Phase::kDraft;
  Kind kind = Kind::kAdHoc;
  std::string number;
  Date document_date;
  Date due_date;
  Header draft_header;            // of a draft only
  std::vector<Line> draft_lines;  // of a draft only
  std::vector<LineState> lines;   // once issued
  std::vector<LineTax> line_taxes;  // once issued; of all lines, in order
  std::vector<TaxGroup> taxes;      // once issued; order of first appearance
  std::vector<DeferredCredit> deferred_credits;  // as they were entered
  std::vector<ShareState> shares;
  std::int64_t total = 0;
  std::int64_t open = 0;      // sum of the shares' open
  std::int64_t paid = 0;      // by payments, less what was taken back
  std::int64_t credit = 0;    // by credit that did not come from notes against this invoice, less what was taken back
  std::int64_t reserved = 0;  // by payments whose outcome is not known yet
  std::int64_t disputed = 0;  // part of open that default application leaves alone
  std::int64_t tax_relief = 0;  // claimed by write-offs, less what recoveries gave back
  Date written_off_on{INT32_MIN};  // the posting date of the last write-off
  std::optional<DisputeId> dispute;
  std::vector<std::string> late_fee_cycles;  // for which a late fee was charged
};

struct Drafted {
  Header header;
  Currency currency;
  std::vector<Line> lines;
  friend bool operator==(const Drafted&, const Drafted&) = default;
};
struct LinesAdded {
  InvoiceId id;
  std::vector<Line> lines;
  friend bool operator==(const LinesAdded&, const LinesAdded&) = default;
};
// `count` lines of a draft from `first` on were replaced by `lines` (none: taken out).
struct LinesReplaced {
  InvoiceId id;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::vector<Line> lines;
  friend bool operator==(const LinesReplaced&, const LinesReplaced&) = default;
};
struct Discarded {
  InvoiceId id;
  friend bool operator==(const Discarded&, const Discarded&) = default;
};
struct Issued {
  Header header;
  std::string series;  // "imported" for a document that came with its number
  std::string number;
  Date document_date;
  Date posting_date;
  Date due_date;
  Currency currency;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::uint32_t line_count = 0;
  std::vector<Line> lines;            // empty when the lines were given to a draft before
  std::vector<Share> shares;          // of total, by service account; order of first appearance
  std::vector<RevenueShare> revenue;  // of net, by ledger
  AccountId payer;                    // nil: the owner
  std::string account_name;           // of the owner, as of the issue, for ever
  std::uint64_t address_version = 0;  // of the owner's stream, whose AddressChanged holds the address of the issue
  // Of a draft whose taxes are computed at its issue: an amount for each computed tax of each line, in order.
  std::vector<std::int64_t> computed_taxes;
  std::string cycle;  // of a late fee: the cycle that it is charged for
  friend bool operator==(const Issued&, const Issued&) = default;
};
// All that was left of it was credited by `credit_note` (nil when nothing was left); the number is kept.
struct Voided {
  InvoiceId id;
  AccountId account;
  CreditNoteId credit_note;
  std::string reason;
  Date on;
  friend bool operator==(const Voided&, const Voided&) = default;
};
// Given up: bad debt, with the tax that may be claimed back.
struct WrittenOff {
  InvoiceId id;
  AccountId account;
  std::string reason;
  Date on;
  Date posting_date;
  Currency currency;
  std::int64_t amount = 0;
  std::int64_t tax_relief = 0;  // part of amount
  std::vector<Allocation> allocations;
  friend bool operator==(const WrittenOff&, const WrittenOff&) = default;
};
// Money is coming in after all: so much is open again, and an ordinary payment may take it.
struct Recovered {
  InvoiceId id;
  AccountId account;
  Date on;
  Date posting_date;
  Currency currency;
  std::int64_t amount = 0;
  std::vector<Allocation> allocations;
  std::int64_t tax_relief = 0;  // part of amount: the tax that the write-off had claimed back
  friend bool operator==(const Recovered&, const Recovered&) = default;
};

struct Draft {
  Header header;
  std::vector<Line> lines;
  std::optional<Currency> currency{};  // checked against the customer's when given
};
struct AddLines {
  InvoiceId id;
  std::vector<Line> lines;
  std::optional<Currency> currency{};  // likewise
};
struct ReplaceLines {
  InvoiceId id;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::vector<Line> lines;
  std::optional<Currency> currency{};  // likewise
};
struct Discard {
  InvoiceId id;
};
// Issues a draft (lines empty, header.id names it) or a new document at once.
struct Issue {
  Header header;
  std::vector<Line> lines;
  std::optional<Date> document_date;  // today when absent
  std::optional<Date> due_date;       // document date + the account's terms when absent
  std::optional<std::string> imported_number;
  std::optional<Currency> currency;  // checked against the customer's when given
  bool draft = false;                // true: issue the draft that header.id names
};
struct Void {
  InvoiceId id;
  std::string reason;
};
struct WriteOff {
  InvoiceId id;
  std::optional<std::int64_t> amount;  // all that is open when absent
  std::int64_t tax_relief = 0;         // part of amount
  std::optional<Currency> currency;
  std::string reason;
  std::optional<Date> on;
};
struct Recover {
  InvoiceId id;
  std::int64_t amount = 0;  // at most what was written off
  std::optional<Currency> currency;
  std::optional<Date> on;
};
// Charges a late fee for every invoice that `account` pays and that is overdue by more than `grace_days` at `as_of`:
// undisputed open amount only, once per invoice and cycle, never on a late fee. One invoice with a line for each.
struct ChargeLateFees {
  InvoiceId id;  // nil: taken from the context
  AccountId account;
  std::string cycle;  // e.g. "2026-11"
  std::optional<Date> as_of;
  std::int64_t flat = 0;     // for each invoice
  Decimal rate;              // of its overdue amount, a fraction
  std::int64_t minimum = 0;  // for each invoice
  int grace_days = 0;
  std::optional<Currency> currency;
};

Decision decide(const billing::State& state, const Draft& command, const Context& context);
Decision decide(const billing::State& state, const AddLines& command, const Context& context);
Decision decide(const billing::State& state, const ReplaceLines& command, const Context& context);
Decision decide(const billing::State& state, const Discard& command, const Context& context);
Decision decide(const billing::State& state, const Issue& command, const Context& context);
Decision decide(const billing::State& state, const Void& command, const Context& context);
Decision decide(const billing::State& state, const WriteOff& command, const Context& context);
Decision decide(const billing::State& state, const Recover& command, const Context& context);
Decision decide(const billing::State& state, const ChargeLateFees& command, const Context& context);
void evolve(billing::State& state, const Drafted& event);
void evolve(billing::State& state, const LinesAdded& event);
void evolve(billing::State& state, const LinesReplaced& event);
void evolve(billing::State& state, const Discarded& event);
void evolve(billing::State& state, const Issued& event);
void evolve(billing::State& state, const Voided& event);
void evolve(billing::State& state, const WrittenOff& event);
void evolve(billing::State& state, const Recovered& event);

}  // namespace billing::invoice
