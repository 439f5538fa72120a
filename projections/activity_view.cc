#include "projections/activity_view.h"

#include <algorithm>

#include "projections/concerned.h"
#include "projections/invoices_view.h"
#include "projections/payments_view.h"

namespace billing::views {
namespace {

// Every account whose activity shows the event.
std::vector<AccountId> concerned(const codec::Envelope& event, Rows& rows) {
  std::vector<AccountId> accounts = concerned_accounts(event.event);
  if (!accounts.empty()) return accounts;
  if (event.stream.kind == StreamKind::kInvoice) {  // lines of a draft, or it was discarded
    const auto row = rows.load<InvoiceRow>(invoice_key(InvoiceId{event.stream.id}));
    if (row) accounts.push_back(row->account);
  }
  if (event.stream.kind == StreamKind::kPayment) {  // how it, or a refund or chargeback of it, goes on
    const auto row = rows.load<PaymentRow>(payment_key(event.stream.id));
    if (row) accounts.push_back(row->account);
  }
  return accounts;
}

// A clock that was set back by less than this does not hide an event from a question about a time.
constexpr std::int64_t kClockSteps = std::int64_t{2} * 86'400 * 1'000'000;

// The first position whose event was recorded at this time or later, if no clock was ever set back.
Result<Position> first_at(const Source& source, Position head, std::int64_t micros) {
  Position low = 1, high = head + 1;
  while (low < high) {
    const Position middle = low + (high - low) / 2;
    BILLING_TRY(event, event_at(source, middle));
    if (event.recorded.micros < micros) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

void activity::apply(const codec::Envelope& event, Rows& rows) {
  // Sorted by position alone: what was recorded last stands first.
  append_dated(rows, kActivityList, event.customer, concerned(event, rows), {Date{0}, event.position}, Uuid{});
}

Result<Page<Activity>> list_activity(const Source& source, Position head, const Scope& scope, Date today,
                                     const RecordedWithin& recorded, const PageRequest& request) {
  const auto micros = [](const std::optional<Instant>& at) { return at ? std::to_string(at->micros) : "-"; };
  const std::string binding = Key(kActivityList.of_customer).bytes() + micros(recorded.from) + micros(recorded.until);
  DatedPart part;
  BILLING_TRY(limit, page_limit(request));
  part.limit = limit;
  BILLING_TRY(begin, page_from(binding, request.cursor));
  part.ascending = begin.back;
  if (!begin.place.empty()) {
    BILLING_TRY(place, parse_place(begin.place));
    part.after = place;
  }
  if (recorded.until) {
    BILLING_TRY(behind, first_at(source, head, recorded.until->micros + kClockSteps));
    part.before = Place{Date{0}, behind};
  }
  if (recorded.from) {
    BILLING_TRY(first, first_at(source, head, recorded.from->micros - kClockSteps));
    part.not_before = Place{Date{0}, first};
  }
  const auto accept = [&](Place place, const Uuid&) -> Result<bool> {
    if (recorded.all()) return true;
    BILLING_TRY(event, event_at(source, place.position));
    return recorded.has(event.recorded);
  };
  BILLING_TRY(entries, dated_part(source, kActivityList, scope, today, part, accept));
  if (begin.back) std::ranges::reverse(entries.items);
  Page<Activity> page;
  for (const auto& [place, object] : entries.items) {
    BILLING_TRY(event, event_at(source, place.position));
    page.items.push_back(describe(event));
  }
  if (entries.items.empty()) return page;
  PageEnds ends = page_ends(binding, begin, entries.more, place_bytes(entries.items.front().first),
                            place_bytes(entries.items.back().first));
  page.next = std::move(ends.next);
  page.previous = std::move(ends.previous);
  return page;
}

}  // namespace billing::views
