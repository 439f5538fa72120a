#include "projections/views.h"

#include <condition_variable>
#include <mutex>

#include "projections/accounts_view.h"
#include "projections/activity_view.h"
#include "projections/books_view.h"
#include "projections/credits_view.h"
#include "projections/customers_view.h"
#include "projections/deposits_view.h"
#include "projections/fold.h"
#include "projections/groups_view.h"
#include "projections/hierarchy_view.h"
#include "projections/invoices_view.h"
#include "projections/items_view.h"
#include "projections/listing.h"
#include "projections/methods_view.h"
#include "projections/months_view.h"
#include "projections/owed_view.h"
#include "projections/payments_view.h"
#include "projections/people_view.h"
#include "projections/plans_view.h"
#include "projections/scopes.h"
#include "projections/standing_view.h"
#include "projections/trial_view.h"

namespace billing::views {

Reader::Reader(std::unique_ptr<const store::Snapshot> rows, const store::Log& log, const codec::PersonKeys* keys,
               OverdueSteps steps)
    : rows_(std::move(rows)), log_(log), keys_(keys), steps_(std::move(steps)) {
  if (const auto value = rows_->get(checkpoint_key())) {
    if (const auto head = parse_checkpoint(*value)) position_ = head->position;
  }
}
Reader::~Reader() = default;

#define SOURCE (Source{*rows_, log_, keys_})

Result<Customer> Reader::customer(CustomerId id) const { return read_customer(SOURCE, id); }
Result<Page<Customer>> Reader::customers(const PageRequest& page) const { return list_customers(SOURCE, page); }
Result<Page<Customer>> Reader::customers_by_external_id(std::string_view external_id, const PageRequest& page) const {
  return list_customers_by_external_id(SOURCE, external_id, page);
}

Result<Account> Reader::account(AccountId id, Date date) const { return read_account(SOURCE, id, date); }
Result<Account> Reader::account_by_number(CustomerId customer, std::string_view number, Date date) const {
  return read_account_by_number(SOURCE, customer, number, date);
}
Result<Page<Account>> Reader::accounts(CustomerId customer, const PageRequest& page, Date date) const {
  return list_accounts(SOURCE, customer, date, page);
}
Result<Page<Account>> Reader::children(AccountId parent, const PageRequest& page, Date date) const {
  BILLING_TRY(row, find_account(SOURCE, parent));
  return list_children(SOURCE, row.customer, parent, date, page);
}
Result<Page<Account>> Reader::roots(CustomerId customer, const PageRequest& page, Date date) const {
  BILLING_TRY(known, find_customer(SOURCE, customer));
  return list_children(SOURCE, customer, AccountId{}, date, page);
}
Result<std::vector<AccountId>> Reader::ancestors(AccountId id, Date date) const {
  return read_ancestors(SOURCE, id, date);
}
Result<AccountNames> Reader::names(AccountId id, std::optional<Position> position) const {
  return names_of(SOURCE, id, position.value_or(kNamedNow));
}
Result<std::vector<Contact>> Reader::contacts(AccountId id) const { return read_contacts(SOURCE, id); }
Result<Standing> Reader::standing(AccountId id, Date date) const { return read_standing(SOURCE, id, date); }
Result<bool> Reader::frozen(AccountId id) const { return is_frozen(SOURCE, id); }
Result<Owed> Reader::owed(const Scope& scope, Date date) const { return read_owed(SOURCE, scope, date, steps_); }
Result<Page<HeldCredit>> Reader::credits(AccountId id, const PageRequest& page) const {
  return list_credits(SOURCE, id, page);
}
Result<PaymentMethods> Reader::methods(AccountId id, Date date) const { return read_methods(SOURCE, id, date); }
Result<PaymentMethod> Reader::method(MethodId id) const { return read_method(SOURCE, id); }
Result<Page<Deposit>> Reader::deposits(const ListQuery& query) const { return list_deposits(SOURCE, query); }
Result<ListSums> Reader::deposit_sums(const ListQuery& query) const { return sum_deposits(SOURCE, query); }
Result<DepositDetail> Reader::deposit(DepositId id) const { return read_deposit(SOURCE, id); }
Result<Page<Plan>> Reader::plans(AccountId id, Date date, const PageRequest& page) const {
  return list_plans(SOURCE, id, date, page);
}
Result<Plan> Reader::plan(PlanId id, Date date) const { return read_plan(SOURCE, id, date); }

Result<std::vector<AccountId>> Reader::accounts_of(const Scope& scope, Date date) const {
  return views::accounts_of(SOURCE, scope, date);
}
Result<CustomerId> Reader::customer_of(const Scope& scope) const { return views::customer_of(SOURCE, scope); }
Result<Sums> Reader::sums(const Scope& scope, Date date) const { return sums_of(SOURCE, scope, date); }
Result<Totals> Reader::totals(const Scope& scope, Date date) const {
  BILLING_TRY(sums, sums_of(SOURCE, scope, date));
  return sums.totals;
}
Result<Summary> Reader::summary(const Scope& scope, Date date) const { return read_summary(SOURCE, scope, date); }
Result<Ageing> Reader::ageing(const Scope& scope, Date date) const { return read_ageing(SOURCE, scope, date); }
Result<Page<OpenItem>> Reader::open_items(const Scope& scope, Date date, const PageRequest& page) const {
  return list_open_items(SOURCE, scope, date, page);
}

Result<Page<Invoice>> Reader::invoices(const ListQuery& query) const { return list_invoices(SOURCE, query); }
Result<ListSums> Reader::invoice_sums(const ListQuery& query) const { return sum_invoices(SOURCE, query); }
Result<InvoiceDetail> Reader::invoice(InvoiceId id, Date today) const { return read_invoice(SOURCE, id, today); }
Result<Invoice> Reader::invoice_head(InvoiceId id, Date today) const { return read_invoice_head(SOURCE, id, today); }
Result<std::vector<Invoice>> Reader::invoices_by_number(CustomerId customer, std::string_view number, Date today,
                                                        std::optional<Date> as_of) const {
  return read_invoices_by_number(SOURCE, customer, number, today, as_of);
}
Result<Dispute> Reader::dispute(DisputeId id) const { return read_dispute(SOURCE, id); }
Result<Page<Dispute>> Reader::disputes(CustomerId customer, const PageRequest& page, std::optional<Date> as_of) const {
  return list_disputes(SOURCE, customer, as_of, page);
}

Result<Page<CreditNote>> Reader::credit_notes(const ListQuery& query) const { return list_credit_notes(SOURCE, query); }
Result<ListSums> Reader::credit_note_sums(const ListQuery& query) const { return sum_credit_notes(SOURCE, query); }
Result<CreditNoteDetail> Reader::credit_note(CreditNoteId id) const { return read_credit_note(SOURCE, id); }
Result<Page<Payment>> Reader::payments(const ListQuery& query) const { return list_payments(SOURCE, query); }
Result<ListSums> Reader::payment_sums(const ListQuery& query) const { return sum_payments(SOURCE, query); }
Result<PaymentDetail> Reader::payment(PaymentId id) const { return read_payment(SOURCE, id); }
Result<Page<Activity>> Reader::activity(const Scope& scope, Date today, const PageRequest& page,
                                        const RecordedWithin& recorded) const {
  return list_activity(SOURCE, position_, scope, today, recorded, page);
}

Result<Page<Grouping>> Reader::groupings(CustomerId customer, const PageRequest& page) const {
  return list_groupings(SOURCE, customer, page);
}
Result<GroupingDetail> Reader::grouping(GroupingId id) const { return read_grouping(SOURCE, id); }
Result<Page<User>> Reader::users(CustomerId customer, const PageRequest& page) const {
  return list_users(SOURCE, customer, page);
}
Result<User> Reader::user(UserId id) const { return read_user(SOURCE, id); }
Result<Page<Unbooked>> Reader::unbooked(bool all, const PageRequest& page, std::optional<CustomerId> customer) const {
  return list_unbooked(SOURCE, all, customer, page);
}
Result<Unbooked> Reader::unbooked(UnbookedId id) const { return read_unbooked(SOURCE, id); }
Result<UnbookedBacklog> Reader::unbooked_backlog() const { return read_unbooked_backlog(SOURCE); }
Result<std::vector<AccountingPeriod>> Reader::periods() const { return read_periods(SOURCE); }
Result<std::vector<Month>> Reader::months(const Scope& scope, std::int32_t first, std::int32_t last,
                                          Date today) const {
  return read_months(SOURCE, scope, first, last, today);
}

Result<std::vector<TrialBalance>> Reader::trial_balance(Date date) const { return read_trial_balance(SOURCE, date); }
Result<std::vector<TrialBalance>> Reader::trial_balance_by_month() const {
  return read_trial_balance_by_month(SOURCE);
}
Result<std::vector<Control>> Reader::check_control() const { return read_control(SOURCE); }

#undef SOURCE

struct Views::Impl {
  const store::Log& log;
  const codec::PersonKeys* keys;
  const store::Tables& tables;
  const OverdueSteps steps;
  mutable std::mutex mutex;
  mutable std::condition_variable moved;
  Position position = 0;
};

Views::Views(const store::Log& log, const codec::PersonKeys* keys, const store::Tables& tables,
             OverdueSteps steps)
    : impl_(new Impl{.log = log, .keys = keys, .tables = tables, .steps = std::move(steps), .mutex = {}, .moved = {}, .position = 0}) {}
Views::~Views() = default;

std::unique_ptr<Reader> Views::read() const {
  return std::make_unique<Reader>(impl_->tables.snapshot(), impl_->log, impl_->keys, impl_->steps);
}

Result<std::unique_ptr<Reader>> Views::wait_for(Position min, std::chrono::milliseconds at_most) const {
  {
    std::unique_lock lock(impl_->mutex);
    if (!impl_->moved.wait_for(lock, at_most, [&] { return impl_->position >= min; })) {
      return refuse(Code::kPositionNotReached, "the views are at position " + std::to_string(impl_->position));
    }
  }
  return read();
}

void Views::advanced(Position position) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->position = position;
  }
  impl_->moved.notify_all();
}

Position Views::position() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->position;
}

const OverdueSteps& Views::steps() const { return impl_->steps; }

}  // namespace billing::views
