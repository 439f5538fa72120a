// What the columns of files mean: read from a TOML file, or the documented columns.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/error.h"
#include "ops/import/encoding.h"
#include "ops/import/kinds.h"
#include "ops/import/values.h"

namespace billing::import {

enum class Comparison : std::uint8_t { kEquals, kNotEquals, kStartsWith, kNotStartsWith };
struct Condition {
  std::string column;
  Comparison test = Comparison::kEquals;
  std::string text;
};

// One reading of one file.
struct Step {
  Kind kind = Kind::kAccounts;
  std::string file;      // as it can be opened; empty: the file given with the command
  char delimiter = ',';
  Encoding encoding = Encoding::kByMark;
  std::uint64_t skip_lines = 0;      // before the line of column names, or the first row
  std::vector<std::string> columns;  // the names of a file that has no line of them; empty: it has one
  std::vector<std::string> ignore;   // columns that no field has to take; a "*" at the end lets anything follow
  bool distinct = false;  // one object for all rows with its key: the first row's
  std::vector<Condition> where;  // all must hold, else the row is left out
  std::map<std::string, FieldSpec, std::less<>> fields;
  std::map<std::string, FieldSpec, std::less<>> line;
};

struct FixedAccount {
  std::string key, number, name, parent, opened_on, role;
};

struct Mapping {
  std::string name;      // part of every id
  std::string currency;  // of every amount
  std::string customer;  // cus_…, or the key of one that is made
  bool make_customer = false;
  std::string customer_name;
  std::vector<FixedAccount> accounts;  // made before the first step
  std::vector<Step> steps;             // in this order
};

// Errors: kConfiguration, with file and line; unknown keys and fields are refused.
Result<Mapping> read_mapping(const std::string& file);
// The same from text; relative names of files are taken to be in `folder`.
Result<Mapping> parse_mapping(std::string_view text, const std::string& folder);

}  // namespace billing::import
