// What accounts have beside invoices and payments, as the views answer it: what they owe, credit, deposits, plans, payment
// methods; and the operator's queue and accounting periods. Amounts are minor units of the `currency` beside them.
#pragma once


#include "projections/model.h"

namespace billing::views {

// After how many days overdue each stage begins, and from which stage on billing stops. A setting.
struct OverdueSteps {
  std::vector<std::int32_t> days{30, 40, 50};  // ascending
  int flag_from = 2;
};
struct OverdueStage {
  std::int32_t days = 0;  // after the earliest unpaid, undisputed due date; 0 while it is not over
  int stage = 0;          // 0 is clear
  bool billing_flag = false;
  friend bool operator==(const OverdueStage&, const OverdueStage&) = default;
};
struct PayerStage {
  AccountId account{};
  OverdueStage stage{};
};
// What accounts owe as payers at the end of `date`, whoever the charges are for.
struct Owed {
  Date date{};
  Currency currency{};
  std::int64_t open = 0;
  std::int64_t disputed = 0;  // part of open
  std::int64_t overdue = 0;    // part of open whose due date is before `date`, but for:
  std::int64_t suspended = 0;  // what plans that are on track suspend
  std::int64_t covered = 0;    // what free credit of the same payer covers
  std::optional<Date> earliest_due{};   // the first due day of what is not disputed, suspended or covered
  std::optional<OverdueStage> stage{};  // of one account; several together have none
  std::optional<PayerStage> payer{};    // of one account whose charges another one pays
  OverdueSteps steps{};                 // those in force
};

// How an account's charges are invoiced.
struct RolePeriod {
  Date from{};  // the account's opening for the first one
  account::InvoicingRole role = account::InvoicingRole::kRolledUp;
};
// Where an account is reached by post: personal data, "erased" with its person.
struct Address {
  PersonId person{};
  account::Personal personal{};
  std::uint64_t version = 0;  // of the account's stream; issued invoices name it
};
struct Freeze {
  std::string check{};  // which one failed
  std::string detail{};
  Instant since{};
};
// How an account stands at a date beside its figures.
struct Standing {
  std::vector<RolePeriod> roles{};  // by day
  account::InvoicingRole role = account::InvoicingRole::kRolledUp;  // at the date; a root always pays
  std::optional<RolePeriod> next_role{};
  AccountId invoiced_by{};  // whose invoices carry its charges
  AccountId paid_by{};      // who pays those
  std::optional<Freeze> frozen{};
  std::optional<Address> address{};
};

// Unapplied credit that an account holds from one source.
struct HeldCredit {
  AccountId account{};
  CreditSource source = CreditSource::kPayment;
  Uuid source_id{};  // of a PaymentId or CreditNoteId
  Date date{};       // of the source: received_on or document date
  std::int64_t amount = 0;
  bool held = false;  // kept from being applied by itself
  Currency currency{};
};

struct Deposit {
  DepositId id{};
  CustomerId customer{};
  AccountId account{};
  AccountNames names{};
  std::int64_t amount = 0;
  std::int64_t left = 0;
  std::int64_t used = 0;      // on invoices
  std::int64_t returned = 0;  // to the payer
  Currency currency{};
  payment::Method method = payment::Method::kWire;
  std::string reference{};
  Date received_on{};
  Date posting_date{};
  std::uint64_t version = 0;
  Position position = 0;
};
struct DepositDetail {
  Deposit deposit{};
  std::vector<UsedCredit> used{};
};

using PlanStatus = plan::Status;
// "on_track", "kept", "broken", "cancelled".
std::string_view plan_status_text(PlanStatus status);
struct PlanInstalment {
  Date due{};
  std::int64_t amount = 0;
  std::int64_t paid = 0;  // what was paid goes to the earliest first
};
struct Plan {
  PlanId id{};
  CustomerId customer{};
  AccountId account{};
  plan::Kind kind = plan::Kind::kInstalments;
  PlanStatus status = PlanStatus::kOnTrack;
  std::int64_t amount = 0;
  std::int64_t paid = 0;    // on what it is for, since it was agreed and up to the date; at most amount
  std::int64_t behind = 0;  // due before the date and not paid
  Currency currency{};
  std::vector<PlanInstalment> instalments{};
  std::vector<InvoiceId> invoices{};
  std::string note{};
  Date agreed_on{};
  std::optional<Date> cancelled_on{};
  std::string reason{};  // of the cancelling
  std::uint64_t version = 0;
};

struct PaymentMethod {
  MethodId id{};
  CustomerId customer{};
  AccountId account{};
  payment::Method kind = payment::Method::kCard;
  std::string token{};
  std::string brand{};
  std::string last_four{};
  std::optional<std::int32_t> expires{};  // month_index
  bool removed = false;
  std::uint64_t version = 0;
};
// The next draft is worked out at the read: none while nothing is owed.
struct Autopay {
  MethodId method{};
  int days_before_due = 0;
  std::optional<std::int64_t> at_most{};
  Currency currency{};
  std::optional<Date> next_draft{};
  std::optional<Date> next_due{};
  std::int64_t next_amount = 0;  // undisputed, of that due day and before, as far as at_most
};
struct PaymentMethods {
  std::vector<PaymentMethod> methods{};  // on file, oldest first
  std::optional<Autopay> autopay{};
};

// Something that was reported and could not be booked.
struct Unbooked {
  UnbookedId id{};
  CustomerId customer{};  // kOperator while it is nobody's
  unbooked::Kind kind = unbooked::Kind::kReceipt;
  std::string reason{};
  std::string detail{};
  std::string reported_object{};
  std::int64_t amount = 0;
  Currency currency{};
  payment::Method method = payment::Method::kWire;
  std::string reference{};
  std::optional<Settlement> settled{};
  Date on{};
  Instant queued{};
  std::optional<Instant> resolved{};
  std::string how{};
  std::uint64_t version = 0;
};
// For alarms.
struct UnbookedBacklog {
  std::uint64_t open = 0;
  std::optional<Instant> oldest{};
};

// An accounting period that is no longer simply open.
struct AccountingPeriod {
  std::int32_t month = 0;  // month_index
  bool closed = false;     // else closing
  Instant closing_since{};
  std::optional<Instant> closed_at{};
  std::uint64_t released_lines = 0;  // by slices of ReleaseRevenue so far
};

}  // namespace billing::views
