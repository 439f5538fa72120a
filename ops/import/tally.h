// How many rows of each kind there are and what they come to.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "ledger/base/currency.h"
#include "ops/import/kinds.h"

namespace billing::import {

struct Tally {
  std::uint64_t rows = 0;
  std::int64_t amount = 0;  // minor units; stays at the end of its range
  void add(const Tally& more);
  friend bool operator==(const Tally&, const Tally&) = default;
};

// What one command carries of its file: its object's rows, once for all commands of the object.
struct Portion {
  Kind kind = Kind::kAccounts;
  Tally tally;
  friend bool operator==(const Portion&, const Portion&) = default;
};

// What became of the rows of a kind.
struct Outcome {
  Tally booked;    // or to be booked
  Tally repeated;  // had been booked before
  Tally refused;
  Tally read() const;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};
using Outcomes = std::array<Outcome, kKindCount>;

// Whether amounts of the kind are added up.
bool has_amount(Kind kind);

// A table for people: a line for each kind that has rows, and one with its sums. `sent` has what was already there.
std::string outcomes_text(const Outcomes& outcomes, Currency currency, bool sent);

}  // namespace billing::import
