#include "ledger/domain/tax.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include "ledger/domain/event.h"

namespace billing::tax {
namespace {

// A tax of one line, exactly: rounded down, and the fraction that was cut off.
struct Part {
  std::int64_t amount = 0;
  std::int64_t fraction = 0;
};
Part exact(std::int64_t net, Decimal rate) {
  const int128 product = int128{net} * rate.nanos;
  int128 floor = product / Decimal::kOne;
  if (product % Decimal::kOne < 0) --floor;
  return {static_cast<std::int64_t>(floor), static_cast<std::int64_t>(product - floor * Decimal::kOne)};
}

std::vector<std::size_t> largest_fraction_first(const std::vector<Part>& parts) {
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return parts[a].fraction != parts[b].fraction ? parts[a].fraction > parts[b].fraction : a < b;
  });
  return order;
}

// Of a computed group: a line that the note credits.
struct CreditedLine {
  std::uint32_t line = 0;
  std::size_t place = 0;  // of its tax in State::line_taxes
  std::int64_t net = 0;   // of the note
  std::int64_t left = 0;  // of the line's tax in this group
  bool full = false;      // nothing of the line's net is left
  std::int64_t tax = 0;
};

// As `split`, but of a sum that may differ from the sum of the exact taxes by roundings of before, and no line beyond
// what is left of its tax.
void split_within_left(std::int64_t total, std::vector<CreditedLine*>& lines, Decimal rate) {
  std::vector<Part> parts;
  for (CreditedLine* line : lines) {
    const Part& part = parts.emplace_back(exact(line->net, rate));
    line->tax = std::clamp(part.amount, std::min<std::int64_t>(0, line->left), std::max<std::int64_t>(0, line->left));
    total -= line->tax;
  }
  const std::int64_t unit = total < 0 ? -1 : 1;
  auto order = largest_fraction_first(parts);
  if (unit < 0) std::ranges::reverse(order);
  for (bool moved = true; moved && total != 0;) {
    moved = false;
    for (const std::size_t place : order) {
      CreditedLine& line = *lines[place];
      const std::int64_t next = line.tax + unit;
      if (total == 0) break;
      if (next < std::min<std::int64_t>(0, line.left) || next > std::max<std::int64_t>(0, line.left)) continue;
      line.tax = next;
      total -= unit;
      moved = true;
    }
  }
}

Result<void> credit_group(const invoice::TaxGroup& group, std::vector<CreditedLine>& lines) {
  int128 after = int128{group.base} - group.credited_base;
  std::vector<CreditedLine*> partial;
  for (CreditedLine& line : lines) {
    after -= line.net;
    if (!line.full) partial.push_back(&line);
  }
  BILLING_TRY(tax_after, amount_of(after, group.rate));
  std::int64_t total = group.tax - group.credited_tax - tax_after;
  for (CreditedLine& line : lines) {
    if (!line.full) continue;
    line.tax = line.left;
    total -= line.tax;
  }
  split_within_left(total, partial, group.rate);
  return {};
}

// The lines of a note by the line of the invoice that they credit.
std::map<std::uint32_t, std::vector<std::size_t>> by_credited_line(const std::vector<Line>& lines) {
  std::map<std::uint32_t, std::vector<std::size_t>> places;
  for (std::size_t n = 0; n < lines.size(); ++n) places[*lines[n].credited_line].push_back(n);
  return places;
}

bool has_tax(const invoice::State& invoice, const invoice::LineState& line, bool computed) {
  const std::span taxes = std::span(invoice.line_taxes).subspan(line.first_tax, line.tax_count);
  return std::ranges::any_of(taxes, [&](const auto& tax) { return invoice.taxes[tax.group].computed == computed; });
}

// What a note says of taxes beside ours: kept where the line has given taxes too, else it must be what we computed, and
// ours stands for it.
Result<void> check_credited(const invoice::State& invoice, Line& line, std::size_t n) {
  const invoice::LineState& of = invoice.lines[*line.credited_line];
  if (!has_tax(invoice, of, true) || has_tax(invoice, of, false)) return {};
  std::int64_t ours = 0;
  std::int64_t given = 0;
  for (const Tax& tax : line.taxes) (tax.computed ? ours : given) += tax.amount;
  if (given != 0 && given != ours) {
    return refuse(Code::kSumMismatch, "the tax of this line is computed: leave it out",
                  "/lines/" + std::to_string(n) + "/taxes");
  }
  std::erase_if(line.taxes, [](const Tax& tax) { return !tax.computed; });
  return {};
}

// A note that wants its tax computed, where the invoice's was given.
Result<void> check_wanted(const invoice::State& invoice, const Line& line, std::size_t n) {
  if (has_tax(invoice, invoice.lines[*line.credited_line], true)) return {};
  if (std::ranges::none_of(line.taxes, &Tax::computed)) return {};
  return refuse(Code::kSumMismatch, "the tax of this line was given: give the note's",
                "/lines/" + std::to_string(n) + "/taxes");
}

