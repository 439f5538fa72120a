#include "ops/import/row_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"

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

std::size_t column_of(const Texts& header, std::string_view name) {
  const auto found = std::ranges::find(header, name);
  return found == header.end() ? kAbsent : static_cast<std::size_t>(found - header.begin());
}

Result<std::vector<Bound>> bind_fields(std::span<const FieldKind> kinds, const Texts& header,
                                const std::map<std::string, FieldSpec, std::less<>>& specs) {
  std::vector<Bound> all;
  for (const FieldKind& kind : kinds) {
    Bound& bound = all.emplace_back();
    bound.kind = &kind;
    if (const auto given = specs.find(kind.name); given != specs.end()) {
      bound.spec = given->second;
      bound.used = true;
    } else {
      for (const std::string_view name : kind.columns) {
        if (bound.used || name.empty() || column_of(header, name) == kAbsent) continue;
        bound.spec.columns.emplace_back(name);
        bound.used = true;
      }
    }
    for (const std::string& name : bound.spec.columns) {
      bound.columns.push_back(column_of(header, name));
      if (bound.columns.back() == kAbsent)
        return refuse(Code::kConfiguration, "there is no column '" + name + "' for the field '" +
                                                std::string(kind.name) + "'");
    }
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

Result<std::string> in_form(const Bound& bound, const std::string& text) {
  switch (bound.kind->form) {
    case Form::kText:
      if (!valid_utf8(text)) return refuse(Code::kInvalidText, "the text is not UTF-8: say encoding = \"latin-1\"?");
      return text;
    case Form::kDate: {
      BILLING_TRY(date, parse_date(text, bound.spec.date));
      return date.text();
    }
    case Form::kDecimal: return normal_decimal(text, bound.spec);
    case Form::kInteger: {
      std::uint32_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size())
        return refuse(Code::kInvalidParameter, "'" + text.substr(0, 40) + "' is not a whole number");
      return std::to_string(number);
    }
  }
  return text;
}

Result<std::optional<std::string>> value_of(const Bound& bound, const Texts& fields, std::uint64_t row) {
  if (!bound.used) return std::nullopt;
  auto text = joined(bound, fields, row);
  if (!text) return std::nullopt;
  if (!bound.spec.values.empty()) {
    const auto found = bound.spec.values.find(*text);
    if (found == bound.spec.values.end())
      return refuse(Code::kInvalidParameter, "the mapping has no value for '" + text->substr(0, 40) + "'");
    text = found->second;
    if (text->empty()) return std::nullopt;
  }
  auto value = in_form(bound, bound.spec.prefix + *text);
  if (!value) return refuse(value.error().code, std::string(bound.kind->name) + ": " + value.error().detail);
  return std::optional(std::move(*value));
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
  Impl(const Step& s, ReadBytes read) : step(s), csv(std::move(read), CsvOptions{.delimiter = s.delimiter}) {}
  Step step;
  CsvReader csv;
  CsvRecord record;
  std::size_t width = 0;
  std::uint64_t row = 0;  // records after the header so far
  std::vector<Bound> head;
  std::vector<Bound> line;
  std::vector<std::size_t> where;

  Result<void> start() {
    BILLING_TRY(any, read_record());
    if (!any) return refuse(Code::kConfiguration, "the file is empty: its first line must name the columns");
    if (!record.problem.empty()) return refuse(Code::kConfiguration, "the line of column names: " + record.problem);
    Texts header;
    for (const std::string& name : record.fields) header.push_back(clean_text(name));
    width = header.size();
    BILLING_TRY(bound_head, bind_fields(fields_of(step.kind), header, step.fields));
    head = std::move(bound_head);
    if (is_document(step.kind)) {
      BILLING_TRY(bound_line, bind_fields(line_fields(), header, step.line));
      line = std::move(bound_line);
    }
    if (!head[0].used)  // the key; documents take their number for it
      return refuse(Code::kConfiguration,
                    "the field 'key' has no column: without a key of its own a row could be booked twice");
    for (const Condition& condition : step.where) {
      where.push_back(column_of(header, condition.column));
      if (where.back() == kAbsent)
        return refuse(Code::kConfiguration, "there is no column '" + condition.column + "' for a condition");
    }
    return {};
  }

  Result<bool> read_record() {
    BILLING_TRY(any, csv.next(record));
    if (any && step.latin1)
      for (std::string& field : record.fields) field = from_latin1(field);
    return any;
  }

  bool wanted() const {
    for (std::size_t i = 0; i < where.size(); ++i) {
      const std::string text = where[i] < record.fields.size() ? clean_text(record.fields[where[i]]) : std::string();
      if (!holds(step.where[i], text)) return false;
    }
    return true;
  }

  void evaluate(const std::vector<Bound>& bounds, std::vector<std::optional<std::string>>& values, ReadRow& out) const {
    for (const Bound& bound : bounds) {
      auto value = value_of(bound, record.fields, row);
      if (!value && !out.error) out.error = std::move(value.error());
      values.push_back(value ? std::move(*value) : std::nullopt);
    }
  }

  void read_into(ReadRow& out) const {
    out = ReadRow{};
    out.line = record.line;
    if (!record.problem.empty()) out.error = Error{Code::kMalformedBody, record.problem, {}};
    if (!out.error && record.fields.size() != width)
      out.error = Error{Code::kMalformedBody, "the row has " + std::to_string(record.fields.size()) +
                                                  " columns, the header has " + std::to_string(width), {}};
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

Result<RowReader> RowReader::open(const Step& step, ReadBytes read) {
  auto impl = std::make_unique<Impl>(step, std::move(read));
  BILLING_CHECK(impl->start());
  return RowReader(std::move(impl));
}

Result<bool> RowReader::next(ReadRow& row) {
  for (;;) {
    BILLING_TRY(any, impl_->read_record());
    if (!any) return false;
    ++impl_->row;
    if (impl_->record.problem.empty() && !impl_->wanted()) continue;
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
