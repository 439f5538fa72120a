// A state as text, sorted, so that two folds of the same events can be compared and their first difference read.
#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "ledger/domain/state.h"

namespace billing::testing {
namespace detail {

// One line for each entry of a hash map, by id.
template <class Map, class Describe>
void each(std::ostringstream& out, std::string_view kind, const Map& map, const Describe& describe) {
  std::vector<std::string> lines;
  for (const auto& [id, value] : map) {
    std::ostringstream line;
    line << kind << ' ' << id.text() << ':';
    describe(line, value);
    lines.push_back(line.str());
  }
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) out << line << '\n';
}

inline void invoice_text(std::ostringstream& out, const invoice::State& one) {
  out << " phase " << static_cast<int>(one.phase) << " number " << one.number << " open " << one.open << " paid " << one.paid
      << " credit " << one.credit << " reserved " << one.reserved << " disputed " << one.disputed << " draft "
      << one.draft_lines.size() << " payer " << one.payer.text();
  for (const auto& share : one.shares) {
    out << " share " << share.account.text() << ' ' << share.billed << '/' << share.open << '/' << share.written_off;
    for (const auto& step : share.open_by_day.steps()) out << ' ' << step.on.text() << ':' << step.change;
  }
  for (const auto& line : one.lines) {
    out << " line " << line.net << '/' << line.tax << '/' << line.credited_net << '/' << line.credited_tax << '/'
        << line.unreleased << '@' << line.release_month;
  }
  for (const auto& tax : one.taxes) out << " tax " << tax.base << '/' << tax.tax << '/' << tax.credited_base << '/' << tax.credited_tax;
  for (const auto& cycle : one.late_fee_cycles) out << " fee " << cycle;
}

inline void payment_text(std::ostringstream& out, const payment::State& one) {
  out << " phase " << static_cast<int>(one.phase) << " amount " << one.amount << " reversed " << one.reversed << " paid out "
      << one.paid_out << " difference " << one.rare().exchange_difference;
  for (const auto& part : one.money) {
    out << " at " << part.now.place.invoice.text() << '/' << part.now.place.account.text() << ' ' << part.amount << " since "
        << part.now.since.text() << " after " << part.before.size();
  }
  for (const auto& part : one.rare().reserved) out << " reserved " << part.invoice.text() << ' ' << part.amount;
  for (const auto& claim : one.claims()) {
    out << " claim " << static_cast<int>(claim.kind) << '/' << static_cast<int>(claim.phase) << ' ' << claim.amount;
  }
}

}  // namespace detail

inline std::string describe(const State& state) {
  std::ostringstream out;
  detail::each(out, "account", state.accounts, [](std::ostringstream& line, const account::State& one) {
    line << " open " << one.open << " unapplied " << one.unapplied << " held " << one.held << " owed " << one.owed << " deposited " << one.deposited << " items "
         << one.open_items << " children " << one.open_children << " frozen " << one.frozen << " closed " << one.closed
         << " roles " << one.roles.size() << " name " << one.name << " address " << one.address_version;
  });
  detail::each(out, "invoice", state.invoices, detail::invoice_text);
  detail::each(out, "payment", state.payments, detail::payment_text);
  detail::each(out, "queue", state.queues, [](std::ostringstream& line, const AccountQueues& one) {
    line << " own " << one.own.size() << " payer " << one.payer.size();
    for (const auto& [key, left] : one.credits) {
      line << " credit " << key.date.text() << ' ' << base32(key.source) << ' ' << left << (key.held ? " held" : "");
    }
    for (const auto& step : one.credit_by_day.steps()) line << " held " << step.on.text() << ':' << step.change;
  });
  detail::each(out, "deposit", state.deposits,
               [](std::ostringstream& line, const deposit::State& one) { line << ' ' << one.left; });
  detail::each(out, "dispute", state.disputes,
               [](std::ostringstream& line, const dispute::State& one) { line << ' ' << one.amount << ' ' << one.opened_on.text() << ' ' << one.closed; });
  detail::each(out, "plan", state.plans,
               [](std::ostringstream& line, const plan::State& one) {
    line << ' ' << one.cancelled_on.has_value() << " before " << one.issued_before;
    for (const auto& step : one.paid.steps()) line << ' ' << step.on.text() << ':' << step.change;
  });
  detail::each(out, "method", state.methods,
               [](std::ostringstream& line, const method::State& one) { line << ' ' << one.removed; });
  detail::each(out, "unbooked", state.unbooked,
               [](std::ostringstream& line, const unbooked::State& one) { line << ' ' << one.resolved; });
  detail::each(out, "grouping", state.groupings,
               [](std::ostringstream& line, const grouping::State& one) { line << ' ' << one.groups.size() << (one.deleted ? " deleted" : ""); });
  detail::each(out, "user", state.users, [](std::ostringstream& line, const user::State& one) { line << ' ' << one.suspended; });
  detail::each(out, "sequence", state.customer_sequences,
               [](std::ostringstream& line, std::uint64_t sequence) { line << ' ' << sequence; });
  std::vector<std::string> versions;
  for (const auto& [stream, version] : state.versions) {
    versions.push_back(std::string(stream_kind_text(stream.kind)) + ' ' + base32(stream.id) + ' ' + std::to_string(version));
  }
  std::sort(versions.begin(), versions.end());
  for (const std::string& version : versions) out << "version " << version << '\n';
  std::vector<std::string> series;
  for (const auto& [name, last] : state.series) series.push_back(name + ' ' + std::to_string(last));
  std::sort(series.begin(), series.end());
  for (const std::string& one : series) out << "series " << one << '\n';
  for (const auto& [currency, sum] : state.turnover) out << "turnover " << currency.code() << ' ' << sum << '\n';
  out << "closed through " << state.books.closed_through.value_or(-1) << " closing " << state.books.closing.value_or(-1) << '\n';
  for (const auto& [month, customers] : state.books.due) {
    for (const auto& [customer, lines] : customers) out << "due " << month << ' ' << lines.size() << '\n';
  }
  return out.str();
}

}  // namespace billing::testing
