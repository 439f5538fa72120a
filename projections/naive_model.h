// The naive model of the read side: it keeps nothing but the list of events and folds the whole of it for every question.
// It shares no code with the views beside the answers' structs: what is open follows from the postings on 1100, what is
// unapplied from those on 2100, all else from what the events say, as docs/domain.md has it. Slow, short, and right.
//
// Lists are whole: pages are for the views.
#pragma once

#include <map>
#include <set>
#include <span>
#include <vector>

#include "ledger/codec/envelope.h"
#include "projections/list_query.h"
#include "projections/model_reports.h"

namespace billing::views::naive {

using Accounts = std::set<AccountId>;

class Model {
 public:
  // `events`: those of the log up to the asked position. They must outlive the model.
  explicit Model(std::span<const codec::Envelope> events) : events_(events) {}

  // Customers, accounts, people, groups: naive_accounts.cc.
  Result<Customer> customer(CustomerId id) const;
  std::vector<Customer> customers(std::optional<std::string> external_id = {}) const;
  Result<Account> account(AccountId id, Date date) const;
  Result<Account> account_by_number(CustomerId customer, const std::string& number, Date date) const;
  Result<std::vector<Account>> accounts(CustomerId customer, Date date) const;
  Result<std::vector<Account>> children(AccountId parent, Date date) const;
  Result<std::vector<Account>> roots(CustomerId customer, Date date) const;
  Result<std::vector<AccountId>> ancestors(AccountId id, Date date) const;
  Result<std::vector<Contact>> contacts(AccountId id) const;
  Result<Standing> standing(AccountId id, Date date) const;
  bool frozen(AccountId id) const;
  Result<CustomerId> customer_of(const Scope& scope) const;
  Result<std::vector<AccountId>> accounts_of(const Scope& scope, Date date) const;
  Result<std::vector<Grouping>> groupings(CustomerId customer) const;
  Result<GroupingDetail> grouping(GroupingId id) const;
  Result<std::vector<User>> users(CustomerId customer) const;
  Result<User> user(UserId id) const;

  // Figures and what is open: naive_figures.cc.
  Result<Sums> sums(const Scope& scope, Date date) const;
  Result<Summary> summary(const Scope& scope, Date date) const;
  Result<Ageing> ageing(const Scope& scope, Date date) const;
  Result<std::vector<OpenItem>> open_items(const Scope& scope, Date date) const;
  Result<Owed> owed(const Scope& scope, Date date) const;
  Result<PaymentMethods> methods(AccountId id, Date date) const;
  Result<PaymentMethod> method(MethodId id) const;

  // Credit and what is paid with it: naive_credits.cc.
  Result<std::vector<HeldCredit>> credits(AccountId id) const;
  Result<std::vector<HeldCredit>> credit_balances(const Scope& scope, Date date) const;
  Result<std::vector<CreditNote>> credit_notes(const ListQuery& query) const;
  Result<CreditNoteDetail> credit_note(CreditNoteId id) const;
  Result<std::vector<Deposit>> deposits(const ListQuery& query) const;
  // As recorded, or with what was done of it by the day.
  Result<DepositDetail> deposit(DepositId id, Date day = kNow) const;
  Result<std::vector<Plan>> plans(AccountId id, Date date) const;
  Result<Plan> plan(PlanId id, Date date) const;

  // Invoices and disputes: naive_invoices.cc.
  Result<std::vector<Invoice>> invoices(const ListQuery& query) const;
  Result<InvoiceDetail> invoice(InvoiceId id, Date today) const;
  // As recorded, or as it was at the end of a day: refused when it was not there.
  Result<Invoice> invoice_head(InvoiceId id, Date today, std::optional<Date> as_of = {}) const;
  std::vector<Invoice> invoices_by_number(CustomerId customer, const std::string& number, Date today,
                                          std::optional<Date> as_of = {}) const;
  Result<Dispute> dispute(DisputeId id) const;
  Result<std::vector<Dispute>> disputes(CustomerId customer, std::optional<Date> as_of = {}) const;

  // Payments and their claims: naive_payments.cc.
  Result<std::vector<Payment>> payments(const ListQuery& query) const;
  Result<PaymentDetail> payment(PaymentId id) const;
  // As it was at the end of a day: refused when it was not there.
  Result<Payment> payment_at(PaymentId id, Date day) const;

  // Reports, activity and the operator's books: naive_reports.cc, naive_books.cc.
  Result<std::vector<Activity>> activity(const Scope& scope, Date today) const;
  Result<std::vector<Month>> months(const Scope& scope, std::int32_t first, std::int32_t last, Date today) const;
  Result<Statement> statement(const Scope& scope, Date from, Date to) const;
  Result<TaxSummary> tax_summary(const Scope& scope, Date from, Date to) const;
  Result<RevenueReport> revenue(const Scope& scope, std::int32_t from, std::int32_t to) const;
  std::vector<TrialBalance> trial_balance(Date date) const;
  std::vector<TrialBalance> trial_balance_by_month() const;
  std::vector<Control> control() const;
  std::vector<Unbooked> unbooked(bool all, std::optional<CustomerId> customer = {}) const;
  Result<Unbooked> unbooked(UnbookedId id) const;
  UnbookedBacklog unbooked_backlog() const;
  std::vector<AccountingPeriod> periods() const;

