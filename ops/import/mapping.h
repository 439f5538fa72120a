// What the columns of files mean: read from a TOML file, or the documented columns.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/error.h"
#include "ops/import/values.h"

namespace billing::import {

enum class Kind { kAccounts, kInvoices, kCreditNotes, kPayments, kDisputes };
std::string_view kind_text(Kind kind);
Result<Kind> parse_kind(std::string_view text);
inline bool is_document(Kind kind) { return kind == Kind::kInvoices || kind == Kind::kCreditNotes; }

enum class Form { kText, kDate, kDecimal, kInteger };

// A field of a kind: its name in mappings, what its text is, and the columns that give it when no mapping does.
struct FieldKind {
  std::string_view name;
  Form form = Form::kText;
  std::array<std::string_view, 3> columns;  // the first that the file has; empty ones end the list
};
std::span<const FieldKind> fields_of(Kind kind);
// The fields of a document's lines: one line a row.
std::span<const FieldKind> line_fields();

enum class Comparison { kEquals, kNotEquals, kStartsWith, kNotStartsWith };
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
  bool latin1 = false;
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
