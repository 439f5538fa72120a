// What the views answer with: plain values. Amounts are minor units of the `currency` beside them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/domain/event.h"
#include "projections/money_flow.h"

namespace billing::views {

inline constexpr std::size_t kPageDefault = 100;
inline constexpr std::size_t kPageMax = 1'000;

// Which part of a list: at most `limit` items (1 to kPageMax) after the place that `cursor` names ("" is the start).
struct PageRequest {
  std::size_t limit = kPageDefault;
  std::string cursor{};
};
// A part of a list. `next` is the cursor of the following part, empty when this is the last; `previous` that of the part
// before, empty when this is the first. A cursor is opaque text of [0-9a-f] and belongs to the list that gave it; it stays
// good while the views go on.
template <class Item>
struct Page {
  std::vector<Item> items{};
  std::string next{};
  std::string previous{};
};

// As a date: everything that is recorded, whatever its day.
inline constexpr Date kNow{INT32_MAX};

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
  // All groups of a grouping.
  static Scope of_grouping(GroupingId id) { return of_group(id, GroupId{}); }
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

// The figures of accounts, each by posting day. `billed`: shares of issued invoices as service account. `credited`: credit
// note lines as service account, tax included. `paid`: payments that the account made, whatever they were used for, less
// what was taken back of them. `open`: its shares of open items. `unapplied`: the credit that it holds.
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
  std::optional<AccountId> parent{};  // at the asked date, like `children`, `own` and `subtree`
  Date opened_on{};
  std::optional<Date> closed_on{};
  int payment_terms_days = 30;
  int bill_cycle_day = 1;
  std::string external_id{};
  Currency currency{};
  std::uint64_t version = 0;  // of the account's stream, for its ETag
  std::uint32_t children = 0;  // direct ones, closed ones included
  Totals own{};
  Totals subtree{};  // own and all below
};

// What people call an account: its number, its name on a document's day, and its name of today.
struct AccountNames {
  std::string number{};
  std::string name{};
  std::string name_now{};
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
  std::int64_t disputed = 0;  // part of total that is under dispute
  std::int64_t overdue = 0;   // part of total in the four late buckets
};

