// What the caller knows of a file beforehand: how many rows it has and what they come to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/import/mapping.h"
#include "ops/import/tally.h"

namespace billing::import {

struct Expectation {
  Kind kind = Kind::kAccounts;
  std::optional<std::uint64_t> rows;
  std::optional<std::int64_t> amount;  // minor units
};

// From "5" and "12.50", where all steps are of one kind, or "invoices=5" and "invoices=12.50". Errors: kConfiguration.
Result<std::vector<Expectation>> expectations(const Mapping& mapping, std::span<const std::string> rows,
                                              std::span<const std::string> totals);

// Error: kSumMismatch when other rows or another total were read.
Result<void> check_expected(std::span<const Expectation> expected, const Outcomes& outcomes, Currency currency);

}  // namespace billing::import
