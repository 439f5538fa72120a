#include "ops/import/row_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/decimal.h"
#include "ledger/base/money.h"
#include "ledger/base/utf8.h"
#include "ops/import/csv_reader.h"

namespace billing::import {
namespace {

constexpr std::size_t kAbsent = SIZE_MAX;

// A field and where its columns stand.
struct Bound {
  const FieldKind* kind = nullptr;
  FieldSpec spec;
  std::vector<std::size_t> columns;
  bool used = false;
};

using Texts = std::vector<std::string>;

// Where the column stands; nothing when it is not there. Error: kConfiguration when it is there twice.
Result<std::size_t> take_column(std::vector<Column>& columns, std::string_view name) {
  const auto found = std::ranges::find(columns, name, &Column::name);
  if (found == columns.end()) return kAbsent;
  if (std::ranges::count(columns, name, &Column::name) > 1)
    return refuse(Code::kConfiguration, "the column '" + std::string(name) + "' is there twice");
  found->taken = true;
  return static_cast<std::size_t>(found - columns.begin());
}

bool has_column(const std::vector<Column>& columns, std::string_view name) {
  return !name.empty() && std::ranges::find(columns, name, &Column::name) != columns.end();
}

// What the mapping says of the field, or the first documented column that is there.
FieldSpec spec_of(const FieldKind& kind, const std::vector<Column>& columns,
                  const std::map<std::string, FieldSpec, std::less<>>& specs) {
  if (const auto given = specs.find(kind.name); given != specs.end()) return given->second;
  FieldSpec spec;
  const auto found = std::ranges::find_if(kind.columns, [&](std::string_view name) { return has_column(columns, name); });
  if (found != kind.columns.end()) spec.columns.emplace_back(*found);
  return spec;
}

Result<Bound> bind_field(const FieldKind& kind, FieldSpec spec, std::vector<Column>& columns) {
  Bound bound{&kind, std::move(spec), {}, false};
  for (const std::string& name : bound.spec.columns) {
    BILLING_TRY(at, take_column(columns, name));
    if (at != kAbsent) {
      bound.columns.push_back(at);
    } else if (!bound.spec.ignore.missing) {
      return refuse(Code::kConfiguration,
                    "there is no column '" + name + "' for the field '" + std::string(kind.name) + "'");
    }
  }
  bound.used = !bound.columns.empty() || bound.spec.constant || bound.spec.row;
  if (bound.used || kind.need != Need::kColumn || bound.spec.ignore.missing) return bound;
  return refuse(Code::kConfiguration, "the field '" + std::string(kind.name) + "' has no column");
}

Result<std::vector<Bound>> bind_fields(std::span<const FieldKind> kinds, std::vector<Column>& columns,
                                       const std::map<std::string, FieldSpec, std::less<>>& specs) {
  std::vector<Bound> all;
  for (const FieldKind& kind : kinds) {
    BILLING_TRY(bound, bind_field(kind, spec_of(kind, columns, specs), columns));
    all.push_back(std::move(bound));
  }
  return all;
}

// A column's text, as its field wants it.
std::string column_text(const Texts& fields, std::size_t column, const FieldSpec& spec) {
  std::string text = column < fields.size() ? clean_text(fields[column]) : std::string();
  if (!spec.strip.empty() && text.ends_with(spec.strip)) text.resize(text.size() - spec.strip.size());
  return text.empty() ? spec.empty : text;
}

// All columns together; nothing when each of them is empty.
std::optional<std::string> joined(const Bound& bound, const Texts& fields, std::uint64_t row) {
  if (bound.spec.constant) return bound.spec.constant;
  if (bound.spec.row) return std::to_string(row);
  std::string text;
  bool any = false;
  for (std::size_t i = 0; i < bound.columns.size(); ++i) {
    if (i > 0) text += bound.spec.join;
    const std::string part = column_text(fields, bound.columns[i], bound.spec);
    any = any || !part.empty();
    text += part;
  }
  return any ? std::optional(std::move(text)) : std::nullopt;
}

Result<std::string> whole_number(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return refuse(Code::kInvalidParameter, "'" + text.substr(0, 40) + "' is not a whole number");
  return std::to_string(number);
}

Result<std::string> truth(const std::string& text) {
  for (const std::string_view yes : {"true", "yes", "1"})
    if (text == yes) return "true";
  for (const std::string_view no : {"false", "no", "0"})
    if (text == no) return "false";
  return refuse(Code::kInvalidParameter, "'" + text.substr(0, 40) + "' is neither true nor false");
}

Result<std::string> in_form(const Bound& bound, const std::string& text, Currency currency) {
  switch (bound.kind->form) {
    case Form::kText: return text;
    case Form::kDate: {
      BILLING_TRY(date, parse_date(text, bound.spec.date, bound.spec.months));
      return date.text();
    }
    case Form::kMoney: {
      BILLING_TRY(number, normal_decimal(text, bound.spec, currency));
      BILLING_CHECK(parse_money(number, currency));
      return number;
    }
    case Form::kPrice:
    case Form::kDecimal: {
      const auto its = bound.kind->form == Form::kPrice ? std::optional(currency) : std::nullopt;
      BILLING_TRY(number, normal_decimal(text, bound.spec, its));
      BILLING_CHECK(Decimal::parse(number));
      return number;
    }
    case Form::kRate: {
      BILLING_TRY(number, normal_rate(text, bound.spec));
      BILLING_CHECK(Decimal::parse(number));
      return number;
    }
    case Form::kInteger: return whole_number(text);
    case Form::kFlag: return truth(text);
    case Form::kCurrency:
      if (text == currency.code()) return text;
      return refuse(Code::kCurrencyMismatch, "the row is in '" + text.substr(0, 40) + "', the import in " + std::string(currency.code()));
  }
  return text;
}

// What the mapping makes of the columns' text; nothing when the row says nothing.
Result<std::optional<std::string>> mapped(const Bound& bound, const Texts& fields, std::uint64_t row, Currency currency) {
  if (!bound.used) return std::nullopt;
  auto text = joined(bound, fields, row);
  if (!text) return std::nullopt;
  if (!valid_utf8(*text)) return refuse(Code::kInvalidText, "the text is not UTF-8: say encoding = \"windows-1252\"?");
  if (!bound.spec.values.empty()) {
    const auto found = bound.spec.values.find(*text);
    if (found == bound.spec.values.end())
      return refuse(Code::kInvalidParameter, "the mapping has no value for '" + text->substr(0, 40) + "'");
    text = found->second;
    if (text->empty()) return std::nullopt;
  }
  BILLING_TRY(value, in_form(bound, bound.spec.prefix + *text, currency));
  return std::optional(std::move(value));
}

Result<std::optional<std::string>> value_of(const Bound& bound, const Texts& fields, std::uint64_t row, Currency currency) {
  auto value = mapped(bound, fields, row, currency);
  const std::string name(bound.kind->name);
  if (!value) return refuse(value.error().code, name + ": " + value.error().detail);
  if (!*value && bound.used && bound.kind->need != Need::kNothing && !bound.spec.ignore.empty)
    return refuse(Code::kMissingField, name + ": the row does not say it");
  return value;
}

bool holds(const Condition& condition, std::string_view text) {
  switch (condition.test) {
    case Comparison::kEquals: return text == condition.text;
    case Comparison::kNotEquals: return text != condition.text;
    case Comparison::kStartsWith: return text.starts_with(condition.text);
    case Comparison::kNotStartsWith: return !text.starts_with(condition.text);
  }
  return false;
}

void put(std::string& out, std::string_view bytes) {
  const std::uint64_t size = bytes.size();
  char head[8];
  std::memcpy(head, &size, 8);
  out.append(head, 8).append(bytes);
}

std::string_view take(std::string_view& text) {
  std::uint64_t size = 0;
  BILLING_ASSERT(text.size() >= 8);
  std::memcpy(&size, text.data(), 8);
  BILLING_ASSERT(text.size() - 8 >= size);
  const std::string_view bytes = text.substr(8, size);
  text.remove_prefix(8 + size);
  return bytes;
}

void put_values(std::string& out, const std::vector<std::optional<std::string>>& values) {
  put(out, std::to_string(values.size()));
  for (const auto& value : values) put(out, value ? "=" + *value : std::string());
}

std::vector<std::optional<std::string>> take_values(std::string_view& text) {
  std::size_t count = 0;
  const std::string_view digits = take(text);
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  std::vector<std::optional<std::string>> values(count);
  for (auto& value : values) {
    const std::string_view bytes = take(text);
    if (!bytes.empty()) value = bytes.substr(1);
  }
  return values;
}

}  // namespace

struct RowReader::Impl {
  Impl(const Step& s, Currency c, ReadBytes read)
      : step(s), currency(c),
        csv(as_utf8(std::move(read), s.encoding), CsvOptions{.delimiter = s.delimiter, .skip_lines = s.skip_lines}) {}
  Step step;
  Currency currency;
  CsvReader csv;
  CsvRecord record;
  std::uint64_t row = 0;  // records after the header so far
  std::vector<Column> columns;
  std::vector<Bound> head;
  std::vector<Bound> line;
  std::vector<std::size_t> where;

