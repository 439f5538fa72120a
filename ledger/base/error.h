// Errors are values: every refusal of the product has a code of its own, in the one table below.
//
// A refusal travels as `Error` inside `Result<T>` from the rule that made it to the edge that renders it, unchanged.
// The kind of a code decides its HTTP status (gateway/api/problem.cc) and nothing else does.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace billing {

// What a caller can do about an error.
enum class ErrorKind : std::uint8_t {
  kSyntax,           // the bytes are not in the format: mend the request's form
  kInvalid,          // well-formed, but no such command can be: mend the request's content
  kUnauthenticated,  // no or bad credentials
  kForbidden,        // known, but not allowed
  kNotFound,         // no such object for this caller
  kConflict,         // well-formed and possible in another state: read the object again
  kPrecondition,     // If-Match named another version
  kTooLarge,         // over a size limit
  kRateLimited,      // wait, then try again
  kUnavailable,      // the service cannot do it now: try again
  kTimeout,          // the deadline passed: the outcome may be unknown, ask again with the same key
  kInternal          // a defect or a broken store
};

// X(enumerator, "public-code", kind, "title in plain words"). Codes are part of the API and never change their meaning.
#define BILLING_ERROR_CODES(X)                                                                                      \
  /* form of a request */                                                                                           \
  X(kMalformedBody, "malformed-body", kSyntax, "The body is not well-formed JSON")                                  \
  X(kMalformedRequest, "malformed-request", kSyntax, "The request is not well-formed")                              \
  X(kBodyCutShort, "body-cut-short", kSyntax, "The body ended in the middle of a line")                             \
  X(kDuplicateKey, "duplicate-key", kInvalid, "An object of the body has the same key twice")                       \
  X(kTooDeep, "too-deep", kSyntax, "The body is nested too deeply")                                                 \
  X(kLineTooLong, "line-too-long", kTooLarge, "A line or body is longer than the limit")                            \
  X(kBodyTooLarge, "body-too-large", kTooLarge, "The body is larger than the limit")                                \
  X(kHeadTooLarge, "head-too-large", kTooLarge, "The request line and headers are larger than the limit")            \
  X(kRequestTooSlow, "request-too-slow", kTimeout, "The request did not arrive in time")                             \
  X(kMissingField, "missing-field", kInvalid, "A required field is missing")                                        \
  X(kUnknownField, "unknown-field", kInvalid, "The body has a field that this command does not know")               \
  X(kWrongType, "wrong-type", kInvalid, "A field has the wrong type")                                               \
  X(kUnknownCommand, "unknown-command", kInvalid, "There is no such command")                                       \
  X(kMissingIdempotencyKey, "missing-idempotency-key", kInvalid, "The Idempotency-Key header is required")          \
  X(kKeyReused, "idempotency-key-reused", kInvalid, "This key was used before with another body")                   \
  X(kInvalidCursor, "invalid-cursor", kInvalid, "The cursor is not one that this service gave")                     \
  X(kInvalidParameter, "invalid-parameter", kInvalid, "A query parameter has a value that is not allowed")          \
  /* values */                                                                                                      \
  X(kInvalidAmount, "invalid-amount", kInvalid, "The amount is not a decimal number in the main unit")              \
  X(kTooManyDecimals, "too-many-decimals", kInvalid, "The amount has more decimals than its currency")              \
  X(kOverflow, "overflow", kInvalid, "A sum would not fit the range of amounts")                                    \
  X(kUnknownCurrency, "unknown-currency", kInvalid, "The currency is not an ISO 4217 code")                         \
  X(kCurrencyWithoutMinorUnit, "currency-without-minor-unit", kInvalid, "The currency has no minor unit")           \
  X(kCurrencyMismatch, "currency-mismatch", kInvalid, "The currency is not the customer's")                         \
  X(kInvalidDate, "invalid-date", kInvalid, "The date is not a calendar day written as YYYY-MM-DD")                 \
  X(kInvalidId, "invalid-id", kInvalid, "The id is not of the expected form")                                       \
  X(kInvalidText, "invalid-text", kInvalid, "A text is empty, too long or has characters that are not allowed")     \
  X(kAmountNotPositive, "amount-not-positive", kInvalid, "The amount must be more than zero")                       \
  X(kTooManyItems, "too-many-items", kInvalid, "The command touches more objects than one decision may")            \
  X(kSumMismatch, "sum-mismatch", kInvalid, "Amounts that must add up do not")                                      \
  /* identity */                                                                                                    \
  X(kUnauthenticated, "unauthenticated", kUnauthenticated, "A valid bearer key is required")                        \
  X(kForbidden, "forbidden", kForbidden, "This key may not do that")                                                \
  /* objects */                                                                                                     \
  X(kNoSuchRoute, "no-such-route", kNotFound, "There is no such resource")                                          \
  X(kMethodNotAllowed, "method-not-allowed", kNotFound, "The resource does not take this method")                   \
  X(kUnknownCustomer, "unknown-customer", kNotFound, "There is no such customer")                                   \
  X(kUnknownAccount, "unknown-account", kNotFound, "There is no such account")                                      \
  X(kUnknownInvoice, "unknown-invoice", kNotFound, "There is no such invoice")                                      \
  X(kUnknownCreditNote, "unknown-credit-note", kNotFound, "There is no such credit note")                           \
  X(kUnknownPayment, "unknown-payment", kNotFound, "There is no such payment")                                      \
  X(kUnknownDispute, "unknown-dispute", kNotFound, "There is no such dispute")                                      \
  X(kUnknownGrouping, "unknown-grouping", kNotFound, "There is no such grouping")                                   \
  X(kUnknownGroup, "unknown-group", kNotFound, "There is no such group in this grouping")                           \
  X(kUnknownUser, "unknown-user", kNotFound, "There is no such user")                                               \
  X(kUnknownLine, "unknown-line", kInvalid, "The document has no such line")                                        \
  X(kAlreadyExists, "already-exists", kConflict, "An object with this id exists already")                           \
  X(kVersionMismatch, "version-mismatch", kPrecondition, "The object has changed since it was read")                \
  /* customer, account, hierarchy */                                                                                \
  X(kAccountNumberTaken, "account-number-taken", kConflict, "Another account has this number")                      \
  X(kAccountClosed, "account-closed", kConflict, "The account is closed")                                           \
  X(kAccountHasBalance, "account-has-balance", kConflict, "The account has open items or credit left")              \
  X(kAccountHasChildren, "account-has-children", kConflict, "The account has child accounts that are open")         \
  X(kAccountFrozen, "account-frozen", kConflict, "The account is frozen after a failed check")                      \
  X(kBeforeOpening, "before-opening", kInvalid, "The date is before the account was opened")                        \
  X(kHierarchyCycle, "hierarchy-cycle", kConflict, "The account would become its own ancestor")                     \
  X(kHierarchyTooDeep, "hierarchy-too-deep", kConflict, "The hierarchy would be deeper than 16 levels")             \
  X(kOtherCustomer, "other-customer", kInvalid, "The accounts belong to different customers")                       \
  X(kNothingChanges, "nothing-changes", kConflict, "The object is already so")                                      \
  /* documents */                                                                                                   \
  X(kNoLines, "no-lines", kInvalid, "The document has no lines")                                                    \
  X(kTooManyLines, "too-many-lines", kInvalid, "The document has more lines than are allowed")                      \
  X(kNegativeTotal, "negative-total", kInvalid, "An invoice's total may not be negative: use a credit note")        \
  X(kExternalIdTaken, "external-id-taken", kConflict, "Another object of this kind has the external id")            \
  X(kNumberTaken, "number-taken", kConflict, "Another document of this series has the number")                      \
  X(kNotADraft, "not-a-draft", kConflict, "The invoice is issued and cannot change")                                \
  X(kNotIssued, "not-issued", kConflict, "The invoice is still a draft")                                            \
  X(kCreditExceedsLine, "credit-exceeds-line", kConflict, "The credit is more than is left of the line")            \
  X(kPostingInFuture, "posting-in-future", kInvalid, "The posting date is after today")                             \
  X(kInvalidDueDate, "invalid-due-date", kInvalid, "The due date is before the document date")                      \
  X(kInvalidPeriod, "invalid-period", kInvalid, "The service period ends before it begins")                         \
  /* payments and credit */                                                                                         \
  X(kAllocationExceedsOpen, "allocation-exceeds-open", kConflict, "An allocation is more than the invoice has open") \
  X(kAllocationsExceedAmount, "allocations-exceed-amount", kInvalid, "The allocations are more than the amount")     \
  X(kDuplicateAllocation, "duplicate-allocation", kInvalid, "An invoice is named twice in the allocations")         \
  X(kInvoiceOfOtherPayer, "invoice-of-other-payer", kInvalid, "The invoice belongs to another customer")            \
  X(kUnknownMethod, "unknown-method", kInvalid, "There is no such payment method")                                  \
  X(kInvoiceVoid, "invoice-void", kConflict, "The invoice is void")                                                 \
  X(kInvoicePaid, "invoice-paid", kConflict, "Payments or credit were used on the invoice: refund or reverse them first") \
  X(kNotInvoiceOwner, "not-invoice-owner", kConflict, "The account has no invoices of its own on this day")         \
  X(kOtherInvoiceOwner, "other-invoice-owner", kConflict, "The charges of this account belong on another invoice")  \
  X(kWriteOffExceedsOpen, "write-off-exceeds-open", kConflict, "The write-off is more than the invoice has open")   \
  X(kRecoveryExceedsWriteOff, "recovery-exceeds-write-off", kConflict, "The recovery is more than was written off") \
  X(kNothingOverdue, "nothing-overdue", kConflict, "No invoice is overdue that a late fee could be charged for")    \
  X(kInvalidTransition, "invalid-transition", kConflict, "The object cannot go from its state to this one")         \
  X(kMoneyReserved, "money-reserved", kConflict, "A payment whose outcome is not known yet is to pay this money")   \
  X(kPaymentNotSucceeded, "payment-not-succeeded", kConflict, "The payment has not succeeded")                      \
  X(kPaymentReversed, "payment-reversed", kConflict, "The payment was reversed")                                    \
  X(kAlreadyPaidOut, "already-paid-out", kConflict, "The provider has paid this payment out before")                \
  X(kFeeExceedsAmount, "fee-exceeds-amount", kInvalid, "The fee is more than the amount")                           \
  X(kExceedsCaptured, "exceeds-captured", kConflict, "Refunds, chargebacks and returns would be more than was captured") \
  X(kUnknownRefund, "unknown-refund", kNotFound, "The payment has no such refund")                                  \
  X(kUnknownChargeback, "unknown-chargeback", kNotFound, "The payment has no such chargeback")                      \
  X(kUnknownCredit, "unknown-credit", kNotFound, "The account holds no such credit")                                \
  X(kCreditExceeded, "credit-exceeded", kConflict, "The account holds less unapplied credit")                       \
  X(kUnknownDeposit, "unknown-deposit", kNotFound, "There is no such deposit")                                      \
  X(kDepositExceeded, "deposit-exceeded", kConflict, "Less is left of the deposit")                                 \
  X(kUnknownPlan, "unknown-plan", kNotFound, "There is no such plan")                                               \
  X(kUnknownPaymentMethod, "unknown-payment-method", kNotFound, "There is no such payment method on file")          \
  X(kMethodInUse, "method-in-use", kConflict, "Autopay uses this payment method")                                   \
  X(kCardNumber, "card-number", kInvalid, "Card numbers are not taken: give the provider's token")                  \
  X(kUnknownUnbooked, "unknown-unbooked", kNotFound, "There is no such entry in the queue")                         \
  X(kAlreadyResolved, "already-resolved", kConflict, "The entry of the queue was resolved before")                  \
  X(kSettlementMismatch, "settlement-mismatch", kInvalid, "The settled amount is not the amount at the given rate") \
  X(kNotExchanged, "not-exchanged", kConflict, "The payment was not settled in another currency")                   \
  X(kLossExceedsClearing, "loss-exceeds-clearing", kConflict, "The loss is more than currency clearing holds of the payment") \
  X(kExchangeDifferenceStands, "exchange-difference-stands", kConflict, "An exchange difference of the payment stands") \
  /* periods and checks */                                                                                          \
  X(kPeriodClosed, "period-closed", kConflict, "The period is closed, and no later one has begun yet")              \
  X(kPeriodNotNext, "period-not-next", kConflict, "Periods close one after the other, once they are over")          \
  X(kPeriodNotClosing, "period-not-closing", kConflict, "The close of this period has not begun")                   \
  X(kRevenueUnreleased, "revenue-unreleased", kConflict, "Deferred revenue of the period is not released yet")      \
  X(kFourEyes, "four-eyes", kInvalid, "Two different people have to approve")                                       \
  X(kCheckFailed, "check-failed", kInternal, "A check of the books failed; the account is frozen")                  \
  /* disputes */                                                                                                    \
  X(kDisputeClosed, "dispute-closed", kConflict, "The dispute is closed")                                           \
  X(kDisputeExceedsOpen, "dispute-exceeds-open", kConflict, "The disputed amount is more than the invoice has open") \
  X(kDisputeTooLate, "dispute-too-late", kConflict, "A dispute can be raised up to 180 days after the invoice")     \
  X(kAlreadyDisputed, "already-disputed", kConflict, "The invoice has an open dispute")                             \
  /* groups and users */                                                                                            \
  X(kGroupCycle, "group-cycle", kConflict, "The group would contain itself")                                        \
  X(kGroupTooDeep, "group-too-deep", kConflict, "Groups may be nested 8 levels deep")                               \
  X(kNameTaken, "name-taken", kConflict, "The name is used already")                                                \
  X(kNotAMember, "not-a-member", kConflict, "The account is not a member of the group")                             \
  X(kAlreadyMember, "already-member", kConflict, "The account is a member of the group already")                    \
  X(kEmailTaken, "email-taken", kConflict, "A user with this e-mail address exists already")                        \
  X(kUnknownRole, "unknown-role", kInvalid, "There is no such role")                                                \
  X(kUserSuspended, "user-suspended", kConflict, "The user is suspended")                                           \
  /* the service */                                                                                                 \
  X(kQueueFull, "queue-full", kUnavailable, "Too many commands are waiting")                                        \
  X(kViewsBehind, "views-behind", kUnavailable, "A required view is too far behind")                                \
  X(kHistoryForked, "history-forked", kUnavailable, "The topic has another history than the store, or another writer")   \
  X(kClockWrong, "clock-wrong", kUnavailable, "The service's clock is far from the time of the last event")           \
  X(kDeadlineExceeded, "deadline-exceeded", kTimeout, "The deadline passed before the command was decided")         \
  X(kPositionNotReached, "position-not-reached", kTimeout, "The view has not reached the position that was asked for") \
  X(kPastNotReady, "past-not-ready", kUnavailable, "The answer as of this position is being prepared: ask again")   \
  X(kPastTooFar, "past-too-far", kInvalid, "Too many events lie between this position and what is kept of the views") \
  X(kTooManyReads, "too-many-reads", kUnavailable, "Too many reads or reports are waiting")                          \
  X(kReadTooLong, "read-too-long", kTimeout, "The read took longer than it may: ask for less")                     \
  X(kOutcomeUnknown, "outcome-unknown", kUnavailable, "The write failed: ask again with the same key")              \
  X(kReadOnly, "read-only", kUnavailable, "The store is read-only until it is reopened")                            \
  X(kStorageFull, "storage-full", kUnavailable, "The disk is nearly full")                                          \
  X(kShuttingDown, "shutting-down", kUnavailable, "The service is stopping")                                        \
  X(kTooManyConnections, "too-many-connections", kUnavailable, "Too many connections are open")                      \
  X(kServerBusy, "server-busy", kUnavailable, "Too many bytes are being received or sent")                          \
  X(kNotAnswered, "not-answered", kTimeout, "The request was not answered in time and its outcome may be unknown")    \
  X(kTooManyRequests, "too-many-requests", kRateLimited, "Too many requests")                                       \
  X(kStorageFailure, "storage-failure", kInternal, "The store could not be read or written")                        \
  X(kCorruptRecord, "corrupt-record", kInternal, "A stored record cannot be read or its hash differs")              \
  X(kConfiguration, "configuration", kInvalid, "The configuration is not valid")                                    \
  X(kInternal, "internal", kInternal, "Something that must not happen has happened")                                \
  X(kStarting, "starting", kUnavailable, "The service is starting")

