// Reads what WireWriter writes, and nothing else: each field at most once, in the order of the numbers, with the type
// of the list. So a record that reads well is written again to the same bytes, and every surprise is an error.
#pragma once

#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/base/utf8.h"
#include "ledger/codec/fields.h"
#include "ledger/codec/wire_writer.h"

namespace billing::codec {

// Why a record could not be read; shared by the readers of a message and its parts. The first failure stands.
struct WireFailure {
  const char* what = nullptr;  // a sentence without its subject, e.g. "is cut short"
  std::uint32_t field = 0;
};

class WireReader {
 public:
  WireReader(std::string_view bytes, WireFailure& failure)
      : at_(bytes.data()), end_(at_ + bytes.size()), failure_(failure) {
    next();
  }

  // Number of the field that comes next; 0 at the end and after a failure.
  std::uint32_t next_number() const { return tag_ >> 3U; }
  // Content of the message that comes next; steps over it.
  std::string_view next_message() {
    const std::uint32_t number = next_number();
    std::string_view content;
    if (take(number, WireType::kBytes)) {
      content = length_delimited();
      next();
    }
    return content;
  }
  // Call when all fields were visited: what is left has no place in this version of the schema.
  void finish() {
    if (tag_ != 0) fail("is unknown, repeated or out of order: written by a newer version, or damaged", next_number());
  }
  bool failed() const { return failure_.what != nullptr; }