  Result<void> start() {
    BILLING_CHECK(name_columns());
    auto bound = bind();
    if (!bound) bound.error().detail += hint();
    return bound;
  }

  Result<void> bind() {
    BILLING_TRY(bound_head, bind_fields(fields_of(step.kind), columns, step.fields));
    head = std::move(bound_head);
    BILLING_TRY(bound_line, bind_fields(line_fields(step.kind), columns, step.line));
    line = std::move(bound_line);
    if (!head[0].used)  // the key; documents take their number for it
      return refuse(Code::kConfiguration,
                    "the field 'key' has no column: without a key of its own a row could be booked twice");
    for (const Condition& condition : step.where) {
      BILLING_TRY(at, take_column(columns, condition.column));
      where.push_back(at);
      if (at == kAbsent)
        return refuse(Code::kConfiguration, "there is no column '" + condition.column + "' for a condition");
    }
    return {};
  }

  Result<void> name_columns() {
    if (!step.columns.empty()) {
      for (const std::string& name : step.columns) columns.push_back({name, false});
      return {};
    }
    BILLING_TRY(any, csv.next(record));
    if (!any) return refuse(Code::kConfiguration, "the file is empty: its first line must name the columns");
    if (!record.problem.empty()) return refuse(Code::kConfiguration, "the line of column names: " + record.problem);
    for (const std::string& field : record.fields) {
      std::string name = clean_text(field);
      if (!valid_utf8(name) || name.find('\0') != std::string::npos)
        return refuse(Code::kConfiguration, "the line of column names is not UTF-8: say the encoding in the mapping");
      if (name.starts_with('*')) name.erase(0, 1);
      columns.push_back({std::move(name), false});
    }
    return {};
  }

