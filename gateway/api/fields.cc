#include "gateway/api/fields.h"

#include <limits>

#include "gateway/api/text.h"

namespace billing::api {
namespace {

// No command has as many fields; a member behind it is unknown.
constexpr std::size_t kMembersMax = 64;

std::string_view kind_text(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull: return "null";
    case JsonKind::kFalse:
    case JsonKind::kTrue: return "true or false";
    case JsonKind::kInteger:
    case JsonKind::kNumber: return "a number";
    case JsonKind::kString: return "a string";
    case JsonKind::kArray: return "an array";
    case JsonKind::kObject: return "an object";
  }
  return "something else";
}

std::string wanted(std::string_view what, JsonKind got) {
  return "This must be " + std::string(what) + ", not " + std::string(kind_text(got)) + ".";
}

std::string wanted_number(std::int64_t min, std::int64_t max) {
  return "This must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) + ".";
}

}  // namespace

std::string JsonPath::pointer(const JsonPath* path) {
  if (path == nullptr || path->root) return {};
  std::string text = pointer(path->parent);
  text += '/';
  path->key ? append_pointer_segment(text, *path->key) : append_number(text, path->index);
  return text;
}

Fields::Fields(JsonValue value, Refusal& refusal, const JsonPath* at) : refusal_(refusal), at_(at) {
  if (!value.is(JsonKind::kObject)) {
    refusal_.set(Code::kWrongType, wanted("an object", value.kind()), JsonPath::pointer(at));
    return;
  }
  count_ = value.size();
  begin_ = cursor_ = count_ > 0 ? value.first().node() : nullptr;
}

std::optional<JsonValue> Fields::find(std::string_view name, bool required) {
  // Asked for even after a refusal, so that end() can tell what nobody asks for.
  for (std::size_t tried = 0; tried < count_ && tried < kMembersMax; ++tried) {
    if (cursor_index_ >= count_ || cursor_index_ >= kMembersMax) {
      cursor_index_ = 0;
      cursor_ = begin_;
    }
    const JsonNode* const member = cursor_;
    const std::size_t index = cursor_index_;
    cursor_ += member->extent;
    ++cursor_index_;
    if (member->key != name) continue;
    asked_ |= std::uint64_t{1} << index;
    if (refusal_.any()) return std::nullopt;
    if (member->kind != JsonKind::kNull) return JsonValue(member);
    if (required) refuse_field(Code::kWrongType, name, "This may not be null.");
    return std::nullopt;
  }
  if (required) refuse_field(Code::kMissingField, name, "The field \"" + std::string(name) + "\" is required.");
  return std::nullopt;
}

void Fields::require(std::string_view name) {
  if (refusal_.any()) return;
  const JsonNode* member = begin_;
  for (std::size_t i = 0; i < count_; ++i, member += member->extent)
    if (member->key == name) return;
  refuse_field(Code::kMissingField, name, "The field \"" + std::string(name) + "\" is required; it may be null.");
}

void Fields::refuse_field(Code code, std::string_view name, std::string detail) {
  if (refusal_.any()) return;
  const JsonPath here = path(name);
  refusal_.set(code, std::move(detail), JsonPath::pointer(&here));
}

void Fields::refuse_at(std::string_view name, Error error) { refuse_field(error.code, name, std::move(error.detail)); }

bool Fields::expect_text(JsonValue value, std::string_view name) {
  if (value.is(JsonKind::kString)) return true;
  refuse_field(Code::kWrongType, name, wanted("a string", value.kind()));
  return false;
}

std::optional<std::string_view> Fields::text_of(std::string_view name, bool required) {
  const auto value = find(name, required);
  if (!value || !expect_text(*value, name)) return std::nullopt;
  return value->text();
}

std::string Fields::text(std::string_view name) { return std::string(text_of(name, true).value_or("")); }

std::string Fields::optional_text(std::string_view name) { return std::string(text_of(name, false).value_or("")); }

