#include "ledger/domain/books.h"

#include <algorithm>

#include "ledger/domain/state.h"

namespace billing::books {
namespace {

constexpr std::int32_t kFirstPeriod = 1900 * 12;

Date first_day(std::int32_t month) { return Date::clamped(month / 12, month % 12 + 1, 1); }
Date last_day(std::int32_t month) { return first_day(month + 1).plus_days(-1); }

const invoice::LineState& line_of(const billing::State& state, LineRef ref) {
  return state.invoices.at(ref.invoice).lines[ref.line];
}

StreamEvent books_fact(Event event) { return fact({StreamKind::kBooks, kOperator.uuid}, kOperator, std::move(event)); }

Result<void> check_closing(const billing::State& state, std::int32_t period) {
  if (state.books.closing != period) return refuse(Code::kPeriodNotClosing, {}, "/period");
  return {};
}

// What the line earned from `period` and all before it, less what was released: by days, rounded once on the whole, and
// never more than is `left` of it on 2300.
std::int64_t earned(const invoice::LineState& line, std::int32_t period, std::int64_t released, std::int64_t left) {
  const Date end = first_day(period + 1);
  if (line.service_period.to <= end) return left;
  if (line.service_period.from >= end) return 0;
  const int128 days = end.days - line.service_period.from.days;
  const int128 all_days = line.service_period.to.days - line.service_period.from.days;
  const auto cumulative = static_cast<std::int64_t>(divide_half_up(line.net * days, all_days));
  const std::int64_t amount = cumulative - released;
  return left < 0 ? std::clamp<std::int64_t>(amount, left, 0) : std::clamp<std::int64_t>(amount, 0, left);
}

// What notes up to this day took of the line.
std::int64_t taken_until(const std::vector<invoice::DeferredCredit>& credits, std::uint32_t line, Date day) {
  std::int64_t sum = 0;
  for (const invoice::DeferredCredit& one : credits) sum += one.line == line && one.on <= day ? one.deferred : 0;
  return sum;
}

// What is left of the line on 2300 on this day once all earlier months are released.
std::int64_t left_on(const invoice::LineState& line, std::uint32_t number, Date day,
                     const std::vector<invoice::DeferredCredit>& credits) {
  std::int64_t released = line.released;
  for (std::int32_t period = line.release_month; period < day.month_index(); ++period) {
    const std::int64_t left = line.net - released - taken_until(credits, number, last_day(period));
    released += earned(line, period, released, left);
    if (line.service_period.to <= first_day(period + 1)) break;  // all is released
  }
  return line.net - released - taken_until(credits, number, day);
}

// From zero to what is left, whatever the sign of that.
std::int64_t within(std::int64_t net, std::int64_t left) {
  if ((net < 0) != (left < 0)) return 0;
  return net < 0 ? std::max(net, left) : std::min(net, left);
}

// The notes of that day took so much more of the line, or less: the last of them first.
void correct(invoice::State& invoice, const Release& release, Date on) {
  std::int64_t rest = release.amount;
  for (auto one = invoice.deferred_credits.rbegin(); rest != 0 && one != invoice.deferred_credits.rend(); ++one) {
    if (one->line != release.line || one->on != on) continue;
    const std::int64_t before = one->deferred;
    one->deferred = within(one->net, before + rest);
    rest -= one->deferred - before;
  }
}

}  // namespace

Date posting_date_of(const billing::State& state, Date document_date) {
  const auto last = state.books.closing ? state.books.closing : state.books.closed_through;
  if (!last || document_date.month_index() > *last) return document_date;
  return first_day(*last + 1);
}

std::int64_t deferred_part(const invoice::State& invoice, std::uint32_t line, std::int64_t net, Date day,
                           const std::vector<invoice::DeferredCredit>& more) {
  std::vector<invoice::DeferredCredit> credits = invoice.deferred_credits;
  credits.insert(credits.end(), more.begin(), more.end());
  return within(net, left_on(invoice.lines[line], line, day, credits));
}

std::map<Date, std::vector<Release>> corrections(const invoice::State& invoice,
                                                 const std::vector<invoice::DeferredCredit>& added) {
  std::map<Date, std::vector<Release>> days;
  if (added.empty()) return days;
  // Those up to the day of the new note stand as they are; what later ones take is worked out again, day by day.
  std::vector<invoice::DeferredCredit> so_far;
  std::multimap<Date, invoice::DeferredCredit> in_order;
  for (const invoice::DeferredCredit& one : invoice.deferred_credits) {
    if (one.on <= added.front().on) {
      so_far.push_back(one);
    } else {
      in_order.emplace(one.on, one);
    }
  }
  so_far.insert(so_far.end(), added.begin(), added.end());
  for (const auto& [day, later] : in_order) {
    const invoice::LineState& line = invoice.lines[later.line];
    invoice::DeferredCredit right = later;
    right.deferred = within(later.net, left_on(line, later.line, later.on, so_far));
    so_far.push_back(right);
    if (right.deferred == later.deferred) continue;
    days[day].push_back({invoice.id, later.line, line.revenue_code, right.deferred - later.deferred});
  }
  return days;
}

void schedule(billing::State& state, LineRef ref) {
  const invoice::LineState& line = line_of(state, ref);
  if (line.unreleased == 0) return;
  state.books.due[line.release_month][state.invoices.at(ref.invoice).customer].insert(ref);
}

void unschedule(billing::State& state, LineRef ref) {
  const auto month = state.books.due.find(line_of(state, ref).release_month);
  if (month == state.books.due.end()) return;
  const auto customer = month->second.find(state.invoices.at(ref.invoice).customer);
  if (customer == month->second.end()) return;
  customer->second.erase(ref);
  if (customer->second.empty()) month->second.erase(customer);
  if (month->second.empty()) state.books.due.erase(month);
}

Decision decide(const billing::State& state, const BeginClose& command, const Context& context) {
  const State& books = state.books;
  if (command.period < kFirstPeriod) return refuse(Code::kInvalidDate, {}, "/period");
  if (books.closing == command.period) return refuse(Code::kNothingChanges, month_text(command.period), "/period");
  if (books.closing) return refuse(Code::kPeriodNotNext, month_text(*books.closing) + " is closing", "/period");
  if (books.closed_through && command.period != *books.closed_through + 1) {
    return refuse(Code::kPeriodNotNext, "the next one is " + month_text(*books.closed_through + 1), "/period");
  }
  if (command.period >= context.today.month_index()) {
    return refuse(Code::kPeriodNotNext, month_text(command.period) + " is not over", "/period");
  }

  return std::vector{books_fact(PeriodClosing{command.period})};
}

Decision decide(const billing::State& state, const ReleaseRevenue& command, const Context&) {
  BILLING_TRY(customer, find_customer(state, command.customer));
  BILLING_CHECK(check_closing(state, command.period));
  const Date date = last_day(command.period);
  RevenueReleased released{customer->id, command.period, date, customer->currency, {}};
  for (const auto& [month, customers] : state.books.due) {
    if (month > command.period) break;
    const auto due = customers.find(customer->id);
    if (due == customers.end()) continue;
    for (const LineRef& ref : due->second) {
      if (released.lines.size() == kLinesMax) break;
      const invoice::State& invoice = state.invoices.at(ref.invoice);
      const invoice::LineState& line = invoice.lines[ref.line];
      const std::int64_t left = line.net - line.released - taken_until(invoice.deferred_credits, ref.line, date);
      released.lines.push_back({ref.invoice, ref.line, line.revenue_code, earned(line, command.period, line.released, left)});
    }
  }
  if (released.lines.empty()) return refuse(Code::kNothingChanges, "nothing is left to release", "/period");

  const Currency currency = customer->currency;
  return std::vector{money_fact({StreamKind::kBooks, customer->id.uuid}, customer->id, std::move(released), date, date,
                                currency)};
}

Decision decide(const billing::State& state, const Close& command, const Context&) {
  BILLING_CHECK(check_closing(state, command.period));
  if (!state.books.due.empty() && state.books.due.begin()->first <= command.period) {
    const CustomerId first = state.books.due.begin()->second.begin()->first;
    return refuse(Code::kRevenueUnreleased, "of customer " + first.text() + ", perhaps of others", "/period");
  }

  return std::vector{books_fact(PeriodClosed{command.period})};
}

void evolve(billing::State& state, const PeriodClosing& event) { state.books.closing = event.period; }

void evolve(billing::State& state, const PeriodClosed& event) {
  state.books.closing.reset();
  state.books.closed_through = event.period;
}

void evolve(billing::State& state, const RevenueReleased& event) {
  for (const Release& release : event.lines) {
    const LineRef ref{release.invoice, release.line};
    unschedule(state, ref);
    invoice::State& invoice = state.invoices.at(release.invoice);
    invoice::LineState& line = invoice.lines[release.line];
    line.unreleased -= release.amount;
    if (event.is_correction()) {
      correct(invoice, release, event.posting_date);
    } else {
      line.released += release.amount;
      line.release_month = event.period + 1;
    }
    schedule(state, ref);
  }
}

}  // namespace billing::books
