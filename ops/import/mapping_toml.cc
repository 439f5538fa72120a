// Mappings as TOML. toml++ throws; nothing of that leaves this file.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "ops/import/mapping.h"

namespace billing::import {
namespace {

constexpr std::size_t kMonthsInYear = 12;
constexpr std::int64_t kSkipLinesMax = 1'000;

std::unexpected<Error> bad(const toml::node& node, std::string_view what) {
  return refuse(Code::kConfiguration, fmt::format("line {}: {}", node.source().begin.line, what));
}

Result<void> only_keys(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(known, key.str()) == known.end())
      return bad(value, fmt::format("'{}' is not known here; known are {}", key.str(), fmt::join(known, ", ")));
  }
  return {};
}

// Reads the text under `key`, when there is one, into `out`.
Result<void> text(const toml::table& table, std::string_view key, std::string& out) {
  const toml::node* const node = table.get(key);
  if (node == nullptr) return {};
  const auto* const value = node->as_string();
  if (value == nullptr) return bad(*node, fmt::format("'{}' must be a text in quotes", key));
  out = value->get();
  return {};
}

Result<void> flag(const toml::table& table, std::string_view key, bool& out) {
  const toml::node* const node = table.get(key);
  if (node == nullptr) return {};
  const auto* const value = node->as_boolean();
  if (value == nullptr) return bad(*node, fmt::format("'{}' must be true or false", key));
  out = value->get();
  return {};
}

Result<void> character(const toml::table& table, std::string_view key, char& out) {
  std::string value(1, out);
  BILLING_CHECK(text(table, key, value));
  if (value.size() != 1) return bad(*table.get(key), fmt::format("'{}' must be one ASCII character", key));
  out = value[0];
  return {};
}

// A list of texts, or one text.
Result<void> texts(const toml::table& table, std::string_view key, std::vector<std::string>& out) {
  const toml::node* const node = table.get(key);
  if (node == nullptr) return {};
  if (const auto* const one = node->as_string()) {
    out.push_back(one->get());
    return {};
  }
  const toml::array* const list = node->as_array();
  if (list == nullptr) return bad(*node, fmt::format("'{}' must be a text or a list of texts", key));
  for (const toml::node& one : *list) {
    if (!one.is_string()) return bad(one, fmt::format("'{}' must be a text or a list of texts", key));
    out.push_back(one.as_string()->get());
  }
  return {};
}

Result<void> read_values(const toml::table& table, FieldSpec& spec) {
  const toml::node* const node = table.get("values");
  if (node == nullptr) return {};
  const toml::table* const values = node->as_table();
  if (values == nullptr) return bad(*node, "'values' must be a table of texts");
  for (const auto& [from, to] : *values) {
    const auto* const value = to.as_string();
    if (value == nullptr) return bad(to, "'values' must be a table of texts");
    spec.values.emplace(from.str(), value->get());
  }
  return {};
}

Result<void> read_columns(const toml::table& table, FieldSpec& spec) {
  BILLING_CHECK(texts(table, "column", spec.columns));
  BILLING_CHECK(texts(table, "columns", spec.columns));
  if (table.contains("constant")) BILLING_CHECK(text(table, "constant", spec.constant.emplace()));
  BILLING_CHECK(flag(table, "row", spec.row));
  const int sources = (spec.columns.empty() ? 0 : 1) + (spec.constant ? 1 : 0) + (spec.row ? 1 : 0);
  if (sources == 0 && spec.ignore.missing) return {};
  if (sources != 1) return bad(table, "a field has one of column, columns, constant and row");
  return {};
}

Result<void> read_ignore(const toml::table& table, FieldSpec& spec) {
  std::vector<std::string> words;
  BILLING_CHECK(texts(table, "ignore", words));
  for (const std::string& word : words) {
    if (word == "missing") {
      spec.ignore.missing = true;
    } else if (word == "empty") {
      spec.ignore.empty = true;
    } else if (word == "differing") {
      spec.ignore.differing = true;
    } else {
      return bad(*table.get("ignore"), "'ignore' of a field is missing, empty or differing, or several of them");
    }
  }
  return {};
}

Result<void> read_date(const toml::table& table, FieldSpec& spec) {
  BILLING_CHECK(text(table, "date", spec.date));
  if (const toml::node* const node = table.get("date")) {
    auto pattern = date_pattern(spec.date);
    if (!pattern) return bad(*node, pattern.error().detail);
    spec.date = std::move(*pattern);
  }
  BILLING_CHECK(texts(table, "months", spec.months));
  const bool twelve = spec.months.size() == kMonthsInYear &&
                      std::ranges::none_of(spec.months, [](const std::string& name) { return name.empty(); });
  if (table.contains("months") && !twelve) return bad(*table.get("months"), "'months' are twelve names, January first");
  return {};
}

