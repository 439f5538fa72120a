// The read side: what customers, staff and reports ask. Every answer of one Reader speaks of the same position.
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"
#include "ledger/store/tables.h"
#include "projections/list_query.h"
#include "projections/model_reports.h"

namespace billing::views {

// All questions, on one snapshot of the rows. Any thread; a Reader is meant for one request. Besides the errors named
// below every function may answer kStorageFailure, lists kInvalidCursor and kInvalidParameter (limit).
// Personal data and the lines of documents are read from the log's records when they are asked for.
class Reader {
 public:
  Reader(std::unique_ptr<const store::Snapshot> rows, const store::Log& log, const codec::PersonKeys* keys,
         OverdueSteps steps = {});
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // All events up to here are in the answers.
  Position position() const { return position_; }
  const OverdueSteps& steps() const { return steps_; }
  // The rows themselves, for checks.
  const store::Snapshot& rows() const { return *rows_; }

  // Customers. List by id, which is by age. Errors: kUnknownCustomer.
  Result<Customer> customer(CustomerId id) const;
  Result<Page<Customer>> customers(const PageRequest& page) const;
  Result<Page<Customer>> customers_by_external_id(std::string_view external_id, const PageRequest& page) const;

  // Accounts: figures, parent and children at the end of posting day `date`, the rest as of now. Lists by number (all
  // that there are now); children and roots by id, those of `date`. Errors: kUnknownAccount, kUnknownCustomer.
  Result<Account> account(AccountId id, Date date = kNow) const;
  Result<Account> account_by_number(CustomerId customer, std::string_view number, Date date = kNow) const;
  Result<Page<Account>> accounts(CustomerId customer, const PageRequest& page, Date date = kNow) const;
  Result<Page<Account>> children(AccountId parent, const PageRequest& page, Date date = kNow) const;
  Result<Page<Account>> roots(CustomerId customer, const PageRequest& page, Date date = kNow) const;
  // At the end of `date`, nearest first, without itself.
  Result<std::vector<AccountId>> ancestors(AccountId id, Date date = kNow) const;
  // What people call it; the name on the day of the event at `position`. Without a position both are the name of now.
  Result<AccountNames> names(AccountId id, std::optional<Position> position = {}) const;
  Result<std::vector<Contact>> contacts(AccountId id) const;
  // Roles, address, whether it is frozen; roles and who invoices and pays as of `date`.
  Result<Standing> standing(AccountId id, Date date) const;
  Result<bool> frozen(AccountId id) const;
  // What the accounts of a scope owe as payers at the end of `date`; of one account with its stage of being overdue, and that
  // of the account that pays for it.
  Result<Owed> owed(const Scope& scope, Date date) const;
  // The unapplied credit that an account holds now, oldest first.
  Result<Page<HeldCredit>> credits(AccountId id, const PageRequest& page) const;
  // Payment methods on file, and the next draft of autopay as of `date`. A method by itself also when it was removed.
  Result<PaymentMethods> methods(AccountId id, Date date) const;
  Result<PaymentMethod> method(MethodId id) const;
  // By the day that they were received, or by `sort`. Errors: kUnknownDeposit.
  Result<Page<Deposit>> deposits(const ListQuery& query) const;
  Result<ListSums> deposit_sums(const ListQuery& query) const;
  Result<DepositDetail> deposit(DepositId id) const;
  // Promises to pay and instalment plans of an account that were agreed by `date`, newest first, as they stand then.
  // Errors: kUnknownPlan.
  Result<Page<Plan>> plans(AccountId id, Date date, const PageRequest& page) const;
  Result<Plan> plan(PlanId id, Date date) const;

  // The accounts of a scope at the end of `date`, sorted by id, each once: subtrees at the hierarchy of that day, groups
  // at its membership (nested as they are now), a customer with all accounts that there are now. An account is below
  // another from its opening on; what is posted earlier is its own and the customer's. Errors: kUnknownCustomer, kUnknownAccount, kUnknownGrouping, kUnknownGroup.
  Result<std::vector<AccountId>> accounts_of(const Scope& scope, Date date) const;
  // The customer that a scope belongs to; for the tenant check. Same errors.
  Result<CustomerId> customer_of(const Scope& scope) const;
  // What the accounts of accounts_of(scope, date) had at the end of posting day `date`, with all that is recorded up to
  // position(). Of an account, subtree or customer without walking it; of a group over its members.
  Result<Sums> sums(const Scope& scope, Date date) const;
  Result<Totals> totals(const Scope& scope, Date date) const;
  // These, ageing and the next due date.
  Result<Summary> summary(const Scope& scope, Date date) const;

  // What is open at the end of posting day `date`. The invoices of a group of several members are counted by walking
  // their open items.
  Result<Ageing> ageing(const Scope& scope, Date date) const;
  // The items behind it, by account and invoice (the whole scope must be one customer's, as all are).
  Result<Page<OpenItem>> open_items(const Scope& scope, Date date, const PageRequest& page) const;

