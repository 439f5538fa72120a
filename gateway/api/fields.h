// Reading the fields of a command's body: each is asked for by name, what nobody asked for is refused.
//
// The first refusal sticks and is returned at the end, so that a parser reads as the list of its fields.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/api/json_input.h"
#include "ledger/base/currency.h"
#include "ledger/base/date.h"
#include "ledger/base/decimal.h"
#include "ledger/base/error.h"
#include "ledger/base/ids.h"
#include "ledger/base/money.h"

namespace billing::api {

// Where a value stands: a chain on the stack, written out only to refuse.
struct JsonPath {
  const JsonPath* parent = nullptr;
  std::optional<std::string_view> key;  // of an object's member, which may be empty; none for an array's element
  std::size_t index = 0;                // of an array's element
  bool root = false;

  // The JSON pointer (RFC 6901) of `path`, which may be null.
  static std::string pointer(const JsonPath* path);
};

// The first refusal of one command.
class Refusal {
 public:
  bool any() const { return error_.has_value(); }
  void set(Code code, std::string detail, std::string pointer) {
    if (!error_) error_.emplace(Error{code, std::move(detail), std::move(pointer)});
  }
  // A field that is not known explains a field that is missing: the one was meant to be the other.
  void set_unknown(std::string detail, std::string pointer) {
    if (!error_ || error_->code == Code::kMissingField)
      error_ = Error{Code::kUnknownField, std::move(detail), std::move(pointer)};
  }
  Error take() { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

// One object. After a refusal every call returns an empty value of its type. A null counts as absent where a field
// may be absent.
class Fields {
 public:
  // `at` may be null (the root); `refusal` and `at` must outlive this.
  Fields(JsonValue value, Refusal& refusal, const JsonPath* at);

  std::string text(std::string_view name);           // required
  std::string optional_text(std::string_view name);  // empty when absent
  std::optional<std::string> given_text(std::string_view name);

  // Required; the view lives as long as the value.
  std::optional<std::string_view> text_view(std::string_view name) { return text_of(name, true); }
  // Required: any value but null.
  std::optional<JsonValue> value(std::string_view name) { return find(name, true); }

  template <class AnyId>
  AnyId id(std::string_view name) {  // required
    return AnyId{id_of(name, AnyId::prefix(), true).value_or(Uuid{})};
  }
  template <class AnyId>
  AnyId new_id(std::string_view name) {  // nil when absent: one is made
    return AnyId{new_id_of(name, AnyId::prefix())};
  }
  template <class AnyId>
  std::optional<AnyId> optional_id(std::string_view name) {
    const auto uuid = id_of(name, AnyId::prefix(), false);
    return uuid ? std::optional<AnyId>(AnyId{*uuid}) : std::nullopt;
  }
  // Must be there, and may be null.
  template <class AnyId>
  std::optional<AnyId> nullable_id(std::string_view name) {
    require(name);
    return optional_id<AnyId>(name);
  }

  Date date(std::string_view name);  // required
  std::optional<Date> optional_date(std::string_view name);
  Currency currency(std::string_view name);  // required
  std::optional<Currency> optional_currency(std::string_view name);
  Money money(std::string_view name);  // required: {"amount", "currency"}
  std::optional<Money> optional_money(std::string_view name);
  std::int64_t amount(std::string_view name, Currency currency);  // required: a decimal string, in minor units
  std::optional<std::int64_t> optional_amount(std::string_view name, Currency currency);
  std::optional<Decimal> optional_decimal(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);  // required
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max);
  bool flag(std::string_view name) { return flag_of(name, false).value_or(false); }  // false when absent
  bool required_flag(std::string_view name) { return flag_of(name, true).value_or(false); }
  std::optional<bool> optional_flag(std::string_view name) { return flag_of(name, false); }
  std::int32_t month(std::string_view name);  // required: "YYYY-MM", as its month_index
  std::optional<std::int32_t> optional_month(std::string_view name);

  // Lists of plain values; more than `max` are refused with kTooManyItems.
  std::vector<std::string> texts(std::string_view name, bool required, std::size_t max);
  std::vector<std::uint32_t> indexes(std::string_view name, bool required, std::size_t max);  // whole numbers from 0
  template <class AnyId>
  std::vector<AnyId> ids(std::string_view name, bool required, std::size_t max) {
    std::vector<AnyId> all;
    list(name, required, max, Code::kTooManyItems, [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
      all.push_back(AnyId{element_id(value, AnyId::prefix(), at, refusal)});
    });
    return all;
  }

  // A text that `parse` (Result<T>(std::string_view)) understands; required.
  template <class Parse>
  auto parsed(std::string_view name, Parse parse) {
    using Value = typename decltype(parse(std::string_view()))::value_type;
    return parsed_of(name, true, parse).value_or(Value{});
  }
  // The same where it may be absent.
  template <class Parse>
  auto optional_parsed(std::string_view name, Parse parse) {
    return parsed_of(name, false, parse);
  }

  // Calls `each(JsonValue, const JsonPath&, Refusal&)` for every element; more than `max` are refused with `too_many`.
  // Returns whether the field was there.
  template <class Each>
  bool list(std::string_view name, bool required, std::size_t max, Code too_many, Each each) {
    const auto array = list_of(name, required, max, too_many);
    if (!array) return false;
    const JsonPath here = path(name);
    JsonValue element = array->first();
    for (std::size_t i = 0; i < array->size() && !refusal_.any(); ++i, element = element.next())
      each(element, JsonPath{&here, {}, i}, refusal_);
    return true;
  }
  // Calls `read(Fields&)` with the object under `name`, and ends it. Returns whether it was there.
  template <class Read>
  bool object(std::string_view name, bool required, Read read) {
    const auto value = find(name, required);
    if (!value) return false;
    const JsonPath here = path(name);
    Fields inner(*value, refusal_, &here);
    read(inner);
    inner.end();
    return true;
  }

  // Refuses what no call asked for. To be called last, once.
  void end();

  bool good() const { return !refusal_.any(); }
  void refuse_field(Code code, std::string_view name, std::string detail);
  JsonPath path(std::string_view name) const { return JsonPath{at_, name, 0}; }

 private:
  std::optional<JsonValue> find(std::string_view name, bool required);
  void require(std::string_view name);
  bool expect_text(JsonValue value, std::string_view name);
  template <class Parse>
  auto parsed_of(std::string_view name, bool required, Parse parse) {
    using Value = std::optional<typename decltype(parse(std::string_view()))::value_type>;
    const auto value = find(name, required);
    if (!value || !expect_text(*value, name)) return Value{};
    auto result = parse(value->text());
    if (!result) return refuse_at(name, std::move(result.error())), Value{};
    return Value{*std::move(result)};
  }
  std::optional<std::int64_t> integer_of(std::string_view name, bool required, std::int64_t min, std::int64_t max);
  std::optional<bool> flag_of(std::string_view name, bool required);
  static Uuid element_id(JsonValue value, std::string_view prefix, const JsonPath& at, Refusal& refusal);
  std::optional<std::string_view> text_of(std::string_view name, bool required);
  std::optional<Uuid> id_of(std::string_view name, std::string_view prefix, bool required);
  Uuid new_id_of(std::string_view name, std::string_view prefix);
  std::optional<JsonValue> list_of(std::string_view name, bool required, std::size_t max, Code too_many);
  std::optional<std::string_view> decimal_of(std::string_view name, bool required);
  void refuse_at(std::string_view name, Error error);

  Refusal& refusal_;
  const JsonPath* at_;
  const JsonNode* begin_ = nullptr;  // the first member
  const JsonNode* cursor_ = nullptr;  // where the last one was found: fields often come in our order
  std::size_t cursor_index_ = 0;
  std::size_t count_ = 0;
  std::uint64_t asked_ = 0;  // bit i: member i was asked for
};

}  // namespace billing::api
