// An invoice: a draft that takes lines, then issued for ever. What is open on it is split over its service accounts.
#pragma once

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::invoice {

enum class Phase : std::uint8_t { kDraft = 1, kIssued = 2, kDiscarded = 3 };

// Head of a document, common to drafts and direct issue.
struct Header {
  InvoiceId id;
  AccountId account;
  std::string purchase_order;
  std::string memo;
  std::string external_id;
  friend bool operator==(const Header&, const Header&) = default;
};

// What is left of an issued line for credit notes.
struct LineState {
  AccountId service_account;
  std::uint16_t revenue_code = 4000;
  bool deferred = false;  // booked on 2300 at issue
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t credited_net = 0;
  std::int64_t credited_tax = 0;
};
struct ShareState {
  AccountId account;
  std::int64_t billed = 0;
  std::int64_t open = 0;
};
struct State {
  InvoiceId id;
  CustomerId customer;
  AccountId account;  // owner and payer
  Phase phase = Phase::kDraft;
  std::string number;
  Date document_date;
  Date due_date;
  Header draft_header;            // of a draft only
  std::vector<Line> draft_lines;  // of a draft only
  std::vector<LineState> lines;   // once issued
  std::vector<ShareState> shares;
  std::int64_t total = 0;
  std::int64_t open = 0;      // sum of the shares' open
  std::int64_t disputed = 0;  // part of open that default application leaves alone
  std::optional<DisputeId> dispute;
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
  std::vector<Line> lines;          // empty when the lines were given to a draft before
  std::vector<Share> shares;        // of total, by service account; order of first appearance
  std::vector<RevenueShare> revenue;  // of net, by ledger
  friend bool operator==(const Issued&, const Issued&) = default;
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

Decision decide(const billing::State& state, const Draft& command, const Context& context);
Decision decide(const billing::State& state, const AddLines& command, const Context& context);
Decision decide(const billing::State& state, const Discard& command, const Context& context);
Decision decide(const billing::State& state, const Issue& command, const Context& context);
void evolve(billing::State& state, const Drafted& event);
void evolve(billing::State& state, const LinesAdded& event);
void evolve(billing::State& state, const Discarded& event);
void evolve(billing::State& state, const Issued& event);

}  // namespace billing::invoice