Result<void> read_number(const toml::table& table, FieldSpec& spec) {
  BILLING_CHECK(character(table, "decimal", spec.decimal));
  BILLING_CHECK(text(table, "thousands", spec.thousands));
  BILLING_CHECK(flag(table, "percent", spec.percent));
  constexpr std::string_view kNumeric = "0123456789-+()";
  if (kNumeric.find(spec.decimal) != std::string_view::npos || spec.thousands.find(spec.decimal) != std::string::npos ||
      spec.thousands.find_first_of(kNumeric) != std::string::npos)
    return bad(table, "'decimal' and 'thousands' are different signs, and neither digits nor signs of a minus");
  std::string sign = "keep";
  BILLING_CHECK(text(table, "sign", sign));
  if (sign == "absolute") {
    spec.sign = Sign::kAbsolute;
  } else if (sign == "negate") {
    spec.sign = Sign::kNegate;
  } else if (sign != "keep") {
    return bad(*table.get("sign"), "'sign' is keep, absolute or negate");
  }
  return {};
}

Result<FieldSpec> read_field(const toml::node& node) {
  FieldSpec spec;
  if (const auto* const column = node.as_string()) {
    spec.columns.push_back(column->get());
    return spec;
  }
  const toml::table* const table = node.as_table();
  if (table == nullptr) return bad(node, "a field is the name of a column, or a table");
  BILLING_CHECK(only_keys(*table, {"column", "columns", "constant", "row", "join", "empty", "strip", "prefix", "values",
                                   "date", "months", "decimal", "thousands", "percent", "sign", "ignore"}));
  BILLING_CHECK(read_ignore(*table, spec));
  BILLING_CHECK(read_columns(*table, spec));
  BILLING_CHECK(text(*table, "join", spec.join));
  BILLING_CHECK(text(*table, "empty", spec.empty));
  BILLING_CHECK(text(*table, "strip", spec.strip));
  BILLING_CHECK(text(*table, "prefix", spec.prefix));
  BILLING_CHECK(read_values(*table, spec));
  BILLING_CHECK(read_date(*table, spec));
  BILLING_CHECK(read_number(*table, spec));
  return spec;
}

Result<void> read_fields(const toml::table& step, std::string_view key, std::span<const FieldKind> known,
                         std::map<std::string, FieldSpec, std::less<>>& out) {
  const toml::node* const node = step.get(key);
  if (node == nullptr) return {};
  const toml::table* const table = node->as_table();
  if (table == nullptr) return bad(*node, fmt::format("'{}' must be a table", key));
  for (const auto& [name, value] : *table) {
    if (std::ranges::find(known, name.str(), &FieldKind::name) == known.end()) {
      std::string names;
      for (const FieldKind& field : known) names += (names.empty() ? "" : ", ") + std::string(field.name);
      return bad(value, fmt::format("there is no field '{}' here; there are {}", name.str(), names));
    }
    BILLING_TRY(spec, read_field(value));
    out.emplace(name.str(), std::move(spec));
  }
  return {};
}

Result<Condition> read_condition(const toml::node& node) {
  constexpr std::array<std::pair<std::string_view, Comparison>, 4> kTests{{{"equals", Comparison::kEquals},
                                                                    {"not_equals", Comparison::kNotEquals},
                                                                    {"starts_with", Comparison::kStartsWith},
                                                                    {"not_starts_with", Comparison::kNotStartsWith}}};
  const toml::table* const table = node.as_table();
  if (table == nullptr) return bad(node, "a condition is a table");
  BILLING_CHECK(only_keys(*table, {"column", "equals", "not_equals", "starts_with", "not_starts_with"}));
  Condition condition;
  BILLING_CHECK(text(*table, "column", condition.column));
  int tests = 0;
  for (const auto& [name, test] : kTests) {
    if (!table->contains(name)) continue;
    ++tests;
    condition.test = test;
    BILLING_CHECK(text(*table, name, condition.text));
  }
  if (condition.column.empty() || tests != 1) return bad(node, "a condition has a column and one test");
  return condition;
}

// How the file is written.
Result<void> read_layout(const toml::table& table, Step& step) {
  BILLING_CHECK(character(table, "delimiter", step.delimiter));
  std::string encoding;
  BILLING_CHECK(text(table, "encoding", encoding));
  if (const toml::node* const node = table.get("encoding")) {
    auto parsed = parse_encoding(encoding);
    if (!parsed) return bad(*node, parsed.error().detail);
    step.encoding = *parsed;
  }
  if (const toml::node* const node = table.get("skip_lines")) {
    const auto* const lines = node->as_integer();
    if (lines == nullptr || lines->get() < 0 || lines->get() > kSkipLinesMax)
      return bad(*node, fmt::format("'skip_lines' is a number of lines, 0 to {}", kSkipLinesMax));
    step.skip_lines = static_cast<std::uint64_t>(lines->get());
  }
  BILLING_CHECK(texts(table, "columns", step.columns));
  return texts(table, "ignore", step.ignore);
}