 private:
  template <class Fact>
  void each(auto&& visit) const {
    for (const codec::Envelope& event : events_) {
      if (const auto* fact = std::get_if<Fact>(&event.event)) visit(event, *fact);
    }
  }
  // The first or last event of a kind for which `wanted(fact)`.
  template <class Fact>
  const codec::Envelope* first(auto&& wanted) const {
    for (const codec::Envelope& event : events_) {
      if (const auto* fact = std::get_if<Fact>(&event.event); fact != nullptr && wanted(*fact)) return &event;
    }
    return nullptr;
  }
  template <class Fact>
  const codec::Envelope* last(auto&& wanted) const {
    for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
      if (const auto* fact = std::get_if<Fact>(&event->event); fact != nullptr && wanted(*fact)) return &*event;
    }
    return nullptr;
  }

  // An invoice that was issued: what each share and the whole have open and disputed at a date. Shares in their order.
  struct OpenShare {
    AccountId account{};
    std::int64_t billed = 0;
    std::int64_t open = 0;
    std::int64_t disputed = 0;
  };
  struct OpenInvoice {
    const codec::Envelope* event = nullptr;
    const invoice::Issued* fact = nullptr;
    std::vector<OpenShare> shares{};
    std::int64_t open = 0;
    std::int64_t disputed = 0;
    AccountId payer() const { return fact->payer.nil() ? fact->header.account : fact->payer; }
  };
  std::map<InvoiceId, OpenInvoice> open_at(Date date) const;

  // What of an invoice that is past its due date is not overdue all the same: naive_overdue.cc.
  struct Eased {
    std::int64_t covered = 0;    // by free credit
    std::int64_t suspended = 0;  // by plans
    std::int64_t disputed = 0;   // part of covered that is disputed
  };
  std::map<InvoiceId, Eased> eased_at(Date date) const;
  OverdueStage stage_of(AccountId payer, Date date) const;

  // Unapplied credit as it is now, by holder and source.
  struct Holding {
    std::int64_t amount = 0;
    bool held = false;
  };
  std::map<std::pair<AccountId, Uuid>, Holding> holdings() const;
  std::vector<CreditHolder> holders(const Uuid& source) const;
  std::vector<UsedCredit> used(const Uuid& source) const;

  // The parent at the end of a day of every account of the customer that was opened by then; nil of a root.
  std::map<AccountId, AccountId> parents_at(CustomerId customer, Date date) const;
  void add_below(CustomerId customer, Date date, Accounts& accounts) const;
  Accounts accounts_of_customer(CustomerId customer) const;
  Accounts account_set(const Scope& scope, Date date) const;
  account::InvoicingRole role_at(AccountId id, Date date) const;
  std::vector<RolePeriod> roles(AccountId id) const;
  std::optional<Address> address(AccountId id) const;
  std::string name_at(AccountId id, Position position) const;
  AccountNames names(AccountId id, Position position) const;
  std::string number_of(InvoiceId id) const;
  // What is left of a payment or credit note at the end of a day.
  std::int64_t credit_left(const Uuid& source, Date day) const;
  std::uint64_t version_of(StreamKind kind, const Uuid& id) const;
  Currency currency_of(CustomerId id) const;
  std::vector<GroupMember> members(GroupingId grouping, GroupId group) const;
  std::map<GroupId, Group> groups(GroupingId grouping) const;
  Totals totals(const Accounts& accounts, Date date) const;
  // The lines of a draft or invoice with the taxes that its issue computed.
  std::vector<Line> lines_of(InvoiceId id) const;
  Accounts concerned(const codec::Envelope& event) const;
  Date date_of_source(const Uuid& source) const;
  void add_revenue(const Accounts& accounts, std::map<std::pair<std::int32_t, Ledger>, RevenueSum>& sums) const;

  std::span<const codec::Envelope> events_;
};

// The day that an event counts for.
inline Date day_of(const codec::Envelope& event) {
  const std::optional<Date>& day = event.posting_date ? event.posting_date : event.document_date;
  return day ? *day : event.recorded.date();
}
// What an event put on invoices, or took off again, was: docs/domain.md, "How credit meets what is open".
struct Source {
  AllocationSource kind = AllocationSource::kPayment;
  Uuid id{};
};
// Of events with postings on 1100 but the issue of an invoice.
Source source_of(const Event& event);
// What a payment event brought in or, negative, took back, and of whom; none for other events.
struct Paid {
  AccountId account{};
  std::int64_t amount = 0;
};
std::optional<Paid> paid_by(const Event& event);

}  // namespace billing::views::naive
