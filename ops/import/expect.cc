#include "ops/import/expect.h"

#include <algorithm>
#include <charconv>

#include "ledger/base/money.h"

namespace billing::import {
namespace {

// Takes "invoices=" off; without it, the kind of all steps.
Result<Kind> take_kind(const Mapping& mapping, std::string_view& text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string_view::npos) {
    BILLING_TRY(kind, parse_kind(text.substr(0, equals)));
    text.remove_prefix(equals + 1);
    if (std::ranges::find(mapping.steps, kind, &Step::kind) == mapping.steps.end())
      return refuse(Code::kConfiguration, "no step of the mapping is of the kind " + std::string(kind_text(kind)));
    return kind;
  }
  if (mapping.steps.empty()) return refuse(Code::kConfiguration, "the mapping has no step of which rows could be expected");
  const Kind kind = mapping.steps[0].kind;
  if (!std::ranges::all_of(mapping.steps, [&](const Step& step) { return step.kind == kind; }))
    return refuse(Code::kConfiguration, "the mapping has several kinds: say " + std::string(kind_text(kind)) + "=…");
  return kind;
}

}  // namespace

Result<std::vector<Expectation>> expectations(const Mapping& mapping, std::span<const std::string> rows,
                                              std::span<const std::string> totals) {
  std::vector<Expectation> all;
  for (std::string_view text : rows) {
    BILLING_TRY(kind, take_kind(mapping, text));
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
      return refuse(Code::kConfiguration, "--expect-rows is a number of rows, not '" + std::string(text) + "'");
    all.push_back({kind, number, std::nullopt});
  }
  for (std::string_view text : totals) {
    BILLING_TRY(kind, take_kind(mapping, text));
    if (!has_amount(kind))
      return refuse(Code::kConfiguration, "--expect-total is of kinds with amounts, not of " + std::string(kind_text(kind)));
    BILLING_TRY(currency, Currency::parse(mapping.currency));
    const auto money = parse_money(text, currency);
    if (!money) return refuse(Code::kConfiguration, "--expect-total is an amount such as 1234.50, not '" + std::string(text) + "'");
    all.push_back({kind, std::nullopt, money->minor});
  }
  return all;
}

Result<void> check_expected(std::span<const Expectation> expected, const Outcomes& outcomes, Currency currency) {
  for (const Expectation& one : expected) {
    const Tally read = outcomes[static_cast<std::size_t>(one.kind)].read();
    const std::string kind(kind_text(one.kind));
    if (one.rows && *one.rows != read.rows)
      return refuse(Code::kSumMismatch, kind + ": " + std::to_string(read.rows) + " rows were read, " +
                                            std::to_string(*one.rows) + " are expected; nothing was sent");
    if (one.amount && *one.amount != read.amount)
      return refuse(Code::kSumMismatch, kind + ": the rows come to " + amount_text(read.amount, currency) + ", " +
                                            amount_text(*one.amount, currency) + " are expected; nothing was sent");
  }
  return {};
}

}  // namespace billing::import