// Puts the tax that a line of the invoice gives back into the lines of the note that credit it.
void put(const invoice::TaxGroup& group, std::int64_t amount, const std::vector<std::size_t>& places,
         std::vector<Line>& lines) {
  std::vector<std::int64_t> weights;
  for (const std::size_t place : places) weights.push_back(lines[place].net < 0 ? -lines[place].net : lines[place].net);
  const auto parts = allocate(amount, weights);
  for (std::size_t i = 0; i < places.size(); ++i) {
    Line& line = lines[places[i]];
    line.taxes.push_back({group.authority, group.code, group.rate, line.net, parts[i], group.exempt_reason, true});
  }
}

bool same_kind(const invoice::TaxGroup& group, const Tax& tax) {
  return group.computed == tax.computed && group.rate == tax.rate && group.code == tax.code &&
         group.authority == tax.authority;
}

}  // namespace

Result<std::int64_t> amount_of(int128 base, Decimal rate) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (base < Limits::min() || base > Limits::max()) return refuse(Code::kOverflow, {}, "/lines");
  const int128 amount = divide_half_up(base * rate.nanos, Decimal::kOne);
  if (amount <= Limits::min() || amount > Limits::max()) return refuse(Code::kOverflow, {}, "/lines");
  return static_cast<std::int64_t>(amount);
}

Result<void> check_rate(Decimal rate, const std::string& pointer) {
  if (rate.nanos <= Decimal::kOne && rate.nanos >= -Decimal::kOne) return {};
  return refuse(Code::kInvalidParameter,
                "a rate is a fraction of at most 1; if " + rate.text() + " is meant as per cent, divide it by 100", pointer);
}

Result<void> check_given(const Tax& tax, std::int64_t net, Currency currency, const std::string& pointer) {
  BILLING_CHECK(check_rate(tax.rate, pointer + "/rate"));
  if (tax.computed) return {};
  if (tax.basis != net) {
    return refuse(Code::kSumMismatch, "the basis of a line's tax is its net, " + amount_text(net, currency),
                  pointer + "/basis");
  }
  if (tax.rate == Decimal{}) return {};
  const int128 difference = int128{tax.amount} * Decimal::kOne - int128{tax.basis} * tax.rate.nanos;
  if (difference <= Decimal::kOne && difference >= -int128{Decimal::kOne}) return {};
  BILLING_TRY(expected, amount_of(tax.basis, tax.rate));
  return refuse(Code::kSumMismatch,
                amount_text(net, currency) + " at " + tax.rate.text() + " is " + amount_text(expected, currency) +
                    ": mend the amount, or leave out the rate",
                pointer + "/amount");
}

std::vector<std::int64_t> split(std::int64_t total, const std::vector<std::int64_t>& nets, Decimal rate) {
  std::vector<Part> parts;
  int128 left = total;
  for (const std::int64_t net : nets) left -= parts.emplace_back(exact(net, rate)).amount;
  for (const std::size_t place : largest_fraction_first(parts)) {
    if (left <= 0) break;
    parts[place].amount++;
    left--;
  }
  std::vector<std::int64_t> amounts;
  for (const Part& part : parts) amounts.push_back(part.amount);
  return amounts;
}

std::uint32_t Groups::index_of(const Tax& tax) {
  const auto [found, added] = index_.try_emplace({tax.authority, tax.code, tax.rate, tax.computed},
                                                 static_cast<std::uint32_t>(groups.size()));
  if (added) groups.push_back({tax.authority, tax.code, tax.rate, tax.computed, tax.exempt_reason});
  invoice::TaxGroup& group = groups[found->second];
  if (group.exempt_reason.empty()) group.exempt_reason = tax.exempt_reason;
  return found->second;
}

Result<std::vector<std::int64_t>> compute(const std::vector<Line>& lines) {
  Groups groups;
  std::vector<int128> bases;
  std::vector<std::vector<std::int64_t>> nets;          // by group
  std::vector<std::vector<std::size_t>> places;         // likewise: in the answer
  std::size_t count = 0;
  for (const Line& line : lines) {
    for (const Tax& tax : line.taxes) {
      if (!tax.computed) continue;
      const std::uint32_t group = groups.index_of(tax);
      if (group == nets.size()) {
        bases.push_back(0);
        nets.emplace_back();
        places.emplace_back();
      }
      // The tax of one line alone must fit, so that rounding it down does.
      BILLING_CHECK(amount_of(line.net, tax.rate));
      bases[group] += line.net;
      nets[group].push_back(line.net);
      places[group].push_back(count++);
    }
  }
  std::vector<std::int64_t> amounts(count, 0);
  for (std::size_t group = 0; group < nets.size(); ++group) {
    const Decimal rate = groups.groups[group].rate;
    BILLING_TRY(total, amount_of(bases[group], rate));
    const auto parts = split(total, nets[group], rate);
    for (std::size_t i = 0; i < parts.size(); ++i) amounts[places[group][i]] = parts[i];
  }
  return amounts;
}

