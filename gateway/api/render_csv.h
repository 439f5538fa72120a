// Tables as CSV (RFC 4180), safe to open in a spreadsheet.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "ledger/base/currency.h"

namespace billing::api {

// Appends rows to a string. One thread.
class Csv {
 public:
  explicit Csv(std::string& out) : out_(out) {}

  // A row of column names that we chose.
  void header(std::initializer_list<std::string_view> names);
  // A cell of text. One that a spreadsheet would take for a formula (=, +, -, @, TAB or CR first) gets an apostrophe.
  void text(std::string_view value);
  // A number, a decimal or a date: written as it is.
  void plain(std::string_view value);
  void number(std::uint64_t value);
  void amount(std::int64_t minor, Currency currency);
  void end_row();

 private:
  void separate();
  std::string& out_;
  bool first_ = true;
};

}  // namespace billing::api
