// The naive model: activity, months, statements, taxes, revenue.
#include <algorithm>

#include "ledger/base/money.h"
#include "projections/naive_model.h"

namespace billing::views::naive {
namespace {

bool has_day_in(const codec::Envelope& event, Date from, Date to) {
  return from <= day_of(event) && day_of(event) <= to;
}
Result<void> check_days(Date from, Date to) {
  if (to < from) return refuse(Code::kInvalidParameter, {});
  return {};
}

// The account that an event names as the one it is about.
std::optional<AccountId> account_named(const Event& event) {
  return std::visit(
      [](const auto& e) -> std::optional<AccountId> {
        if constexpr (requires { { e.account } -> std::convertible_to<AccountId>; }) return e.account;
        if constexpr (requires { { e.id } -> std::convertible_to<AccountId>; }) return e.id;
        if constexpr (requires { e.header.account; }) return e.header.account;
        if constexpr (requires { e.from_account; }) return e.from_account;
        return std::nullopt;
      },
      event);
}

}  // namespace

// Accounts that an event is about: those it names, those it posts on, and of what goes on with a draft or a payment the
// account of that.
Accounts Model::concerned(const codec::Envelope& event) const {
  Accounts accounts;
  if (const auto named = account_named(event.event)) accounts.insert(*named);
  for (const Posting& posting : event.postings) {
    if (posting.account) accounts.insert(*posting.account);
  }
  if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event)) {
    if (moved->old_parent) accounts.insert(*moved->old_parent);
    if (moved->new_parent) accounts.insert(*moved->new_parent);
  }
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
    if (!issued->payer.nil()) accounts.insert(issued->payer);
    for (const Share& share : issued->shares) accounts.insert(share.account);
  }
  if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
    for (const Line& line : note->lines) accounts.insert(line.service_account);
  }
  if (!accounts.empty()) return accounts;
  if (event.stream.kind == StreamKind::kInvoice) {
    accounts.insert(invoice_head(InvoiceId{event.stream.id}, kNow)->account);
  }
  if (event.stream.kind == StreamKind::kPayment) accounts.insert(payment(PaymentId{event.stream.id})->payment.account);
  return accounts;
}

Result<std::vector<Activity>> Model::activity(const Scope& scope, Date today) const {
  BILLING_TRY(customer, customer_of(scope));
  BILLING_TRY(list, accounts_of(scope, today));
  const auto wanted = [&](const codec::Envelope& event) {
    if (event.customer != customer) return false;
    if (scope.kind == ScopeKind::kCustomer) return true;
    return std::ranges::any_of(concerned(event),
                               [&](const AccountId& id) { return std::ranges::binary_search(list, id); });
  };
  std::vector<Activity> all;
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    if (!wanted(*event)) continue;
    all.push_back({.position = event->position,
                   .recorded = event->recorded,
                   .actor = event->actor,
                   .type = std::string(event_type(event->event)),
                   .object = event->stream,
                   .account = account_named(event->event),
                   .command_id = event->command_id,
                   .version = event->version});
  }
  return all;
}

