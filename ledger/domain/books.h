// The operator's accounting periods: calendar months that close in order and never reopen, and the release of deferred
// revenue that a close needs.
#pragma once

#include <map>
#include <set>

#include "ledger/domain/customer.h"
#include "ledger/domain/invoice.h"
#include "ledger/domain/types.h"

namespace billing::books {

// A line of an issued invoice.
struct LineRef {
  InvoiceId invoice;
  std::uint32_t line = 0;
  friend auto operator<=>(const LineRef&, const LineRef&) = default;
};

struct State {
  std::optional<std::int32_t> closed_through;  // month_index of the last closed period
  std::optional<std::int32_t> closing;         // takes no postings any more; its revenue is being released
  // Deferred lines by the month for which they are to be released next.
  std::map<std::int32_t, std::map<CustomerId, std::set<LineRef>>> due;
};

// From here on nothing is posted into the period.
struct PeriodClosing {
  std::int32_t period = 0;
  friend bool operator==(const PeriodClosing&, const PeriodClosing&) = default;
};
struct PeriodClosed {
  std::int32_t period = 0;
  friend bool operator==(const PeriodClosed&, const PeriodClosed&) = default;
};
struct Release {
  InvoiceId invoice;
  std::uint32_t line = 0;
  std::uint16_t revenue_code = 4000;
  std::int64_t amount = 0;
  friend bool operator==(const Release&, const Release&) = default;
};
// What a customer's deferred lines earned in the period: the share of its days, cumulative, less what was released. A line
// that earned nothing is listed with 0. In the books' stream of the customer.
// Or a correction: a note of this day took more of what is deferred than was left once all months up to the period were
// released, as a note of an earlier day shows that came later. The amounts go back to 2300 and are negative (positive on
// negative lines).
struct RevenueReleased {
  CustomerId customer;
  std::int32_t period = 0;
  Date posting_date;  // the period's last day, or the note's
  Currency currency;
  std::vector<Release> lines;
  bool is_correction() const { return posting_date.month_index() != period; }
  friend bool operator==(const RevenueReleased&, const RevenueReleased&) = default;
};

struct BeginClose {
  std::int32_t period = 0;  // month_index; the one after the last closed, any one at first; over before today
};
// One slice of at most 1,000 lines; refused with nothing-changes when none is left.
struct ReleaseRevenue {
  CustomerId customer;
  std::int32_t period = 0;
};
struct Close {
  std::int32_t period = 0;
};

// The posting date of a document of this day: the day itself, or the first day of the next open period.
Date posting_date_of(const billing::State& state, Date document_date);
// What a note of `net` on `day` takes out of 2300 of a deferred line; the rest comes from its revenue. That follows from days
// alone: what the months before earned counts as released, whether or not they are closed yet, and notes of later days do not
// count. `more`: what the same note takes by lines before this one.
std::int64_t deferred_part(const invoice::State& invoice, std::uint32_t line, std::int64_t net, Date day,
                           const std::vector<invoice::DeferredCredit>& more = {});
// What `added` changes for notes of later days: corrections of what they took, by day.
std::map<Date, std::vector<Release>> corrections(const invoice::State& invoice,
                                                 const std::vector<invoice::DeferredCredit>& added);
// For evolve functions: puts a deferred line where its release_month says, while something of it is unreleased; takes it out.
void schedule(billing::State& state, LineRef line);
void unschedule(billing::State& state, LineRef line);

Decision decide(const billing::State& state, const BeginClose& command, const Context& context);
Decision decide(const billing::State& state, const ReleaseRevenue& command, const Context& context);
Decision decide(const billing::State& state, const Close& command, const Context& context);
void evolve(billing::State& state, const PeriodClosing& event);
void evolve(billing::State& state, const PeriodClosed& event);
void evolve(billing::State& state, const RevenueReleased& event);

}  // namespace billing::books
