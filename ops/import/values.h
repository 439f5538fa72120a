// How the text of columns becomes the value of a field: no float anywhere, only texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/date.h"
#include "ledger/base/error.h"

namespace billing::import {

enum class Sign { kKeep, kAbsolute, kNegate };

// Where a field's text comes from and how it is written there.
struct FieldSpec {
  std::vector<std::string> columns;     // joined
  std::string join = "/";
  std::string empty;                    // stands for an empty column
  std::string strip;                    // taken off the end of every column, e.g. ".0"
  std::string prefix;                   // put before a text that is not empty
  std::optional<std::string> constant;  // instead of columns
  bool row = false;                     // the row's number instead of columns
  std::map<std::string, std::string, std::less<>> values;  // what a text stands for; others are refused
  std::string date = "YYYY-MM-DD";
  char decimal = '.';
  std::string thousands;
  Sign sign = Sign::kKeep;
};

// A text without surrounding blanks, with line breaks and tabs inside as blanks.
std::string clean_text(std::string_view text);

// `text` by a pattern of YYYY, MM, M, DD, D (M and D take one or two digits); other characters stand for themselves; a
// "*" at the end lets anything follow. Error: kInvalidDate.
Result<Date> parse_date(std::string_view text, std::string_view pattern);

// The number as the API takes it: "-1234.5" for "1.234,50-" with decimal ',' and thousands ".", or for "(1234.50)".
// Trailing zeros after the point go. Error: kInvalidAmount (also for an exponent).
Result<std::string> normal_decimal(std::string_view text, const FieldSpec& spec);

// Latin-1 as UTF-8.
std::string from_latin1(std::string_view text);

}  // namespace billing::import