Result<Step> read_step(const toml::node& node, const std::string& folder) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return bad(node, "a step is a table");
  BILLING_CHECK(only_keys(*table, {"kind", "file", "delimiter", "encoding", "skip_lines", "columns", "ignore", "distinct",
                                   "where", "fields", "line"}));
  Step step;
  std::string kind;
  BILLING_CHECK(text(*table, "kind", kind));
  auto parsed = parse_kind(kind);
  if (!parsed) return bad(node, parsed.error().detail);
  step.kind = *parsed;
  BILLING_CHECK(text(*table, "file", step.file));
  if (!step.file.empty()) step.file = (std::filesystem::path(folder) / step.file).string();
  BILLING_CHECK(read_layout(*table, step));
  BILLING_CHECK(flag(*table, "distinct", step.distinct));
  if (const toml::node* const where = table->get("where")) {
    const toml::array* const conditions = where->as_array();
    if (conditions == nullptr) return bad(*where, "'where' is a list of conditions");
    for (const toml::node& one : *conditions) {
      BILLING_TRY(condition, read_condition(one));
      step.where.push_back(std::move(condition));
    }
  }
  BILLING_CHECK(read_fields(*table, "fields", fields_of(step.kind), step.fields));
  BILLING_CHECK(read_fields(*table, "line", line_fields(step.kind), step.line));
  return step;
}

Result<void> read_account(const toml::node& node, Mapping& mapping) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return bad(node, "an account is a table");
  BILLING_CHECK(only_keys(*table, {"key", "number", "name", "parent", "opened_on", "role"}));
  FixedAccount account;
  BILLING_CHECK(text(*table, "key", account.key));
  BILLING_CHECK(text(*table, "number", account.number));
  BILLING_CHECK(text(*table, "name", account.name));
  BILLING_CHECK(text(*table, "parent", account.parent));
  BILLING_CHECK(text(*table, "opened_on", account.opened_on));
  BILLING_CHECK(text(*table, "role", account.role));
  if (account.key.empty()) return bad(node, "an account has a key");
  if (!account.opened_on.empty() && !Date::parse(account.opened_on)) return bad(node, "'opened_on' is \"YYYY-MM-DD\"");
  mapping.accounts.push_back(std::move(account));
  return {};
}

Result<void> read_customer(const toml::table& root, Mapping& mapping) {
  const toml::node* const node = root.get("customer");
  if (node == nullptr) return {};
  if (const auto* const id = node->as_string()) {
    mapping.customer = id->get();
    return {};
  }
  const toml::table* const table = node->as_table();
  if (table == nullptr) return bad(*node, "'customer' is an id, or a table with key and name");
  BILLING_CHECK(only_keys(*table, {"key", "name"}));
  BILLING_CHECK(text(*table, "key", mapping.customer));
  BILLING_CHECK(text(*table, "name", mapping.customer_name));
  mapping.make_customer = true;
  if (mapping.customer.empty() || mapping.customer_name.empty()) return bad(*node, "a customer has a key and a name");
  return {};
}

Result<Mapping> interpret(const toml::table& root, const std::string& folder) {
  BILLING_CHECK(only_keys(root, {"name", "currency", "customer", "account", "step"}));
  Mapping mapping;
  BILLING_CHECK(text(root, "name", mapping.name));
  BILLING_CHECK(text(root, "currency", mapping.currency));
  BILLING_CHECK(read_customer(root, mapping));
  for (const std::string_view key : {"account", "step"}) {
    const toml::node* const node = root.get(key);
    if (node == nullptr) continue;
    const toml::array* const list = node->as_array();
    if (list == nullptr) return bad(*node, fmt::format("write [[{}]], with two brackets", key));
    for (const toml::node& one : *list) {
      if (key == "account") {
        BILLING_CHECK(read_account(one, mapping));
        continue;
      }
      BILLING_TRY(step, read_step(one, folder));
      mapping.steps.push_back(std::move(step));
    }
  }
  return mapping;
}

}  // namespace

Result<Mapping> parse_mapping(std::string_view toml_text, const std::string& folder) {
  toml::table root;
  try {
    root = toml::parse(toml_text);
  } catch (const toml::parse_error& problem) {
    return refuse(Code::kConfiguration,
                  fmt::format("line {}: {}", problem.source().begin.line, problem.description()));
  }
  return interpret(root, folder);
}

Result<Mapping> read_mapping(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text_of_file;
  text_of_file << in.rdbuf();
  if (!in) return refuse(Code::kConfiguration, file + " cannot be read");
  auto mapping = parse_mapping(text_of_file.str(), std::filesystem::path(file).parent_path().string());
  if (!mapping) return refuse(Code::kConfiguration, file + ", " + mapping.error().detail);
  return mapping;
}

}  // namespace billing::import
