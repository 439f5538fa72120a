// One step of a mapping bound to one file: rows with the values of their fields.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/currency.h"
#include "ops/import/encoding.h"
#include "ops/import/mapping.h"

namespace billing::import {

// A row with its values, or why it has none.
struct ReadRow {
  std::uint64_t line = 0;
  std::string key;              // empty: it cannot be told
  std::optional<Error> error;   // the row is refused
  std::vector<std::optional<std::string>> head;   // by fields_of(kind)
  std::vector<std::optional<std::string>> lines;  // by line_fields(kind); empty where the kind has none
};

// A column of a file, by the name that stands over it without a "*" before it, as templates mark what is required.
struct Column {
  std::string name;
  bool taken = false;  // by a field or a condition
};

// Not thread-safe.
class RowReader {
 public:
  // Reads the line of column names. Errors: those of `read`; kConfiguration when a column of the mapping is not there or
  // is there twice, or a field that the kind needs has no column.
  static Result<RowReader> open(const Step& step, Currency currency, ReadBytes read);
  RowReader(RowReader&&) noexcept;
  RowReader& operator=(RowReader&&) noexcept;
  ~RowReader();

  const std::vector<Column>& columns() const;

  // The next row that the step's conditions let through and that is not empty; false at the end. Errors: those of the file.
  Result<bool> next(ReadRow& row);

 private:
  struct Impl;
  explicit RowReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A row as one text, for sorting, and back.
std::string pack(const ReadRow& row);
ReadRow unpack(std::string_view text);

}  // namespace billing::import