void fill_in(std::vector<Line>& lines, const std::vector<std::int64_t>& amounts) {
  std::size_t next = 0;
  for (Line& line : lines) {
    for (Tax& tax : line.taxes) {
      if (tax.computed) tax.amount = amounts[next++];
    }
  }
}

Result<void> credit(const invoice::State& invoice, std::vector<Line>& lines) {
  for (std::size_t n = 0; n < lines.size(); ++n) {
    BILLING_CHECK(check_wanted(invoice, lines[n], n));
    std::erase_if(lines[n].taxes, [](const Tax& tax) { return tax.computed; });
  }
  const auto notes = by_credited_line(lines);
  std::map<std::uint32_t, std::vector<CreditedLine>> groups;
  for (const auto& [number, places] : notes) {
    const invoice::LineState& of = invoice.lines[number];
    std::int64_t net = 0;
    for (const std::size_t place : places) net += lines[place].net;
    for (std::size_t i = of.first_tax; i < std::size_t{of.first_tax} + of.tax_count; ++i) {
      const invoice::LineTax& tax = invoice.line_taxes[i];
      if (!invoice.taxes[tax.group].computed) continue;
      const bool full = of.net - of.credited_net == net;
      groups[tax.group].push_back({number, i, net, tax.amount - tax.credited, full, 0});
    }
  }
  for (auto& [group, credited] : groups) {
    BILLING_CHECK(credit_group(invoice.taxes[group], credited));
    for (const CreditedLine& line : credited) put(invoice.taxes[group], line.tax, notes.at(line.line), lines);
  }
  for (std::size_t n = 0; n < lines.size(); ++n) BILLING_CHECK(check_credited(invoice, lines[n], n));
  return {};
}

void remember(invoice::State& invoice, const std::vector<Line>& lines,
              const std::vector<std::int64_t>& computed_taxes) {
  Groups groups;
  std::size_t next = 0;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    invoice::LineState& line = invoice.lines[n];
    line.first_tax = static_cast<std::uint32_t>(invoice.line_taxes.size());
    line.tax_count = static_cast<std::uint16_t>(lines[n].taxes.size());
    line.tax = 0;
    for (const Tax& tax : lines[n].taxes) {
      const bool elsewhere = tax.computed && next < computed_taxes.size();
      const std::int64_t amount = elsewhere ? computed_taxes[next++] : tax.amount;
      const std::uint32_t group = groups.index_of(tax);
      invoice.line_taxes.push_back({group, amount, 0});
      if (tax.computed) groups.groups[group].base += line.net;
      groups.groups[group].tax += amount;
      line.tax += amount;
    }
  }
  invoice.taxes = std::move(groups.groups);
}

void take_back(invoice::State& invoice, const Line& note_line) {
  const invoice::LineState& line = invoice.lines[*note_line.credited_line];
  const std::span taxes = std::span(invoice.line_taxes).subspan(line.first_tax, line.tax_count);
  for (const Tax& tax : note_line.taxes) {
    const auto take = [&](invoice::LineTax& from, std::int64_t amount) {
      from.credited += amount;
      invoice.taxes[from.group].credited_tax += amount;
    };
    const auto same =
        std::ranges::find_if(taxes, [&](const auto& one) { return same_kind(invoice.taxes[one.group], tax); });
    if (tax.computed) {
      if (same == taxes.end()) continue;
      invoice.taxes[same->group].credited_base += note_line.net;
      take(*same, tax.amount);
      continue;
    }
    // A given tax goes to its like as far as that has so much left, then to the line's others; what none of them has
    // left, being of another sign, to the first.
    std::int64_t rest = tax.amount;
    const auto take_left = [&](invoice::LineTax& from) {
      const std::int64_t left = from.amount - from.credited;
      if (invoice.taxes[from.group].computed || (left < 0) != (rest < 0)) return;
      const std::int64_t part = rest < 0 ? std::max(rest, left) : std::min(rest, left);
      take(from, part);
      rest -= part;
    };
    if (same != taxes.end()) take_left(*same);
    for (invoice::LineTax& from : taxes) take_left(from);
    const auto given = std::ranges::find_if(taxes, [&](const auto& one) { return !invoice.taxes[one.group].computed; });
    if (given != taxes.end()) take(*given, rest);
  }
}

}  // namespace billing::tax
