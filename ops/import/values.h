// How the text of columns becomes the value of a field: no float anywhere, only texts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/currency.h"
#include "ledger/base/date.h"
#include "ledger/base/error.h"

namespace billing::import {

enum class Sign : std::uint8_t { kKeep, kAbsolute, kNegate };

// What a mapping lets pass that is refused otherwise.
struct Ignore {
  bool missing = false;    // the file has no such column
  bool empty = false;      // the column says nothing where it has to
  bool differing = false;  // rows of one object say different things: the first row counts
};

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
  std::vector<std::string> months;      // January to December as the file writes them; empty: English
  char decimal = '.';
  std::string thousands;
  bool percent = false;                 // a rate is written in hundredths
  Sign sign = Sign::kKeep;
  Ignore ignore;
};

// A text without surrounding blanks, with line breaks and tabs inside as blanks.
std::string clean_text(std::string_view text);

// The pattern of a named layout: "iso", "us" (M/D/YYYY), "british" (D/M/YYYY), "german" (D.M.YYYY); else the text itself.
// Errors: kConfiguration when the pattern does not say year, month and day once each.
Result<std::string> date_pattern(std::string_view text);

// `text` by a pattern of YYYY, YY, MMM, MM, M, DD, D; other characters stand for themselves; a "*" at the end lets anything
// follow. M and D take one or two digits; YY from 69 is of the 20th century, below of the 21st; MMM is the name of a
// month, whole or its first three letters (English), or one of `months`, in capitals or not. Error: kInvalidDate.
Result<Date> parse_date(std::string_view text, std::string_view pattern, std::span<const std::string> months = {});

// The number as the API takes it: "-1234.5" for "1.234,50-" with decimal ',' and thousands ".".
//
// Grammar: digits, either all together or in groups that the thousands' sign parts: one to three digits, then groups of
// exactly three; then at most one decimal sign with digits before or behind it. In front or behind, with or without
// blanks: one minus or plus, or brackets around it for a minus; and, with a `currency`, one sign or code of it.
// Trailing zeros after the point go. Errors: kInvalidAmount; kCurrencyMismatch for the sign or code of another currency.
Result<std::string> normal_decimal(std::string_view text, const FieldSpec& spec, std::optional<Currency> currency = {});

// A rate as a fraction: "0.19" for "19 %", or for "19" where the mapping says per cent. Errors: those of normal_decimal.
Result<std::string> normal_rate(std::string_view text, const FieldSpec& spec);

}  // namespace billing::import