Result<std::vector<Month>> Model::months(const Scope& scope, std::int32_t first, std::int32_t last, Date today) const {
  if (first < 0 || last < first || last - first >= 240) return refuse(Code::kInvalidParameter, {});
  BILLING_TRY(list, accounts_of(scope, today));
  const Accounts accounts(list.begin(), list.end());
  std::vector<Month> months;
  for (std::int32_t month = first; month <= last; ++month) months.push_back({.month = month});
  Month outside;
  const auto month_of = [&](Date date) -> Month& {
    const std::int32_t month = date.month_index();
    return month < first || month > last ? outside : months[static_cast<std::size_t>(month - first)];
  };
  for (const codec::Envelope& event : events_) {
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      Month& month = month_of(issued->document_date);
      if (accounts.contains(issued->header.account)) ++month.invoices;
      for (const Line& line : lines_of(issued->header.id)) {
        if (!accounts.contains(line.service_account)) continue;
        month.invoiced_net += line.net;
        for (const Tax& tax : line.taxes) month.invoiced_tax += tax.amount;
      }
      month.invoiced = month.invoiced_net + month.invoiced_tax;
    }
    if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
      Month& month = month_of(note->document_date);
      if (accounts.contains(note->account)) ++month.credit_notes;
      for (const Line& line : note->lines) {
        if (!accounts.contains(line.service_account)) continue;
        month.credited_net += line.net;
        for (const Tax& tax : line.taxes) month.credited_tax += tax.amount;
      }
      month.credited = month.credited_net + month.credited_tax;
    }
    if (const auto paid = paid_by(event.event); paid && accounts.contains(paid->account)) {
      month_of(day_of(event)).paid += paid->amount;
      const bool came_in = std::holds_alternative<payment::Recorded>(event.event) ||
                           std::holds_alternative<payment::Succeeded>(event.event);
      if (came_in) ++month_of(day_of(event)).payments;
    }
    if (source_of(event.event).kind == AllocationSource::kWriteOff) {
      for (const Posting& posting : event.postings) {
        if (posting.ledger == Ledger::kReceivables && accounts.contains(*posting.account)) {
          month_of(day_of(event)).written_off -= posting.amount;
        }
      }
    }
  }
  return months;
}

Result<Statement> Model::statement(const Scope& scope, Date from, Date to) const {
  BILLING_CHECK(check_days(from, to));
  BILLING_TRY(customer, customer_of(scope));
  BILLING_TRY(list, accounts_of(scope, to));
  const Accounts accounts(list.begin(), list.end());
  Statement statement{.from = from, .to = to, .currency = currency_of(customer)};
  std::map<std::pair<Date, Position>, std::int64_t> changes;
  for (const codec::Envelope& event : events_) {
    std::int64_t change = 0;
    for (const Posting& posting : event.postings) {
      const bool counts = posting.ledger == Ledger::kReceivables || posting.ledger == Ledger::kUnappliedCredit;
      if (counts && accounts.contains(*posting.account)) change += posting.amount;
    }
    if (day_of(event) < from) statement.opening += change;
    if (change != 0 && has_day_in(event, from, to)) changes[{day_of(event), event.position}] = change;
  }
  statement.closing = statement.opening;
  for (const auto& [place, change] : changes) {
    statement.closing += change;
    StatementEntry entry{.posting_date = place.first, .position = place.second, .balance = statement.closing};
    (change > 0 ? entry.debit : entry.credit) = change > 0 ? change : -change;
    (change > 0 ? statement.debit : statement.credit) += change > 0 ? change : -change;
    statement.entries.push_back(entry);
  }
  return statement;
}

Result<TaxSummary> Model::tax_summary(const Scope& scope, Date from, Date to) const {
  BILLING_CHECK(check_days(from, to));
  BILLING_TRY(customer, customer_of(scope));
  BILLING_TRY(list, accounts_of(scope, to));
  const Accounts accounts(list.begin(), list.end());
  TaxSummary summary{.currency = currency_of(customer)};
  const auto sum_of = [&](const Tax& tax) -> TaxSum& {
    for (TaxSum& sum : summary.taxes) {
      if (sum.authority == tax.authority && sum.code == tax.code && sum.rate == tax.rate) return sum;
    }
    return summary.taxes.emplace_back(TaxSum{.authority = tax.authority, .code = tax.code, .rate = tax.rate});
  };
  for (const codec::Envelope& event : events_) {
    if (!has_day_in(event, from, to)) continue;
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      for (const Line& line : lines_of(issued->header.id)) {
        if (!accounts.contains(line.service_account)) continue;
        for (const Tax& tax : line.taxes) {
          sum_of(tax).invoiced_base += tax.basis;
          sum_of(tax).invoiced_tax += tax.amount;
        }
      }
    }
    if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
      for (const Line& line : note->lines) {
        if (!accounts.contains(line.service_account)) continue;
        for (const Tax& tax : line.taxes) {
          sum_of(tax).credited_base += tax.basis;
          sum_of(tax).credited_tax += tax.amount;
        }
      }
    }
    if (const auto* given_up = std::get_if<invoice::WrittenOff>(&event.event)) {
      // Relief belongs to the accounts as what was given up does.
      std::vector<std::int64_t> weights;
      for (const Allocation& one : given_up->allocations) weights.push_back(one.amount);
      const auto parts = allocate(given_up->tax_relief, weights);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (accounts.contains(given_up->allocations[i].account)) summary.relief += parts[i];
      }
    }
  }
  std::ranges::sort(summary.taxes, {}, [](const TaxSum& sum) { return std::tuple(sum.authority, sum.code, sum.rate); });
  return summary;
}