  // Invoices that an account of the scope owns, pays or has a share of, by document date or by `sort`. A status is one of
  // status_text() or "disputed"; "open" takes everything issued that has something open, the others exactly themselves.
  Result<Page<Invoice>> invoices(const ListQuery& query) const;
  Result<ListSums> invoice_sums(const ListQuery& query) const;
  // Errors: kUnknownInvoice.
  Result<InvoiceDetail> invoice(InvoiceId id, Date today) const;
  // Without lines, shares and credits. Errors: kUnknownInvoice.
  Result<Invoice> invoice_head(InvoiceId id, Date today) const;
  // All of the customer with this number (imported series may repeat one), by id. Empty when there is none.
  Result<std::vector<Invoice>> invoices_by_number(CustomerId customer, std::string_view number, Date today,
                                                  std::optional<Date> as_of = {}) const;
  // Errors: kUnknownDispute.
  Result<Dispute> dispute(DisputeId id) const;
  // Of the customer, newest first; with `as_of` those that were opened by then, as they stood.
  Result<Page<Dispute>> disputes(CustomerId customer, const PageRequest& page, std::optional<Date> as_of = {}) const;

  // By document date (received_on) or by `sort`. Errors: kUnknownCreditNote, kUnknownPayment.
  Result<Page<CreditNote>> credit_notes(const ListQuery& query) const;
  Result<ListSums> credit_note_sums(const ListQuery& query) const;
  Result<CreditNoteDetail> credit_note(CreditNoteId id) const;
  Result<Page<Payment>> payments(const ListQuery& query) const;
  Result<ListSums> payment_sums(const ListQuery& query) const;
  Result<PaymentDetail> payment(PaymentId id) const;

  // Newest first; of a customer or of accounts that an event is about, recorded within a time.
  Result<Page<Activity>> activity(const Scope& scope, Date today, const PageRequest& page,
                                  const RecordedWithin& recorded = {}) const;

  // Groupings of a customer by id; groups with their members. Errors: kUnknownGrouping, kUnknownGroup.
  Result<Page<Grouping>> groupings(CustomerId customer, const PageRequest& page) const;
  Result<GroupingDetail> grouping(GroupingId id) const;

  // Users of a customer by id. Errors: kUnknownUser.
  Result<Page<User>> users(CustomerId customer, const PageRequest& page) const;
  Result<User> user(UserId id) const;

  // The operator's queue of what could not be booked, oldest first: what is open, or all; of everybody, or of one customer.
  // Errors: kUnknownUnbooked.
  Result<Page<Unbooked>> unbooked(bool all, const PageRequest& page, std::optional<CustomerId> customer = {}) const;
  Result<Unbooked> unbooked(UnbookedId id) const;
  Result<UnbookedBacklog> unbooked_backlog() const;
  // The accounting periods that are closing or closed, oldest first.
  Result<std::vector<AccountingPeriod>> periods() const;

  // Months from `first` to `last` (month_index, both included, at most 240 of them), one row each, zeros too. Errors:
  // kInvalidParameter.
  Result<std::vector<Month>> months(const Scope& scope, std::int32_t first, std::int32_t last, Date today) const;

  // A statement of the days from `from` to `to`, both included, and lines of it (a part of its entries).
  Result<Statement> statement(const Scope& scope, Date from, Date to) const;
  Result<std::vector<StatementLine>> statement_lines(std::span<const StatementEntry> entries) const;
  // Taxes by posting date, both days included.
  Result<TaxSummary> tax_summary(const Scope& scope, Date from, Date to) const;
  // Revenue by months of posting, both included.
  Result<RevenueReport> revenue(const Scope& scope, std::int32_t from, std::int32_t to) const;
  // The unapplied credit that accounts of a scope hold now, by account, each oldest first.
  Result<Page<HeldCredit>> credit_balances(const Scope& scope, Date date, const PageRequest& page) const;

  // Per currency, what was posted up to and including `date`. One per currency that has postings.
  Result<std::vector<TrialBalance>> trial_balance(Date date) const;
  // Per currency and month of the posting date.
  Result<std::vector<TrialBalance>> trial_balance_by_month() const;
  // Sums all rows of all customers: seconds on a large store.
  Result<std::vector<Control>> check_control() const;

 private:
  std::unique_ptr<const store::Snapshot> rows_;
  const store::Log& log_;
  const codec::PersonKeys* keys_;
  const OverdueSteps steps_;
  Position position_ = 0;
};

// A source of Readers over the tables that a Projector writes. `log`, `keys` and `tables` must outlive it.
class Views {
 public:
  Views(const store::Log& log, const codec::PersonKeys* keys, const store::Tables& tables, OverdueSteps steps = {});
  ~Views();
  // A reader of what is there now. Any thread.
  std::unique_ptr<Reader> read() const;
  // A reader that has `min` in its answers; waits up to `at_most`. Error: kPositionNotReached.
  Result<std::unique_ptr<Reader>> wait_for(Position min, std::chrono::milliseconds at_most) const;

  // The projector says how far the rows are. Projector's thread.
  void advanced(Position position);
  Position position() const;
  const OverdueSteps& steps() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::views
