// Tax that we compute: per authority, code and rate on the sum of a document's rounded net amounts (EN 16931), rounded
// once, half away from zero, then split over the lines so that nothing is lost.
#pragma once

#include <map>
#include <tuple>

#include "ledger/domain/invoice.h"

namespace billing::tax {

// base x rate, rounded half away from zero. Error: kOverflow.
Result<std::int64_t> amount_of(int128 base, Decimal rate);

// A rate is a fraction: more than 1 in size is most likely meant as per cent. Error: kInvalidParameter.
Result<void> check_rate(Decimal rate, const std::string& pointer);
// Whether what a given tax says agrees: its basis is the line's net, and its amount is basis x rate to within one minor
// unit. Without a rate (zero) the amount is taken as given. Errors: those of check_rate; kSumMismatch.
Result<void> check_given(const Tax& tax, std::int64_t net, Currency currency, const std::string& pointer);

// Splits a group's tax over lines with these net amounts: each gets its exact tax rounded down, then one unit each goes
// to the largest fractions, ties to the earlier line. `total` is what amount_of gives for the sum of `nets`.
std::vector<std::int64_t> split(std::int64_t total, const std::vector<std::int64_t>& nets, Decimal rate);

// The taxes of a document by authority, code and rate, computed and given ones apart; in order of first appearance.
class Groups {
 public:
  // The group of this tax; a new one with sums of zero when it is the first of its kind.
  std::uint32_t index_of(const Tax& tax);
  std::vector<invoice::TaxGroup> groups;

 private:
  std::map<std::tuple<std::string, std::string, Decimal, bool>, std::uint32_t> index_;
};

// An amount for each computed tax of each line, in order: lines, then taxes of the line. Error: kOverflow.
Result<std::vector<std::int64_t>> compute(const std::vector<Line>& lines);
// Puts such amounts into the lines.
void fill_in(std::vector<Line>& lines, const std::vector<std::int64_t>& amounts);

// Gives the lines of a credit note against `invoice` the computed taxes of the lines that they credit: per group, the
// tax of the base that was left before less the tax of the base that is left after, so that notes never exceed the
// invoice. A line that is credited in full gives back all the tax that is left of it, and no line more than that. Net
// amounts were checked before. Error: kSumMismatch, where a note names another tax than ours.
Result<void> credit(const invoice::State& invoice, std::vector<Line>& lines);

// Of evolve functions: the taxes of an issued document's lines, and what a note's line takes back of them.
void remember(invoice::State& invoice, const std::vector<Line>& lines, const std::vector<std::int64_t>& computed_taxes);
void take_back(invoice::State& invoice, const Line& note_line);

}  // namespace billing::tax