enum class Code : std::uint16_t {
#define X(name, text, kind, title) name,
  BILLING_ERROR_CODES(X)
#undef X
};

// The code as it stands in a problem's `code`, e.g. "account-closed".
std::string_view code_text(Code code);
// The code's title in plain words, for a problem's `title`.
std::string_view code_title(Code code);
ErrorKind code_kind(Code code);

// One refusal. `detail` says in plain words what was wrong with this request and what to do; it holds no secret and
// no personal data. `pointer` is a JSON pointer (RFC 6901) into the request's body, empty where none applies.
struct Error {
  Code code = Code::kInternal;
  std::string detail;
  std::string pointer;
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = std::expected<T, Error>;

// `return refuse(Code::kAccountClosed, "…");` in any function that returns a Result.
inline std::unexpected<Error> refuse(Code code, std::string detail = {}, std::string pointer = {}) {
  return std::unexpected(Error{code, std::move(detail), std::move(pointer)});
}

}  // namespace billing

// Evaluates `expr` (a Result<T>); returns its error from this function, or defines `var` with its value.
#define BILLING_CONCAT_(a, b) a##b
#define BILLING_CONCAT(a, b) BILLING_CONCAT_(a, b)
#define BILLING_TRY(var, expr) BILLING_TRY_(BILLING_CONCAT(billing_result_, __LINE__), var, expr)
#define BILLING_TRY_(tmp, var, expr)                                   \
  auto tmp = (expr);                                                   \
  if (!tmp.has_value()) return std::unexpected(std::move(tmp.error())); \
  auto var = std::move(*tmp)
// The same for a Result<void> or where the value is not wanted.
#define BILLING_CHECK(expr)                                                    \
  do {                                                                         \
    if (auto billing_checked = (expr); !billing_checked.has_value())           \
      return std::unexpected(std::move(billing_checked.error()));              \
  } while (false)