  template <class Tag>
  void operator()(std::uint32_t number, const char* name, Id<Tag>& id) {
    (*this)(number, name, id.uuid);
  }
  void operator()(std::uint32_t number, const char*, Uuid& uuid) {
    uuid = {};
    if (!take(number, WireType::kBytes)) return;
    read_uuid(uuid);
    if (uuid.nil()) fail("is an id of zeros", number);
    next();
  }
  template <class Tag>
  void operator()(std::uint32_t number, const char*, std::optional<Id<Tag>>& id) {
    id.reset();
    if (!take(number, WireType::kBytes)) return;
    read_uuid(id.emplace().uuid);
    next();
  }
  void operator()(std::uint32_t number, const char*, std::optional<Uuid>& uuid) {
    uuid.reset();
    if (!take(number, WireType::kBytes)) return;
    read_uuid(uuid.emplace());
    next();
  }
  void operator()(std::uint32_t number, const char*, std::string_view& text) {
    text = {};
    if (!take(number, WireType::kBytes)) return;
    text = length_delimited();
    if (text.empty()) fail("is an empty text", number);
    if (!valid_utf8(text)) fail("is not valid UTF-8", number);
    next();
  }
  void operator()(std::uint32_t number, const char* name, std::string& text) {
    std::string_view view;
    (*this)(number, name, view);
    text.assign(view);
  }
  void operator()(std::uint32_t number, const char* name, Currency& currency) {
    std::string_view code;
    (*this)(number, name, code);
    currency = {};
    if (code.empty()) return;
    const auto parsed = Currency::parse(code);
    if (parsed)
      currency = *parsed;
    else
      fail("is not a currency", number);
  }
  void operator()(std::uint32_t number, const char*, std::int64_t& money) { money = signed_varint(number); }
  void operator()(std::uint32_t number, const char*, Decimal& decimal) { decimal.nanos = signed_varint(number); }
  void operator()(std::uint32_t number, const char*, Date& date) {
    date.days = narrow<std::int32_t>(signed_varint(number), number);
  }
  void operator()(std::uint32_t number, const char*, std::optional<Date>& date) {
    date.reset();
    if (!take(number, WireType::kVarint)) return;
    date.emplace().days = narrow<std::int32_t>(unzigzag(varint()), number);
    next();
  }
  void operator()(std::uint32_t number, const char*, Instant& instant) {
    instant.micros = static_cast<std::int64_t>(unsigned_varint(number));
  }
  template <class Number>
    requires(std::unsigned_integral<Number> || std::same_as<Number, int>)
  void operator()(std::uint32_t number, const char*, Number& value) {
    const std::uint64_t wide = unsigned_varint(number);
    if constexpr (std::same_as<Number, int>)
      value = narrow<int>(static_cast<std::int64_t>(wide), number);
    else
      value = narrow<Number>(wide, number);
  }
  void operator()(std::uint32_t number, const char*, std::optional<std::uint32_t>& value) {
    value.reset();
    if (!take(number, WireType::kVarint)) return;
    value = narrow<std::uint32_t>(varint(), number);
    next();
  }
  void operator()(std::uint32_t number, const char*, std::optional<int>& value) {
    value.reset();
    if (!take(number, WireType::kVarint)) return;
    value = narrow<int>(static_cast<std::int64_t>(varint()), number);
    next();
  }
  void operator()(std::uint32_t number, const char*, std::optional<std::int64_t>& money) {
    money.reset();
    if (!take(number, WireType::kVarint)) return;
    money = unzigzag(varint());
    next();
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void operator()(std::uint32_t number, const char*, Enum& value) {
    const std::uint64_t wide = unsigned_varint(number);
    value = static_cast<Enum>(wide);
    if (wide > std::numeric_limits<std::underlying_type_t<Enum>>::max() || !known(value))
      fail("has a value that is not known: written by a newer version, or damaged", number);
  }
  template <class Tag>
  void operator()(std::uint32_t number, const char*, std::vector<Id<Tag>>& ids) {
    ids.clear();
    while (take(number, WireType::kBytes)) {
      read_uuid(ids.emplace_back().uuid);
      next();
    }
  }
  void operator()(std::uint32_t number, const char*, std::vector<std::string>& texts) {
    texts.clear();
    while (take(number, WireType::kBytes)) {
      const std::string_view text = length_delimited();
      if (!valid_utf8(text)) fail("is not valid UTF-8", number);
      texts.emplace_back(text);
      next();
    }
  }
  template <Packed Number>
  void operator()(std::uint32_t number, const char*, std::vector<Number>& values) {
    values.clear();
    if (!take(number, WireType::kBytes)) return;
    WireReader inner(length_delimited(), failure_, Run{});
    if (inner.at_ == inner.end_) fail("is an empty list", number);
    while (inner.at_ != inner.end_) {
      const std::uint64_t wide = inner.varint();
      if constexpr (std::signed_integral<Number>)
        values.push_back(unzigzag(wide));
      else
        values.push_back(inner.narrow<Number>(wide, number));
    }
    if (failed()) fail(nullptr, 0);
    next();
  }
  template <class Message>
  void operator()(std::uint32_t number, const char*, std::vector<Message>& messages) {
    messages.clear();
    while (take(number, WireType::kBytes)) {
      message(messages.emplace_back());
      next();
    }
  }
  template <class Message>
  void operator()(std::uint32_t number, const char*, std::optional<Message>& value) {
    value.reset();
    if (!take(number, WireType::kBytes)) return;
    message(value.emplace());
    next();
  }
  template <class Message>
    requires std::is_class_v<Message>
  void operator()(std::uint32_t number, const char*, Message& value) {
    if (!take(number, WireType::kBytes)) return fail("is missing", number);
    message(value);
    next();
  }
  template <class T>
  void operator()(std::uint32_t number, const char* name, Since<T> field) {
    (*this)(number, name, field.value);
  }
  template <class Enum>
  void operator()(std::uint32_t number, const char* name, SinceEnum<Enum> field) {
    field.value = field.absent;
    if (next_number() != number) return;
    (*this)(number, name, field.value);
    if (field.value == field.absent) fail("is a default that should not be written", number);
  }
  template <class T>
  void operator()(std::uint32_t number, const char* name, Month<T> month) {
    (*this)(number, name, month.index);
  }

 private:
  struct Run {};  // numbers without tags
  WireReader(std::string_view bytes, WireFailure& failure, Run)
      : at_(bytes.data()), end_(at_ + bytes.size()), failure_(failure) {}

  static bool known(StreamKind kind) { return kind >= StreamKind::kCustomer && kind <= StreamKind::kUnbooked; }
  static bool known(Ledger ledger) { return known_ledger(static_cast<std::uint16_t>(ledger)); }
  static bool known(CreditSource s) { return s >= CreditSource::kPayment && s <= CreditSource::kCreditNote; }
  static bool known(payment::Method m) { return m >= payment::Method::kCard && m <= payment::Method::kCash; }
  static bool known(dispute::Outcome o) { return o >= dispute::Outcome::kCredited && o <= dispute::Outcome::kPaid; }
  static bool known(user::Role r) { return r >= user::Role::kViewer && r <= user::Role::kAdministrator; }
  static bool known(account::InvoicingRole r) {
    return r >= account::InvoicingRole::kRolledUp && r <= account::InvoicingRole::kPayer;
  }
  static bool known(invoice::Kind k) { return k >= invoice::Kind::kAdHoc && k <= invoice::Kind::kLateFee; }
  static bool known(payment::Phase p) { return p >= payment::Phase::kRequested && p <= payment::Phase::kCancelled; }
  static bool known(refund::Phase p) { return p >= refund::Phase::kRequested && p <= refund::Phase::kFailed; }
  static bool known(plan::Kind k) { return k >= plan::Kind::kPromise && k <= plan::Kind::kInstalments; }
  static bool known(unbooked::Kind k) { return k >= unbooked::Kind::kReceipt && k <= unbooked::Kind::kLateMoney; }
  static std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>((value >> 1U) ^ (0 - (value & 1U)));
  }

