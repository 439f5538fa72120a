#include "projections/activity_view.h"

#include <algorithm>

#include "projections/invoices_view.h"

namespace billing::views {
namespace {

constexpr DatedList kList{Table::kActivityOfAccount, Table::kActivityOfCustomer};

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

void add_once(std::vector<AccountId>& accounts, AccountId account) {
  if (std::find(accounts.begin(), accounts.end(), account) == accounts.end()) accounts.push_back(account);
}

// The account that an event is about, without looking anything up.
std::optional<AccountId> account_of(const Event& event) {
  return std::visit(Overloaded{[](const account::Opened& e) { return std::optional(e.id); },
                               [](const account::Renamed& e) { return std::optional(e.id); },
                               [](const account::TermsChanged& e) { return std::optional(e.id); },
                               [](const account::ContactsChanged& e) { return std::optional(e.id); },
                               [](const account::Closed& e) { return std::optional(e.id); },
                               [](const hierarchy::Moved& e) { return std::optional(e.account); },
                               [](const invoice::Drafted& e) { return std::optional(e.header.account); },
                               [](const invoice::Issued& e) { return std::optional(e.header.account); },
                               [](const credit_note::Issued& e) { return std::optional(e.account); },
                               [](const payment::Recorded& e) { return std::optional(e.account); },
                               [](const receivables::CreditApplied& e) { return std::optional(e.account); },
                               [](const dispute::Opened& e) { return std::optional(e.account); },
                               [](const dispute::Closed& e) { return std::optional(e.account); },
                               [](const auto&) { return std::optional<AccountId>(); }},
                    event);
}

// Every account whose activity shows the event.
std::vector<AccountId> concerned(const codec::Envelope& event, Rows& rows) {
  std::vector<AccountId> accounts;
  if (const auto account = account_of(event.event)) accounts.push_back(*account);
  if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event)) {
    if (moved->old_parent) add_once(accounts, *moved->old_parent);
    if (moved->new_parent) add_once(accounts, *moved->new_parent);
  }
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
    for (const Share& share : issued->shares) add_once(accounts, share.account);
  }
  if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
    for (const Line& line : note->lines) add_once(accounts, line.service_account);
  }
  if (const auto use = credit_use(event.event)) {
    for (const Allocation& allocation : *use->allocations) add_once(accounts, allocation.account);
  }
  if (event.stream.kind == StreamKind::kInvoice && accounts.empty()) {  // lines added to a draft, or it was discarded
    const Key key = invoice_key(InvoiceId{event.stream.id});
    const auto row = rows.load<InvoiceRow>(key);
    if (row) accounts.push_back(row->account);
  }
  return accounts;
}

std::string terms_text(int payment_terms_days, int bill_cycle_day) {
  return "payment terms " + std::to_string(payment_terms_days) + " days, bill cycle day " +
         std::to_string(bill_cycle_day);
}

std::string parent_text(const std::optional<AccountId>& parent) { return parent ? parent->text() : std::string(); }