  // Of a header that is a single column: what may part it.
  std::string hint() const {
    if (columns.size() != 1) return {};
    for (const char c : {',', ';', '\t', '|'})
      if (columns[0].name.find(c) != std::string::npos) return "; is the delimiter '" + std::string(1, c) + "'?";
    return {};
  }

  bool wanted() const {
    for (std::size_t i = 0; i < where.size(); ++i) {
      const std::string text = where[i] < record.fields.size() ? clean_text(record.fields[where[i]]) : std::string();
      if (!holds(step.where[i], text)) return false;
    }
    return true;
  }

  bool blank() const { return std::ranges::all_of(record.fields, [](const std::string& f) { return clean_text(f).empty(); }); }

  void evaluate(const std::vector<Bound>& bounds, std::vector<std::optional<std::string>>& values, ReadRow& out) const {
    for (const Bound& bound : bounds) {
      auto value = value_of(bound, record.fields, row, currency);
      if (!value && !out.error) out.error = std::move(value.error());
      values.push_back(value ? std::move(*value) : std::nullopt);
    }
  }

  // What is wrong with the row as a whole.
  std::optional<Error> damage() const {
    if (!record.problem.empty()) return Error{Code::kMalformedBody, record.problem, {}};
    if (record.fields.size() != columns.size())
      return Error{Code::kMalformedBody, "the row has " + std::to_string(record.fields.size()) +
                                             " columns, there are names for " + std::to_string(columns.size()), {}};
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (columns[i].name.empty() && !columns[i].taken && !clean_text(record.fields[i]).empty())
        return Error{Code::kUnknownField, "column " + std::to_string(i + 1) + " has no name and says '" +
                                              clean_text(record.fields[i]).substr(0, 40) + "'", {}};
    return std::nullopt;
  }

  void read_into(ReadRow& out) const {
    out = ReadRow{};
    out.line = record.line;
    out.error = damage();
    evaluate(head, out.head, out);
    evaluate(line, out.lines, out);
    // Of a damaged row the key counts only where its columns are complete: its document must not go on without it.
    const bool complete = std::ranges::all_of(head[0].columns, [&](std::size_t c) { return c < record.fields.size(); });
    if (out.head[0] && complete) out.key = *out.head[0];
    if (out.key.empty() && !out.error) out.error = Error{Code::kMissingField, "the row has no key", {}};
  }
};

RowReader::RowReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowReader::RowReader(RowReader&&) noexcept = default;
RowReader& RowReader::operator=(RowReader&&) noexcept = default;
RowReader::~RowReader() = default;

const std::vector<Column>& RowReader::columns() const { return impl_->columns; }

Result<RowReader> RowReader::open(const Step& step, Currency currency, ReadBytes read) {
  auto impl = std::make_unique<Impl>(step, currency, std::move(read));
  BILLING_CHECK(impl->start());
  return RowReader(std::move(impl));
}

Result<bool> RowReader::next(ReadRow& row) {
  for (;;) {
    BILLING_TRY(any, impl_->csv.next(impl_->record));
    if (!any) return false;
    ++impl_->row;
    if (impl_->record.problem.empty() && (impl_->blank() || !impl_->wanted())) continue;
    impl_->read_into(row);
    return true;
  }
}

std::string pack(const ReadRow& row) {
  std::string out;
  put(out, std::to_string(row.line));
  put(out, row.error ? std::to_string(static_cast<unsigned>(row.error->code)) : "");
  put(out, row.error ? row.error->detail : "");
  put_values(out, row.head);
  put_values(out, row.lines);
  return out;
}

ReadRow unpack(std::string_view text) {
  ReadRow row;
  const auto number = [&](auto& value) {
    const std::string_view digits = take(text);
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return !digits.empty();
  };
  number(row.line);
  unsigned code = 0;
  const bool bad = number(code);
  std::string detail(take(text));
  if (bad) row.error = Error{static_cast<Code>(code), std::move(detail), {}};
  row.head = take_values(text);
  row.lines = take_values(text);
  if (!row.head.empty() && row.head[0]) row.key = *row.head[0];
  return row;
}

}  // namespace billing::import
