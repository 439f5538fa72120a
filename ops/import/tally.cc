#include "ops/import/tally.h"

#include <fmt/format.h>

#include <limits>

#include "ledger/base/money.h"

namespace billing::import {

void Tally::add(const Tally& more) {
  rows += more.rows;
  const auto sum = checked_add(amount, more.amount);
  using Limits = std::numeric_limits<std::int64_t>;
  amount = sum ? *sum : more.amount > 0 ? Limits::max() : Limits::min();
}

Tally Outcome::read() const {
  Tally all = booked;
  all.add(repeated);
  all.add(refused);
  return all;
}

bool has_amount(Kind kind) {
  return kind != Kind::kAccounts && kind != Kind::kContacts && kind != Kind::kUsers && kind != Kind::kGroups;
}

std::string outcomes_text(const Outcomes& outcomes, Currency currency, bool sent) {
  const auto line = [sent](std::string_view name, std::string_view read, std::string_view booked,
                           std::string_view repeated, std::string_view refused) {
    std::string out = fmt::format("{:<14}{:>18}{:>18}", name, read, booked);
    if (sent) out += fmt::format("{:>18}", repeated);
    return out + fmt::format("{:>18}\n", refused);
  };
  std::string out = line("rows", "read", sent ? "booked" : "to be booked", "already there", "refused");
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const Outcome& one = outcomes[i];
    const Tally read = one.read();
    const auto kind = static_cast<Kind>(i);
    if (read.rows == 0) continue;
    const auto rows = [](const Tally& tally) { return std::to_string(tally.rows); };
    out += line(kind_text(kind), rows(read), rows(one.booked), rows(one.repeated), rows(one.refused));
    if (!has_amount(kind)) continue;
    const auto sum = [&](const Tally& tally) { return amount_text(tally.amount, currency); };
    out += line("  " + std::string(currency.code()), sum(read), sum(one.booked), sum(one.repeated), sum(one.refused));
  }
  return out;
}

}  // namespace billing::import
