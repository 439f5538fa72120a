// Revenue by ledger, and what is deferred: of whole customers from rows by month, of accounts from their events.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "ledger/domain/document.h"
#include "projections/customers_view.h"
#include "projections/days.h"
#include "projections/invoices_view.h"
#include "projections/reports.h"
#include "projections/scopes.h"

namespace billing::views {
namespace {

bool is_tracked(Ledger ledger) {
  return ledger == Ledger::kDeferredRevenue || is_revenue(static_cast<std::uint16_t>(ledger));
}

Key month_key(CustomerId customer, std::int32_t month, Ledger ledger) {
  return Key(Table::kRevenueMonth)
      .add(customer)
      .add(static_cast<std::uint16_t>(month))
      .add(static_cast<std::uint16_t>(ledger));
}

// A change of one ledger: invoiced and credited amounts as the documents say them, releases out of 2300.
struct RevenueChange {
  Ledger ledger = Ledger::kServiceRevenue;
  RevenueRow sums;
};

void add_to(RevenueRow& sum, const RevenueRow& change) {
  sum.invoiced += change.invoiced;
  sum.released += change.released;
  sum.credited += change.credited;
}

// RevenueSums by ledger before a period and in it.
class RevenueSums {
 public:
  RevenueSums(std::int32_t from, std::int32_t to) : from_(from), to_(to) {}
  void add(std::int32_t month, Ledger ledger, const RevenueRow& change) {
    if (month > to_) return;
    add_to((month < from_ ? before_ : within_)[ledger], change);
  }
  RevenueReport report(Currency currency) {
    RevenueReport report{.currency = currency};
    const RevenueRow& before = before_[Ledger::kDeferredRevenue];
    const RevenueRow& within = within_[Ledger::kDeferredRevenue];
    report.deferred = {.opening = before.invoiced - before.released - before.credited,
                       .deferred = within.invoiced,
                       .released = within.released,
                       .credited = within.credited};
    for (const auto& [ledger, sums] : within_) {
      if (ledger == Ledger::kDeferredRevenue) continue;
      report.revenue.push_back({ledger, sums.invoiced, sums.released, sums.credited});
    }
    return report;
  }

 private:
  std::int32_t from_;
  std::int32_t to_;
  std::map<Ledger, RevenueRow> before_;
  std::map<Ledger, RevenueRow> within_;
};

Result<void> sum_customer(const Source& source, CustomerId customer, RevenueSums& sums) {
  std::optional<Error> error;
  const Key prefix = Key(Table::kRevenueMonth).add(customer);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<RevenueRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    KeyReader reader(key, prefix.size());
    const std::int32_t month = reader.u16();
    sums.add(month, static_cast<Ledger>(reader.u16()), *row);
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return {};
}

// Of the accounts of a scope: from the invoices and credit notes that concern them.
class ByAccounts {
 public:
  ByAccounts(const Source& source, std::unordered_set<AccountId> accounts, RevenueSums& sums)
      : source_(source), accounts_(std::move(accounts)), sums_(sums) {}

  Result<void> add_invoice(InvoiceId id) {
    BILLING_TRY(row, find_invoice(source_, id));
    if (row.phase != invoice::Phase::kIssued && row.phase != invoice::Phase::kVoid) return {};
    BILLING_TRY(lines, read_invoice_lines(source_, row));
    bool deferred = false;
    for (const Line& line : lines) {
      if (!accounts_.contains(line.service_account)) continue;
      const bool later = document::is_deferred(line, row.posting_date);
      deferred = deferred || later;
      const auto ledger = later ? Ledger::kDeferredRevenue : static_cast<Ledger>(line.revenue_code);
      sums_.add(row.posting_date.month_index(), ledger, {.invoiced = line.net});
    }
    return deferred ? add_releases(id, lines) : Result<void>{};
  }
  Result<void> add_note(Position position) {
    BILLING_TRY(event, event_at(source_, position));
    const auto* note = std::get_if<credit_note::Issued>(&event.event);
    if (note == nullptr) return {};
    for (const RevenueShare& share : note->revenue) {
      sums_.add(note->posting_date.month_index(), share.ledger, {.credited = part_of(*note, share)});
    }
    return {};
  }