  void fail(const char* what, std::uint32_t number) {
    if (failure_.what == nullptr) failure_ = {what, number};
    at_ = end_;
    tag_ = 0;
  }
  // Moves to the next field.
  void next() {
    tag_ = 0;
    if (at_ == end_) return;
    const std::uint64_t tag = varint();
    if (failed()) return;
    if (tag > std::numeric_limits<std::uint32_t>::max() || (tag >> 3U) == 0) return fail("has no valid number", 0);
    tag_ = static_cast<std::uint32_t>(tag);
  }
  bool take(std::uint32_t number, WireType type) const { return tag_ != 0 && tag_ == wire_tag(number, type); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte >= 0x80U) continue;
      const bool shortest = (byte != 0 || shift == 0) && (shift < 63 || byte == 1);
      if (!shortest) fail("has a number that is not in its shortest form", next_number());
      return value;
    }
    fail("is cut short", next_number());
    return 0;
  }
  std::uint64_t unsigned_varint(std::uint32_t number) {
    if (!take(number, WireType::kVarint)) return 0;
    const std::uint64_t value = varint();
    if (value == 0) fail("is a zero that should not be written", number);
    next();
    return value;
  }
  std::int64_t signed_varint(std::uint32_t number) { return unzigzag(unsigned_varint(number)); }
  template <class To, class From>
  To narrow(From value, std::uint32_t number) {
    if constexpr (std::same_as<To, bool>) {
      if (value > 1) fail("is not in range", number);
      return value != 0;
    } else {
      if (!std::in_range<To>(value)) fail("is not in range", number);
      return static_cast<To>(value);
    }
  }
  std::string_view length_delimited() {
    const std::uint64_t size = varint();
    if (failed()) return {};
    if (size > static_cast<std::uint64_t>(end_ - at_)) {
      fail("is cut short", next_number());
      return {};
    }
    const std::string_view content{at_, static_cast<std::size_t>(size)};
    at_ += size;
    return content;
  }
  void read_uuid(Uuid& uuid) {
    const std::string_view content = length_delimited();
    if (failed()) return;
    if (content.size() != uuid.bytes.size()) return fail("is not an id of 16 bytes", next_number());
    std::memcpy(uuid.bytes.data(), content.data(), uuid.bytes.size());
  }
  template <class Message>
  void message(Message& value) {
    WireReader inner(length_delimited(), failure_);
    fields(inner, value);
    inner.finish();
    if (failed()) fail(nullptr, 0);
  }

  const char* at_;
  const char* end_;
  std::uint32_t tag_ = 0;
  WireFailure& failure_;
};

}  // namespace billing::codec