// By month and ledger, what the lines of some accounts were invoiced, credited and released.
void Model::add_revenue(const Accounts& accounts, std::map<std::pair<std::int32_t, Ledger>, RevenueSum>& sums) const {
  for (const codec::Envelope& event : events_) {
    const std::int32_t month = day_of(event).month_index();
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      for (const Line& line : lines_of(issued->header.id)) {
        if (!accounts.contains(line.service_account)) continue;
        const bool deferred = line.service_period && issued->posting_date < line.service_period->to;
        const Ledger ledger = deferred ? Ledger::kDeferredRevenue : static_cast<Ledger>(line.revenue_code);
        sums[{month, ledger}].invoiced += line.net;
      }
    }
    if (const auto* released = std::get_if<books::RevenueReleased>(&event.event)) {
      for (const books::Release& release : released->lines) {
        if (!accounts.contains(lines_of(release.invoice).at(release.line).service_account)) continue;
        sums[{month, Ledger::kDeferredRevenue}].released += release.amount;
        sums[{month, static_cast<Ledger>(release.revenue_code)}].released += release.amount;
      }
    }
    if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
      // The note says what it takes back of each ledger; of several accounts each has the part of its lines' net.
      std::vector<std::int64_t> weights;
      bool all = true, any = false;
      for (const Line& line : note->lines) {
        weights.push_back(std::max<std::int64_t>(line.net, 0));
        all = all && accounts.contains(line.service_account);
        any = any || line.net > 0;
      }
      for (const RevenueShare& share : note->revenue) {
        std::int64_t part = all ? share.amount : 0;
        if (!all && any) {
          const auto parts = allocate(share.amount, weights);
          for (std::size_t i = 0; i < parts.size(); ++i) {
            part += accounts.contains(note->lines[i].service_account) ? parts[i] : 0;
          }
        }
        sums[{month, share.ledger}].credited += part;
      }
    }
  }
}

Result<RevenueReport> Model::revenue(const Scope& scope, std::int32_t from, std::int32_t to) const {
  if (from < 0 || to < from) return refuse(Code::kInvalidParameter, {});
  BILLING_TRY(customer, customer_of(scope));
  BILLING_TRY(list, accounts_of(scope, Date::clamped(to / 12, to % 12 + 1, 31)));
  std::map<std::pair<std::int32_t, Ledger>, RevenueSum> sums;
  add_revenue(Accounts(list.begin(), list.end()), sums);
  RevenueReport report{.currency = currency_of(customer)};
  std::map<Ledger, RevenueSum> earned;
  for (const auto& [place, sum] : sums) {
    const auto& [month, ledger] = place;
    const bool before = month < from;
    if (month > to) continue;
    if (ledger == Ledger::kDeferredRevenue) {
      if (before) {
        report.deferred.opening += sum.invoiced - sum.released - sum.credited;
      } else {
        report.deferred.deferred += sum.invoiced;
        report.deferred.released += sum.released;
        report.deferred.credited += sum.credited;
      }
    } else if (!before) {
      earned[ledger].ledger = ledger;
      earned[ledger].invoiced += sum.invoiced;
      earned[ledger].released += sum.released;
      earned[ledger].credited += sum.credited;
    }
  }
  for (const auto& [ledger, sum] : earned) report.revenue.push_back(sum);
  return report;
}

}  // namespace billing::views::naive