// Totals of a scope and how many accounts it has.
struct Sums {
  Totals totals{};
  std::uint32_t accounts = 0;  // opened by the asked date
};
// Figures of a scope at the end of a day.
struct Summary {
  Currency currency{};
  Totals totals{};
  std::uint32_t accounts = 0;
  Ageing ageing{};
  std::int64_t overdue = 0;    // what ageing has in its late buckets, but for:
  std::int64_t suspended = 0;  // what plans of the payers suspend
  std::int64_t covered = 0;    // what free credit of the payers covers
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
// kWrittenOff: nothing open and a part of it given up.
enum class InvoiceStatus : std::uint8_t {
  kDraft,
  kOpen,
  kPartlyPaid,
  kOverdue,
  kPaid,
  kCredited,
  kDiscarded,
  kVoid,
  kWrittenOff
};
// "draft", "open", "partly_paid", "overdue", "paid", "credited", "discarded", "void", "written_off".
std::string_view status_text(InvoiceStatus status);

struct Invoice {
  InvoiceId id{};
  CustomerId customer{};
  AccountId account{};         // the owner
  AccountId payer{};           // of a draft the owner
  AccountNames names{};        // of the owner; of a draft the name of now
  AccountNames payer_names{};
  invoice::Kind kind = invoice::Kind::kAdHoc;
  std::optional<InvoiceId> about{};  // of a debit note: the invoice that asked for too little
  std::string cycle{};               // of a late fee
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
  std::int64_t paid = 0;         // reduced by payments and deposits, less what was taken back
  std::int64_t credited = 0;     // reduced by credit notes
  std::int64_t written_off = 0;  // given up, less what was recovered
  std::int64_t disputed = 0;     // of the open dispute
  std::optional<DisputeId> dispute{};
  std::uint32_t line_count = 0;
  std::string purchase_order{};
  std::string memo{};
  std::string external_id{};
  std::uint64_t version = 0;
  Position position = 0;  // of the event that issued it (drafted it, while a draft)
};
// What one service account has on an invoice: a sub-account part of it.
struct InvoiceShare {
  AccountId account{};
  std::string account_number{};
  std::string account_name{};  // as of the issue, of a draft as of now
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::int64_t open = 0;
};
// What reduced an invoice, or was taken back of that.
struct AppliedCredit {
  AllocationSource source = AllocationSource::kPayment;
  Uuid source_id{};         // see AllocationChange
  AccountId account{};      // whose share was reduced
  std::int64_t amount = 0;  // negative: open again
  std::string event{};      // event_type() of what did it
  Date posting_date{};
  Position position = 0;
};
struct Dispute {
  DisputeId id{};
  InvoiceId invoice{};
  std::string invoice_number{};
  AccountId account{};
  AccountNames names{};
  CustomerId customer{};
  std::int64_t amount = 0;
  Currency currency{};
  std::string reason{};
  Date opened_on{};
  std::optional<Date> closed_on{};
  std::optional<dispute::Outcome> outcome{};
  std::uint64_t version = 0;
};
// An invoice that came out of another one: a debit note about it, or a late fee on it.
struct LinkedInvoice {
  InvoiceId id{};
  std::string number{};
  invoice::Kind kind = invoice::Kind::kDebit;
};
struct Voiding {
  Date on{};
  std::string reason{};
  std::optional<CreditNoteId> credit_note{};
};
struct InvoiceDetail {
  Invoice invoice{};
  // Whose address stands on it, as of the issue; "erased" when the person was erased. None where there was none.
  std::optional<account::Personal> address{};
  std::optional<Voiding> voided{};
  std::vector<LinkedInvoice> linked{};
  std::vector<Line> lines{};
  std::vector<InvoiceShare> shares{};
  std::vector<AppliedCredit> applied{};
  std::vector<Dispute> disputes{};
};

// Where credit was used: on an invoice.
struct UsedCredit {
  InvoiceId invoice{};
  std::string invoice_number{};
  AccountId account{};
  std::int64_t amount = 0;  // negative: taken off again
  std::string event{};      // event_type() of what did it
  Date posting_date{};
  Position position = 0;
};
// Who holds what is left of a payment or credit note.
struct CreditHolder {
  AccountId account{};
  std::int64_t amount = 0;
  bool held = false;
};
struct CreditNote {
  CreditNoteId id{};
  CustomerId customer{};
  AccountId account{};
  AccountNames names{};
  std::optional<InvoiceId> invoice{};
  std::string invoice_number{};
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
  std::vector<CreditHolder> holders{};
};
// A refund, chargeback or return of a payment.
struct Claim {
  Uuid id{};  // of a RefundId, ChargebackId or ReturnId
  payment::ClaimKind kind = payment::ClaimKind::kRefund;
  payment::ClaimPhase phase = payment::ClaimPhase::kRequested;
  std::int64_t amount = 0;
  Date opened_on{};                   // asked for, opened or returned
  std::optional<Date> decided_on{};   // succeeded, won or lost
  std::optional<Date> settled_on{};   // of a refund: it has left the bank
  bool with_adjustment = false;
  std::optional<CreditNoteId> credit_note{};  // of the adjustment
  std::string code{};                         // of a chargeback or return
  std::string reference{};
  std::string reason{};  // of the request; until it succeeds the one that its last progress gives, if any
  std::optional<Settlement> settled{};
};
// "refund", "chargeback", "return"; "requested", …, "open", "won", "lost".
std::string_view claim_kind_text(payment::ClaimKind kind);
std::string_view claim_phase_text(payment::ClaimPhase phase);
std::string claim_id_text(payment::ClaimKind kind, const Uuid& id);

struct Payment {
  PaymentId id{};
  CustomerId customer{};
  AccountId account{};
  AccountNames names{};
  payment::Phase phase = payment::Phase::kSucceeded;
  bool reversed = false;
  std::int64_t amount = 0;
  std::int64_t unapplied = 0;     // what is left of it, whoever holds it
  std::int64_t reserved = 0;      // on invoices, while the outcome is open
  std::int64_t refunded = 0;      // by refunds that succeeded
  std::int64_t charged_back = 0;  // open or lost
  std::int64_t returned = 0;
  Currency currency{};
  payment::Method method = payment::Method::kCard;
  std::string reference{};
  std::string external_id{};
  Date received_on{};                  // while it is not received: the day that it was asked for
  std::optional<Date> posting_date{};  // none while nothing is posted
  std::optional<Settlement> settled{};
  std::uint64_t version = 0;
  Position position = 0;
  // "succeeded", "reversed", …
  std::string_view status() const { return reversed ? std::string_view("reversed") : payment::phase_text(phase); }
};
struct PaymentPayOut {
  std::int64_t amount = 0;
  std::int64_t fee = 0;
  Currency currency{};
  Date on{};
};
// Of a payment that was settled in another currency.
struct ExchangeDifference {
  std::int64_t amount = 0;  // a gain; a loss is negative
  Date on{};
};
struct PaymentDetail {
  Payment payment{};
  std::vector<UsedCredit> used{};
  std::vector<payment::Instruction> reserved{};
  std::vector<Claim> claims{};  // oldest first
  std::vector<CreditHolder> holders{};
  std::vector<PaymentPayOut> paid_out{};
  std::vector<ExchangeDifference> exchange_differences{};  // as they were recorded
  std::string provider_reference{};
  std::string reason{};  // of the last progress, or of the reversal
};

// One thing that happened. `type` is event_type(); amounts only where there is money.
struct Activity {
  Position position = 0;
  Instant recorded{};
  std::string actor{};
  std::string type{};
  StreamId object{};
  std::optional<AccountId> account{};  // the one that it is about
  std::optional<Date> date{};          // document date
  std::optional<std::int64_t> amount{};
  Currency currency{};
  std::string number{};    // of a document or account
  std::string command_id{};
  std::uint64_t version = 0;  // of the object's stream, after it
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
// Documents count in the month of their document date, payments and write-offs in that of their posting date.
struct Month {
  std::int32_t month = 0;  // Date::month_index()
  std::int64_t invoiced = 0;
  std::int64_t invoiced_net = 0;
  std::int64_t invoiced_tax = 0;
  std::int64_t credited = 0;
  std::int64_t credited_net = 0;
  std::int64_t credited_tax = 0;
  std::int64_t paid = 0;         // less what was taken back
  std::int64_t written_off = 0;  // less what was recovered, by service account
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
  std::int64_t credits_held = 0;       // sum of the credits that accounts hold
  std::int64_t accounts_unapplied = 0;  // sum of the accounts' own unapplied
  std::int64_t deposits = 0;            // 2150, as a credit
  std::int64_t deposits_left = 0;       // sum of what is left of deposits
  bool agrees() const {
    return receivables == open_items && open_items == accounts_open && unapplied_credit == credits_left &&
           credits_left == credits_held && credits_held == accounts_unapplied && deposits == deposits_left;
  }
};

}  // namespace billing::views
