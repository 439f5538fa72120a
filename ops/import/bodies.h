// The rows' values as commands of the API: one NDJSON line each.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/import/mapping.h"

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
  // Null when the row says nothing. `name` must be one of the kind's.
  const std::string* get(std::string_view name) const;

 private:
  std::span<const FieldKind> kinds_;
  std::vector<std::optional<std::string>> values_;
};

std::string customer_command(const Target& target, std::string_view key, std::string_view customer_name);
// A command of one row. The row has a key; the kind is none of documents.
std::string row_command(const Target& target, Kind kind, const RowValues& row);
// An invoice or credit note: one command, or a draft in parts of up to 1,000 lines and its issue. Error: kTooManyLines
// (a credit note has no draft).
Result<std::vector<std::string>> document_commands(const Target& target, Kind kind, const RowValues& head,
                                                   std::span<const RowValues> lines);

}  // namespace billing::import
