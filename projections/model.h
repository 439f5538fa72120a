// What the views answer with: plain values. Amounts are minor units of the `currency` beside them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/domain/event.h"

namespace billing::views {

inline constexpr std::size_t kPageDefault = 100;
inline constexpr std::size_t kPageMax = 1'000;

// Which part of a list: at most `limit` items (1 to kPageMax) after the place that `cursor` names ("" is the start).
struct PageRequest {
  std::size_t limit = kPageDefault;
  std::string cursor{};
};
// A part of a list. `next` is the cursor of the following part, empty when this is the last. A cursor is opaque text
// of [0-9a-f] and belongs to the list that gave it; it stays good while the views go on.
template <class Item>
struct Page {
  std::vector<Item> items{};
  std::string next{};
};

// Which accounts a question is about.
enum class ScopeKind : std::uint8_t { kCustomer, kAccount, kSubtree, kGroup };
struct Scope {
  ScopeKind kind = ScopeKind::kCustomer;
  CustomerId customer{};
  AccountId account{};
  GroupingId grouping{};
  GroupId group{};
  static Scope whole(CustomerId id) { return {.kind = ScopeKind::kCustomer, .customer = id}; }
  static Scope only(AccountId id) { return {.kind = ScopeKind::kAccount, .account = id}; }
  static Scope subtree(AccountId id) { return {.kind = ScopeKind::kSubtree, .account = id}; }
  static Scope of_group(GroupingId grouping_id, GroupId group_id) {
    return {.kind = ScopeKind::kGroup, .grouping = grouping_id, .group = group_id};
  }
};

struct Customer {
  CustomerId id{};
  std::string name{};
  Currency currency{};
  std::string external_id{};
  Instant created{};
  std::uint64_t version = 0;            // of the customer's stream
  std::uint64_t hierarchy_version = 0;  // of its hierarchy's stream
};

// The figures of accounts. `billed`: shares of issued invoices as service account. `credited`: credit note lines as
// service account, tax included. `paid`: payments that the account made, whatever they were used for. `open`: its
// shares of open items. `unapplied`: the credit that it holds.
struct Totals {
  std::int64_t billed = 0;
  std::int64_t credited = 0;
  std::int64_t paid = 0;
  std::int64_t open = 0;
  std::int64_t unapplied = 0;
  std::int64_t balance() const { return open - unapplied; }
  friend bool operator==(const Totals&, const Totals&) = default;
};

struct Account {
  AccountId id{};
  CustomerId customer{};
  std::string number{};
  std::string name{};
  std::optional<AccountId> parent{};
  Date opened_on{};
  std::optional<Date> closed_on{};
  int payment_terms_days = 30;
  int bill_cycle_day = 1;
  std::string external_id{};
  Currency currency{};
  std::uint64_t version = 0;  // of the account's stream, for its ETag
  std::uint32_t children = 0;  // direct ones, closed ones included
  Totals own{};
  Totals subtree{};  // own and all below, at the hierarchy of now
};

// A person who is reached for an account. "erased" in every field of an erased person.
struct Contact {
  PersonId person{};
  std::string role{};
  account::Personal personal{};
};

struct User {
  UserId id{};
  CustomerId customer{};
  PersonId person{};
  user::Role role = user::Role::kViewer;
  bool suspended = false;
  account::Personal personal{};
  Instant invited{};
  std::uint64_t version = 0;
};

// One ageing bucket: amounts open at the date, and how many invoices (one of several accounts in scope counts once).
struct Bucket {
  std::int64_t amount = 0;
  std::uint32_t count = 0;
  friend bool operator==(const Bucket&, const Bucket&) = default;
};
// What is open at the end of posting day `date`, by days late: 0 and earlier, 1-30, 31-60, 61-90, over 90.
struct Ageing {
  Date date{};
  Currency currency{};
  Bucket current{};
  Bucket days_1_30{};
  Bucket days_31_60{};
  Bucket days_61_90{};
  Bucket days_over_90{};
  std::int64_t total = 0;
  std::uint32_t invoices = 0;
  std::int64_t disputed = 0;  // part of total that is under dispute now
  std::int64_t overdue = 0;   // part of total in the four late buckets
};

// Figures of a scope at a date: `totals` are those of now, the rest speaks of `date`.
struct Summary {
  Currency currency{};
  Totals totals{};
  std::uint32_t accounts = 0;
  Ageing ageing{};
  std::optional<Date> next_due_date{};  // the earliest due date on or after `date` of what is open
};

// The share that one service account has open on an invoice.
struct OpenItem {
  InvoiceId invoice{};
  AccountId account{};
  Date document_date{};
  Date posting_date{};
  Date due_date{};
  std::int64_t billed = 0;
  std::int64_t open = 0;  // at the asked date
  std::int64_t disputed = 0;
};

// What an invoice is at a date. kOverdue comes before kPartlyPaid. kCredited: nothing open and all of it by credit notes.
enum class InvoiceStatus : std::uint8_t { kDraft, kOpen, kPartlyPaid, kOverdue, kPaid, kCredited, kDiscarded };
// "draft", "open", "partly_paid", "overdue", "paid", "credited", "discarded".
std::string_view status_text(InvoiceStatus status);
// Error: kInvalidParameter.
Result<InvoiceStatus> parse_status(std::string_view text);

struct Invoice {
  InvoiceId id{};
  CustomerId customer{};
  AccountId account{};         // owner and payer
  std::string account_name{};  // as of the issue, of a draft as of now
  InvoiceStatus status = InvoiceStatus::kDraft;
  std::string series{};
  std::string number{};
  Date document_date{};  // of a draft: the day it was recorded
  Date posting_date{};
  Date due_date{};
  Currency currency{};
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::int64_t open = 0;
  std::int64_t paid = 0;      // reduced by payments
  std::int64_t credited = 0;  // reduced by credit notes
  std::int64_t disputed = 0;  // of the open dispute
  std::optional<DisputeId> dispute{};
  std::uint32_t line_count = 0;
  std::string purchase_order{};
  std::string memo{};
  std::string external_id{};
  std::uint64_t version = 0;
  Position position = 0;  // of the event that issued it (drafted it, while a draft)
};
// What one service account has on an invoice.
struct InvoiceShare {
  AccountId account{};
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::int64_t open = 0;
};
// Credit that reduced an invoice.
struct AppliedCredit {
  CreditSource source = CreditSource::kPayment;
  Uuid source_id{};     // of a PaymentId or CreditNoteId
  AccountId account{};  // whose share was reduced
  std::int64_t amount = 0;
  Date posting_date{};
  Position position = 0;
};
struct Dispute {
  DisputeId id{};
  InvoiceId invoice{};
  AccountId account{};
  CustomerId customer{};
  std::int64_t amount = 0;
  Currency currency{};
  std::string reason{};
  Date opened_on{};
  std::optional<Date> closed_on{};
  std::optional<dispute::Outcome> outcome{};
  std::uint64_t version = 0;
};
struct InvoiceDetail {
  Invoice invoice{};
  std::vector<Line> lines{};
  std::vector<InvoiceShare> shares{};
  std::vector<AppliedCredit> applied{};
  std::vector<Dispute> disputes{};
};

// Where credit was used: on an invoice.
struct UsedCredit {
  InvoiceId invoice{};
  AccountId account{};
  std::int64_t amount = 0;
  Date posting_date{};
  Position position = 0;
};
struct CreditNote {
  CreditNoteId id{};
  CustomerId customer{};
  AccountId account{};
  std::optional<InvoiceId> invoice{};
  std::string series{};
  std::string number{};
  std::string reason{};
  std::string external_id{};
  Date document_date{};
  Date posting_date{};
  Currency currency{};
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::int64_t unapplied = 0;  // what is left of it
  std::uint64_t version = 0;
  Position position = 0;
};
struct CreditNoteDetail {
  CreditNote credit_note{};
  std::vector<Line> lines{};
  std::vector<UsedCredit> used{};
};
struct Payment {
  PaymentId id{};
  CustomerId customer{};
  AccountId account{};
  std::int64_t amount = 0;
  std::int64_t unapplied = 0;  // what is left of it
  Currency currency{};
  payment::Method method = payment::Method::kCard;
  std::string reference{};
  std::string external_id{};
  Date received_on{};
  Date posting_date{};
  std::uint64_t version = 0;
  Position position = 0;
};
struct PaymentDetail {
  Payment payment{};
  std::vector<UsedCredit> used{};
};

// One thing that happened. `type` is event_type(); amounts only where there is money.
struct Activity {
  Position position = 0;
  Instant recorded{};
  std::string actor{};
  std::string type{};
  StreamId object{};
  std::optional<AccountId> account{};  // the one that it is about
  std::optional<Date> date{};          // document date, or the day in UTC that it was recorded
  std::optional<std::int64_t> amount{};
  Currency currency{};
  std::string number{};    // of a document or account
  std::string old_text{};  // old name, terms, parent …
  std::string new_text{};
  std::string note{};      // reason or reference
};

struct Grouping {
  GroupingId id{};
  CustomerId customer{};
  std::string name{};
  std::uint64_t version = 0;
};
struct GroupMember {
  AccountId account{};
  bool with_subtree = false;
  Date from{};
  std::optional<Date> until{};  // exclusive; none while it is a member
};
struct Group {
  GroupId id{};
  std::string name{};
  std::optional<GroupId> parent{};
  std::vector<GroupMember> members{};  // of now and of before, by account and from
};
struct GroupingDetail {
  Grouping grouping{};
  std::vector<Group> groups{};  // by name
};

// One month of a scope. Amounts belong to service accounts, counts to the documents' accounts, `paid` to the payer.
// Documents count in the month of their document date, payments in that of their posting date.
struct Month {
  std::int32_t month = 0;  // Date::month_index()
  std::int64_t invoiced = 0;
  std::int64_t invoiced_net = 0;
  std::int64_t invoiced_tax = 0;
  std::int64_t credited = 0;
  std::int64_t credited_net = 0;
  std::int64_t credited_tax = 0;
  std::int64_t paid = 0;
  std::uint64_t invoices = 0;
  std::uint64_t credit_notes = 0;
  std::uint64_t payments = 0;
  std::int64_t net() const { return invoiced_net - credited_net; }
  std::int64_t tax() const { return invoiced_tax - credited_tax; }
  friend bool operator==(const Month&, const Month&) = default;
};

// The whole service's books: debits and credits of a ledger, both >= 0.
struct LedgerBalance {
  Ledger ledger = Ledger::kCash;
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  std::int64_t balance() const { return debit - credit; }
};
struct TrialBalance {
  Currency currency{};
  std::optional<std::int32_t> month{};  // set by trial_balance_by_month: what was posted in it
  std::vector<LedgerBalance> ledgers{};
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  bool balanced() const { return debit == credit; }
};
// Control accounts against what they control, per currency. Every pair must agree.
struct Control {
  Currency currency{};
  std::int64_t receivables = 0;        // 1100
  std::int64_t open_items = 0;         // sum of the open items
  std::int64_t accounts_open = 0;      // sum of the accounts' own open
  std::int64_t unapplied_credit = 0;   // 2100, as a credit
  std::int64_t credits_left = 0;       // sum of what is left of payments and credit notes
  std::int64_t accounts_unapplied = 0; // sum of the accounts' own unapplied
  bool agrees() const {
    return receivables == open_items && open_items == accounts_open && unapplied_credit == credits_left &&
           credits_left == accounts_unapplied;
  }
};

}  // namespace billing::views