std::string count_text(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::int64_t sum_of(const std::vector<Line>& lines) {
  std::int64_t sum = 0;
  for (const Line& line : lines) sum += line.net + tax_of(line);
  return sum;
}

// Fills in what the kinds of event say, each its own part. Names of natural persons are not among it.
struct Describe {
  Activity& to;
  void names(const std::string& old_text, const std::string& new_text) const {
    to.old_text = old_text;
    to.new_text = new_text;
  }
  void money(std::int64_t amount, Currency currency, const std::string& number) const {
    to.amount = amount;
    to.currency = currency;
    to.number = number;
  }
  void operator()(const customer::Created& e) const { to.new_text = e.name; }
  void operator()(const account::Opened& e) const {
    to.number = e.number;
    to.new_text = e.name;
  }
  void operator()(const account::Renamed& e) const {
    names(e.old_name, e.new_name);
    to.note = e.reason;
  }
  void operator()(const account::TermsChanged& e) const {
    names(terms_text(e.old_payment_terms_days, e.old_bill_cycle_day),
          terms_text(e.new_payment_terms_days, e.new_bill_cycle_day));
  }
  void operator()(const account::ContactsChanged& e) const { to.note = count_text(e.contacts.size(), "contact"); }
  void operator()(const account::Closed& e) const { to.date = e.on; }
  void operator()(const hierarchy::Moved& e) const { names(parent_text(e.old_parent), parent_text(e.new_parent)); }
  void operator()(const invoice::Drafted& e) const { money(sum_of(e.lines), e.currency, {}); }
  void operator()(const invoice::LinesAdded& e) const { to.note = count_text(e.lines.size(), "line"); }
  void operator()(const invoice::Discarded&) const {}
  void operator()(const invoice::Issued& e) const { money(e.total, e.currency, e.number); }
  void operator()(const credit_note::Issued& e) const {
    money(e.total, e.currency, e.number);
    to.note = e.reason;
  }
  void operator()(const payment::Recorded& e) const {
    money(e.amount, e.currency, {});
    to.note = e.reference;
  }
  void operator()(const receivables::CreditApplied& e) const {
    std::int64_t sum = 0;
    for (const Allocation& allocation : e.allocations) sum += allocation.amount;
    money(sum, e.currency, {});
    to.note = count_text(e.allocations.size(), "invoice share");
  }
  void operator()(const dispute::Opened& e) const {
    money(e.amount, e.currency, {});
    to.note = e.reason;
    to.date = e.opened_on;
  }
  void operator()(const dispute::Closed& e) const {
    to.new_text = dispute::outcome_text(e.outcome);
    to.date = e.closed_on;
  }
  void operator()(const grouping::Created& e) const { to.new_text = e.name; }
  void operator()(const grouping::Renamed& e) const { names(e.old_name, e.new_name); }
  void operator()(const grouping::GroupAdded& e) const { to.new_text = e.name; }
  void operator()(const grouping::GroupRenamed& e) const { names(e.old_name, e.new_name); }
  void operator()(const grouping::GroupNested& e) const {
    names(e.old_parent ? e.old_parent->text() : "", e.new_parent ? e.new_parent->text() : "");
    to.note = e.group.text();
  }
  void operator()(const grouping::AccountsAdded& e) const { to.note = count_text(e.accounts.size(), "account"); }
  void operator()(const grouping::AccountsRemoved& e) const { to.note = count_text(e.accounts.size(), "account"); }
  void operator()(const user::Invited& e) const { to.new_text = user::role_text(e.role); }
  void operator()(const user::Edited&) const {}
  void operator()(const user::RoleChanged& e) const {
    names(std::string(user::role_text(e.old_role)), std::string(user::role_text(e.new_role)));
  }
  void operator()(const user::Suspended& e) const { to.note = e.reason; }
  void operator()(const user::Reinstated&) const {}
};

}  // namespace

void activity::apply(const codec::Envelope& event, Rows& rows) {
  // Sorted by position alone: what was recorded last stands first.
  append_dated(rows, kList, event.customer, concerned(event, rows), {Date{0}, event.position}, Uuid{});
}

Activity describe(const codec::Envelope& event) {
  Activity activity{.position = event.position,
                    .recorded = event.recorded,
                    .actor = event.actor,
                    .type = std::string(event_type(event.event)),
                    .object = event.stream,
                    .account = account_of(event.event),
                    .date = event.document_date.value_or(event.recorded.date()),
                    .amount = std::nullopt,
                    .currency = {},
                    .number = {},
                    .old_text = {},
                    .new_text = {},
                    .note = {}};
  std::visit(Describe{activity}, event.event);
  return activity;
}

Result<Page<Activity>> list_activity(const Source& source, const Scope& scope, Date today,
                                     const PageRequest& request) {
  const auto accept = [](Place, const Uuid&) -> Result<bool> { return true; };
  BILLING_TRY(entries, dated_page(source, kList, scope, today, request, accept));
  Page<Activity> page{.items = {}, .next = std::move(entries.next)};
  for (const auto& [place, object] : entries.items) {
    BILLING_TRY(event, event_at(source, place.position));
    page.items.push_back(describe(event));
  }
  return page;
}

}  // namespace billing::views
