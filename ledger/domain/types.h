// The vocabulary that every decider shares: streams, lines, taxes, shares, allocations, postings, the decision's context.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/currency.h"
#include "ledger/base/date.h"
#include "ledger/base/decimal.h"
#include "ledger/base/error.h"
#include "ledger/base/ids.h"
#include "ledger/base/money.h"

namespace billing {

struct State;  // state.h: everything that a decision may look at

// The customer of events that concern the operator's own books, or a report that names no customer that we know.
inline constexpr CustomerId kOperator{Uuid{{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}}};

// The most objects that one decision may touch; beyond it kTooManyItems.
inline constexpr std::size_t kItemsMax = 1'000;
// The most items that default application takes in one command; the rest stays unapplied.
inline constexpr std::size_t kDefaultApplicationMax = 900;
inline constexpr std::size_t kLinesMax = 1'000;
inline constexpr std::size_t kTaxesPerLineMax = 16;
inline constexpr int kHierarchyDepthMax = 16;
inline constexpr int kGroupDepthMax = 8;
inline constexpr std::int32_t kDisputeDaysMax = 180;

// Text limits in bytes of UTF-8.
inline constexpr std::size_t kNameMax = 200;
inline constexpr std::size_t kNumberMax = 64;
inline constexpr std::size_t kReferenceMax = 200;
inline constexpr std::size_t kDescriptionMax = 500;
inline constexpr std::size_t kReasonMax = 500;

// The kinds of stream; the numbers are stored and never reused.
enum class StreamKind : std::uint8_t {
  kCustomer = 1,
  kHierarchy = 2,  // its id is the customer's
  kAccount = 3,
  kInvoice = 4,
  kCreditNote = 5,
  kPayment = 6,
  kReceivables = 7,  // its id is the account's
  kDispute = 8,
  kGrouping = 9,
  kUser = 10,
  kBooks = 11,  // its id is the operator's
  kDeposit = 12,
  kPlan = 13,
  kMethod = 14,
  kUnbooked = 15
};
// "customer", "hierarchy", …
std::string_view stream_kind_text(StreamKind kind);

struct StreamId {
  StreamKind kind = StreamKind::kCustomer;
  Uuid id;
  friend auto operator<=>(const StreamId&, const StreamId&) = default;
};

// What a decision may know beside the state: nothing below reads a clock or makes an id.
struct Context {
  Instant now;
  Date today;         // the operator's business day at `now`
  std::string actor;  // who gives the command: a user's id text or the name of a key; no personal data
  Uuid fresh;         // random, new for each command
  // The n-th new id of this command.
  Uuid fresh_uuid(std::uint32_t n) const;
  template <class AnyId>
  AnyId fresh_id(std::uint32_t n = 0) const {
    return AnyId{fresh_uuid(n)};
  }
};

// The operator's chart of accounts as we post it (docs/domain.md). Numbers are stored.
enum class Ledger : std::uint16_t {
  kCash = 1000,
  kPaymentsInTransit = 1050,
  kReceivables = 1100,
  kUnbilledUsage = 1150,
  kCurrencyClearing = 1900,
  kUnappliedCredit = 2100,
  kRefundsInTransit = 2110,
  kCustomerDeposits = 2150,
  kUnidentifiedReceipts = 2190,
  kTaxPayable = 2200,
  kDeferredRevenue = 2300,
  kServiceRevenue = 4000,
  kUsageRevenue = 4100,
  kLateFees = 4200,
  kAdjustments = 4900,
  kBadDebt = 5900,
  kRecoveries = 5910,
  kPaymentFees = 5950,
  kExchangeDifference = 7900
};
// "Receivables" for 1100, … Empty for a number that is not in the chart.
std::string_view ledger_name(Ledger ledger);
bool known_ledger(std::uint16_t number);
// True for the codes that a line may name as its revenue: 4000, 4100, 4200, 4900.
bool is_revenue(std::uint16_t number);

// One side of a balanced entry, in minor units of the event's currency: positive debits, negative credits. Postings on
// 1100 and 2100 name the account (as service account) and the item (invoice, payment or credit note).
struct Posting {
  Ledger ledger = Ledger::kCash;
  std::int64_t amount = 0;
  std::optional<AccountId> account;
  std::optional<Uuid> item;
  Currency currency{};  // not valid(): the event's; another one only where a payment was settled in it
  friend bool operator==(const Posting&, const Posting&) = default;
};

struct Period {
  Date from;
  Date to;  // exclusive
  friend bool operator==(const Period&, const Period&) = default;
};

struct Tax {
  std::string authority;
  std::string code;
  Decimal rate;  // a fraction: 0.20 is 20 %
  std::int64_t basis = 0;
  std::int64_t amount = 0;
  std::string exempt_reason;
  bool computed = false;  // by us, on the sum of the document's lines per authority, code and rate (tax.h)
  friend bool operator==(const Tax&, const Tax&) = default;
};

// A line of an invoice or credit note. Amounts in minor units of the document's currency.
struct Line {
  AccountId service_account;
  std::string description;
  std::string product_code;
  std::uint16_t revenue_code = 4000;
  Decimal quantity;
  Decimal unit_price;
  std::int64_t net = 0;  // quantity x unit price, rounded once, less the discount; or as given
  std::optional<Period> service_period;
  std::vector<Tax> taxes;
  std::optional<std::uint32_t> credited_line;  // on a credit note: index of the invoice's line that it reduces
  std::int64_t discount = 0;                   // taken off before tax: has the line's sign; net is what is left
  std::optional<InvoiceId> late_fee_for{};     // on a late fee: the invoice that is overdue
  friend bool operator==(const Line&, const Line&) = default;
};
// Sum of the line's tax amounts. Overflow was checked when the line was accepted.
std::int64_t tax_of(const Line& line);

// A share of a sum that belongs to one service account.
struct Share {
  AccountId account;
  std::int64_t amount = 0;
  friend bool operator==(const Share&, const Share&) = default;
};

// A share of a sum that was booked on one revenue (or deferred revenue) ledger.
struct RevenueShare {
  Ledger ledger = Ledger::kServiceRevenue;
  std::int64_t amount = 0;
  friend bool operator==(const RevenueShare&, const RevenueShare&) = default;
};

// Credit used to reduce what `account` has open on `invoice`.
struct Allocation {
  InvoiceId invoice;
  AccountId account;  // the service account whose share is reduced
  std::int64_t amount = 0;
  friend bool operator==(const Allocation&, const Allocation&) = default;
};

// An allocation, and the day on which it counts: the latest of the day that is asked for and those since which both
// sides have been there.
struct Pairing {
  Allocation allocation;
  Date posting_date;
};

// Where unapplied credit came from.
enum class CreditSource : std::uint8_t { kPayment = 1, kCreditNote = 2 };

// A part of the unapplied credit that `account` holds.
struct CreditPart {
  AccountId account;
  CreditSource source = CreditSource::kPayment;
  Uuid source_id;
  std::int64_t amount = 0;
  friend bool operator==(const CreditPart&, const CreditPart&) = default;
};

// What moved at the bank where that was another currency than the customer's (domain.md, Money).
struct Settlement {
  std::int64_t amount = 0;  // minor units of `currency`
  Currency currency;
  Decimal rate;        // settled main units for one main unit of the customer's currency, as the source gave it
  std::string source;  // who says so
  friend bool operator==(const Settlement&, const Settlement&) = default;
};

// What a refund, chargeback, return or reversal takes back of a payment.
struct Takeback {
  std::int64_t amount = 0;           // = credits + reopened
  std::vector<CreditPart> credits;   // unapplied credit that goes
  std::vector<Allocation> reopened;  // what becomes open again on invoices
  std::optional<Settlement> settled;  // the share of the payment's own settlement, at its own rate
  friend bool operator==(const Takeback&, const Takeback&) = default;
};

}  // namespace billing