 private:
  // A note says its revenue by ledger only; of several accounts each has the part that its lines have.
  std::int64_t part_of(const credit_note::Issued& note, const RevenueShare& share) const {
    std::vector<std::int64_t> weights;
    for (const Line& line : note.lines) weights.push_back(std::max<std::int64_t>(line.net, 0));
    if (std::ranges::all_of(note.lines, [&](const Line& l) { return accounts_.contains(l.service_account); })) {
      return share.amount;
    }
    if (std::ranges::all_of(weights, [](std::int64_t weight) { return weight == 0; })) return 0;
    const auto parts = allocate(share.amount, weights);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      sum += accounts_.contains(note.lines[i].service_account) ? parts[i] : 0;
    }
    return sum;
  }
  Result<void> add_releases(InvoiceId id, const std::vector<Line>& lines) {
    BILLING_TRY(positions, positions_under(source_, Key(Table::kReleaseOfInvoice).add(id)));
    for (const auto& [position, value] : positions) {
      auto found = released_.find(position);
      if (found == released_.end()) {
        if (released_.size() == kKept) released_.clear();
        BILLING_TRY(event, event_at(source_, position));
        const auto* released = std::get_if<books::RevenueReleased>(&event.event);
        if (released == nullptr) continue;
        found = released_.emplace(position, *released).first;
      }
      add_release(id, lines, found->second);
    }
    return {};
  }
  void add_release(InvoiceId id, const std::vector<Line>& lines, const books::RevenueReleased& released) {
    for (const books::Release& line : released.lines) {
      if (line.invoice != id || line.line >= lines.size()) continue;
      if (!accounts_.contains(lines[line.line].service_account)) continue;
      const std::int32_t month = released.posting_date.month_index();
      sums_.add(month, Ledger::kDeferredRevenue, {.released = line.amount});
      sums_.add(month, static_cast<Ledger>(line.revenue_code), {.released = line.amount});
    }
  }

  static constexpr std::size_t kKept = 16;  // a slice is read once for all its invoices, as a rule
  const Source& source_;
  std::unordered_set<AccountId> accounts_;
  RevenueSums& sums_;
  std::map<Position, books::RevenueReleased> released_;
};

// Visits every entry of a scope's list.
Result<void> visit_list(const Source& source, const DatedList& list, const Scope& scope, Date date,
                        const std::function<Result<void>(Place, const Uuid&)>& visit) {
  const auto accept = [](Place, const Uuid&) -> Result<bool> { return true; };
  PageRequest request{.limit = kPageMax, .cursor = {}};
  do {
    BILLING_TRY(page, dated_page(source, list, scope, date, request, accept));
    for (const auto& [place, object] : page.items) BILLING_CHECK(visit(place, object));
    request.cursor = page.next;
  } while (!request.cursor.empty());
  return {};
}

}  // namespace

void revenue::apply(const codec::Envelope& event, Rows& rows) {
  const bool issued = std::holds_alternative<invoice::Issued>(event.event);
  const bool released = std::holds_alternative<books::RevenueReleased>(event.event);
  if (!issued && !released && !std::holds_alternative<credit_note::Issued>(event.event)) return;
  for (const Posting& posting : event.postings) {
    if (!is_tracked(posting.ledger)) continue;
    const std::int64_t earned = -posting.amount;  // revenue is a credit
    RevenueRow change;
    if (issued) change.invoiced = earned;
    if (released) change.released = posting.ledger == Ledger::kDeferredRevenue ? -earned : earned;
    if (!issued && !released) change.credited = -earned;
    const Key key = month_key(event.customer, day_of(event).month_index(), posting.ledger);
    RevenueRow row = rows.load<RevenueRow>(key).value_or(RevenueRow{});
    add_to(row, change);
    rows.save(key, row);
  }
}

Result<RevenueReport> read_revenue(const Source& source, const Scope& scope, std::int32_t from, std::int32_t to) {
  if (from < 0 || to < from || to > 0xFFFF) {
    return refuse(Code::kInvalidParameter, "from must not be after to", "/from");
  }
  BILLING_TRY(customer, customer_of(source, scope));
  BILLING_TRY(currency, currency_of(source, customer));
  RevenueSums sums(from, to);
  if (scope.kind == ScopeKind::kCustomer) {
    BILLING_CHECK(sum_customer(source, customer, sums));
    return sums.report(currency);
  }
  const Date last = Date::clamped(to / 12, to % 12 + 1, 31);
  BILLING_TRY(list, accounts_of(source, scope, last));
  ByAccounts by_accounts(source, {list.begin(), list.end()}, sums);
  const DatedList invoices{Table::kInvoiceOfAccount, Table::kInvoiceOfCustomer};
  const DatedList notes{Table::kCreditNoteOfAccount, Table::kCreditNoteOfCustomer};
  BILLING_CHECK(visit_list(source, invoices, scope, last, [&](Place, const Uuid& object) {
    return by_accounts.add_invoice(InvoiceId{object});
  }));
  BILLING_CHECK(visit_list(source, notes, scope, last, [&](Place place, const Uuid&) {
    return by_accounts.add_note(place.position);
  }));
  return sums.report(currency);
}

}  // namespace billing::views