std::optional<std::string> Fields::given_text(std::string_view name) {
  const auto text = text_of(name, false);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::optional<Uuid> Fields::id_of(std::string_view name, std::string_view prefix, bool required) {
  const auto text = text_of(name, required);
  if (!text) return std::nullopt;
  auto uuid = parse_id(prefix, *text);
  if (uuid && !uuid->nil()) return *uuid;
  refuse_at(name, uuid ? Error{Code::kInvalidId, "An id of zeros names nothing.", {}} : std::move(uuid.error()));
  return std::nullopt;
}

Uuid Fields::new_id_of(std::string_view name, std::string_view prefix) {
  return id_of(name, prefix, false).value_or(Uuid{});
}

Date Fields::date(std::string_view name) {
  return parsed(name, [](std::string_view text) { return Date::parse(text); });
}

std::optional<Date> Fields::optional_date(std::string_view name) {
  const auto text = text_of(name, false);
  if (!text) return std::nullopt;
  auto day = Date::parse(*text);
  if (!day) return refuse_at(name, std::move(day.error())), std::nullopt;
  return *day;
}

Currency Fields::currency(std::string_view name) {
  return parsed(name, [](std::string_view text) { return Currency::parse(text); });
}

std::optional<Currency> Fields::optional_currency(std::string_view name) {
  const auto text = text_of(name, false);
  if (!text) return std::nullopt;
  auto code = Currency::parse(*text);
  if (!code) return refuse_at(name, std::move(code.error())), std::nullopt;
  return *code;
}

Money Fields::money(std::string_view name) {
  Money money;
  object(name, true, [&](Fields& fields) {
    money.currency = fields.currency("currency");
    money.minor = fields.amount("amount", money.currency);
  });
  return money;
}

std::optional<Money> Fields::optional_money(std::string_view name) {
  return find(name, false) ? std::optional<Money>(money(name)) : std::nullopt;
}

std::optional<std::string_view> Fields::decimal_of(std::string_view name, bool required) {
  const auto value = find(name, required);
  if (!value) return std::nullopt;
  if (value->is(JsonKind::kString)) return value->text();
  const bool number = value->is(JsonKind::kInteger) || value->is(JsonKind::kNumber);
  refuse_field(Code::kWrongType, name,
               number ? "Write it as a string of decimal digits, such as \"249.95\": many programs round JSON numbers."
                      : wanted("a string of decimal digits", value->kind()));
  return std::nullopt;
}

std::int64_t Fields::amount(std::string_view name, Currency currency) {
  const auto text = decimal_of(name, true);
  if (!text || !good()) return 0;
  auto money = parse_money(*text, currency);
  if (!money) return refuse_at(name, std::move(money.error())), 0;
  return money->minor;
}

std::optional<std::int64_t> Fields::optional_amount(std::string_view name, Currency currency) {
  return find(name, false) ? std::optional<std::int64_t>(amount(name, currency)) : std::nullopt;
}

std::optional<Decimal> Fields::optional_decimal(std::string_view name) {
  const auto text = decimal_of(name, false);
  if (!text) return std::nullopt;
  auto decimal = Decimal::parse(*text);
  if (!decimal) return refuse_at(name, std::move(decimal.error())), std::nullopt;
  return *decimal;
}

std::optional<std::int64_t> Fields::integer_of(std::string_view name, bool required, std::int64_t min,
                                               std::int64_t max) {
  const auto value = find(name, required);
  if (!value) return std::nullopt;
  if (value->is(JsonKind::kInteger) && value->integer() >= min && value->integer() <= max) return value->integer();
  refuse_field(Code::kWrongType, name, wanted_number(min, max));
  return std::nullopt;
}

std::int64_t Fields::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  return integer_of(name, true, min, max).value_or(0);
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view name, std::int64_t min, std::int64_t max) {
  return integer_of(name, false, min, max);
}

std::optional<bool> Fields::flag_of(std::string_view name, bool required) {
  const auto value = find(name, required);
  if (!value) return std::nullopt;
  if (value->is(JsonKind::kFalse)) return false;
  if (value->is(JsonKind::kTrue)) return true;
  refuse_field(Code::kWrongType, name, wanted("true or false", value->kind()));
  return std::nullopt;
}

std::int32_t Fields::month(std::string_view name) {
  return parsed(name, [](std::string_view text) { return parse_month(text); });
}

std::optional<std::int32_t> Fields::optional_month(std::string_view name) {
  return optional_parsed(name, [](std::string_view text) { return parse_month(text); });
}

std::vector<std::string> Fields::texts(std::string_view name, bool required, std::size_t max) {
  std::vector<std::string> all;
  list(name, required, max, Code::kTooManyItems, [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
    if (value.is(JsonKind::kString)) {
      all.emplace_back(value.text());
    } else {
      refusal.set(Code::kWrongType, wanted("a string", value.kind()), JsonPath::pointer(&at));
    }
  });
  return all;
}

std::vector<std::uint32_t> Fields::indexes(std::string_view name, bool required, std::size_t max) {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> all;
  list(name, required, max, Code::kTooManyItems, [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
    if (value.is(JsonKind::kInteger) && value.integer() >= 0 && value.integer() <= kMost) {
      all.push_back(static_cast<std::uint32_t>(value.integer()));
    } else {
      refusal.set(Code::kWrongType, wanted_number(0, kMost), JsonPath::pointer(&at));
    }
  });
  return all;
}

Uuid Fields::element_id(JsonValue value, std::string_view prefix, const JsonPath& at, Refusal& refusal) {
  Result<Uuid> id = value.is(JsonKind::kString) ? parse_id(prefix, value.text())
                                                : refuse(Code::kWrongType, wanted("an id", value.kind()));
  if (id) return *id;
  refusal.set(id.error().code, std::move(id.error().detail), JsonPath::pointer(&at));
  return {};
}

std::optional<JsonValue> Fields::list_of(std::string_view name, bool required, std::size_t max, Code too_many) {
  const auto value = find(name, required);
  if (!value) return std::nullopt;
  if (!value->is(JsonKind::kArray)) {
    refuse_field(Code::kWrongType, name, wanted("an array", value->kind()));
    return std::nullopt;
  }
  if (value->size() > max) {
    refuse_field(too_many, name, "At most " + std::to_string(max) + " may be given at once.");
    return std::nullopt;
  }
  return value;
}

void Fields::end() {
  const JsonNode* member = begin_;
  for (std::size_t i = 0; i < count_; ++i, member += member->extent) {
    if (i < kMembersMax && (asked_ >> i & 1U) != 0) continue;
    const JsonPath here = path(member->key);
    refusal_.set_unknown("This command has no such field.", JsonPath::pointer(&here));
    return;
  }
}

}  // namespace billing::api
