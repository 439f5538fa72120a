// The rows' values as commands of the API: one NDJSON line each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/base/currency.h"
#include "ops/import/kinds.h"

namespace billing::import {

// What all commands of one import share.
struct Target {
  std::string name;      // of the import
  std::string customer;  // id
  std::string currency;
};

// The values of a row by the names of `kinds`; what the row does not say is empty.
class RowValues {
 public:
  RowValues() = default;
  RowValues(std::span<const FieldKind> kinds, std::vector<std::optional<std::string>> values)
      : kinds_(kinds), values_(std::move(values)) {}
  // Null when the row says nothing. `name` must be one of the kind's. Lives as long as the row does.
  const std::string* get(std::string_view name) const&;
  const std::string* get(std::string_view name) const&& = delete;

 private:
  std::span<const FieldKind> kinds_;
  std::vector<std::optional<std::string>> values_;
};

std::string customer_command(const Target& target, std::string_view key, std::string_view customer_name);
// The commands of one object, in the order in which they are to be sent: those of a row, or of a document with its lines.
// The row has a key. Invoices over 1,000 lines are a draft in parts and its issue. Errors: kTooManyLines (a credit note
// has no draft); kInvalidParameter, kMissingField (how a chargeback ended).
Result<std::vector<std::string>> commands_of(const Target& target, Kind kind, const RowValues& head,
                                             std::span<const RowValues> lines);
// Makes the grouping that groups name.
std::string grouping_command(const Target& target, std::string_view grouping);

// The part of commands_of for kinds that is_document.
Result<std::vector<std::string>> document_commands(const Target& target, Kind kind, const RowValues& head,
                                                   std::span<const RowValues> lines);

// What one line of a document comes to, with taxes that it gives and without those that the ledger computes, in minor
// units. Errors: kMissingField (no amount), kSumMismatch (amount and quantity times price), kOverflow, kTooManyDecimals.
Result<std::int64_t> line_sum(const RowValues& row, Currency currency);
// What the document comes to, with its computed taxes as the ledger has them on invoices: per authority, code and rate
// on the sum of the lines. Errors: those of line_sum.
Result<std::int64_t> document_total(std::span<const RowValues> lines, Currency currency);

}  // namespace billing::import
