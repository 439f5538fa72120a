// Writes field lists (fields.h) in Protobuf's wire format: the bytes that protoc's own classes would write, with fields
// in the order of their numbers and nothing for a default value. Appends to one string, copies nothing twice.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "ledger/base/utf8.h"
#include "ledger/codec/fields.h"

namespace billing::codec {

enum class WireType : std::uint32_t { kVarint = 0, kBytes = 2 };
constexpr std::uint32_t wire_tag(std::uint32_t number, WireType type) {
  return (number << 3U) | static_cast<std::uint32_t>(type);
}

// Numbers that, repeated, are written in one run after a single tag and length, as proto3 does: money and uint32.
template <class T>
concept Packed = std::same_as<T, std::int64_t> || std::same_as<T, std::uint32_t>;

class WireWriter {
 public:
  explicit WireWriter(std::string& out) : out_(out) {}

  // False when a text that was written is not valid UTF-8: other Protobuf readers would refuse the record.
  bool texts_valid() const { return texts_valid_; }

  template <class Tag>
  void operator()(std::uint32_t number, const char* name, const Id<Tag>& id) {
    (*this)(number, name, id.uuid);
  }
  void operator()(std::uint32_t number, const char*, const Uuid& uuid) {
    if (!uuid.nil()) bytes(number, uuid.view());
  }
  template <class Tag>
  void operator()(std::uint32_t number, const char*, const std::optional<Id<Tag>>& id) {
    if (id) bytes(number, id->uuid.view());
  }
  void operator()(std::uint32_t number, const char*, const std::optional<Uuid>& uuid) {
    if (uuid) bytes(number, uuid->view());
  }
  void operator()(std::uint32_t number, const char*, std::string_view text) {
    if (text.empty()) return;
    texts_valid_ = texts_valid_ && (ascii(text) || valid_utf8(text));
    bytes(number, text);
  }
  void operator()(std::uint32_t number, const char* name, const std::string& text) {
    (*this)(number, name, std::string_view(text));
  }
  void operator()(std::uint32_t number, const char* name, Currency currency) {
    if (currency.valid()) (*this)(number, name, currency.code());
  }
  void operator()(std::uint32_t number, const char*, std::int64_t money) { signed_varint(number, money); }
  void operator()(std::uint32_t number, const char*, Decimal decimal) { signed_varint(number, decimal.nanos); }
  void operator()(std::uint32_t number, const char*, Date date) { signed_varint(number, date.days); }
  void operator()(std::uint32_t number, const char*, std::optional<Date> date) {
    if (date) tagged_varint(number, zigzag(date->days));
  }
  void operator()(std::uint32_t number, const char*, Instant instant) {
    unsigned_varint(number, static_cast<std::uint64_t>(instant.micros));
  }
  template <class Number>
    requires(std::unsigned_integral<Number> || std::same_as<Number, int>)
  void operator()(std::uint32_t number, const char*, Number value) {
    unsigned_varint(number, static_cast<std::uint64_t>(value));  // an int is widened with its sign, as int32 is
  }
  void operator()(std::uint32_t number, const char*, std::optional<std::uint32_t> value) {
    if (value) tagged_varint(number, *value);
  }
  void operator()(std::uint32_t number, const char*, std::optional<int> value) {
    if (value) tagged_varint(number, static_cast<std::uint64_t>(*value));
  }
  void operator()(std::uint32_t number, const char*, std::optional<std::int64_t> money) {
    if (money) tagged_varint(number, zigzag(*money));
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void operator()(std::uint32_t number, const char*, Enum value) {
    unsigned_varint(number, static_cast<std::uint64_t>(value));
  }
  template <class Tag>
  void operator()(std::uint32_t number, const char*, const std::vector<Id<Tag>>& ids) {
    for (const Id<Tag>& id : ids) bytes(number, id.uuid.view());
  }
  void operator()(std::uint32_t number, const char*, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      texts_valid_ = texts_valid_ && valid_utf8(text);
      bytes(number, text);
    }
  }
  template <Packed Number>
  void operator()(std::uint32_t number, const char*, const std::vector<Number>& values) {
    if (values.empty()) return;
    varint(wire_tag(number, WireType::kBytes));
    const std::size_t start = out_.size() + 1;
    out_.push_back('\0');
    for (const Number value : values) {
      if constexpr (std::signed_integral<Number>)
        varint(zigzag(value));
      else
        varint(value);
    }
    set_length(start);
  }
  template <class Message>
  void operator()(std::uint32_t number, const char*, const std::vector<Message>& messages) {
    for (const Message& each : messages) message(number, each);
  }
  template <class Message>
  void operator()(std::uint32_t number, const char*, const std::optional<Message>& value) {
    if (value) message(number, *value);
  }
  template <class Message>
    requires std::is_class_v<Message>
  void operator()(std::uint32_t number, const char*, const Message& value) {
    message(number, value);
  }
  template <class T>
  void operator()(std::uint32_t number, const char* name, Since<T> field) {
    (*this)(number, name, field.value);
  }
  template <class Enum>
  void operator()(std::uint32_t number, const char* name, SinceEnum<Enum> field) {
    if (field.value != field.absent) (*this)(number, name, field.value);
  }
  template <class T>
  void operator()(std::uint32_t number, const char* name, Month<T> month) {
    (*this)(number, name, month.index);
  }

  // A message within this one.
  template <class Message>
  void message(std::uint32_t number, const Message& value) {
    varint(wire_tag(number, WireType::kBytes));
    const std::size_t start = out_.size() + 1;
    out_.push_back('\0');  // the length, when it fits one byte
    fields(*this, value);
    set_length(start);
  }

 private:
  static constexpr std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
  }
  static bool ascii(std::string_view text) {
    unsigned char all = 0;
    for (const char c : text) all |= static_cast<unsigned char>(c);
    return all < 0x80U;
  }
  static std::size_t put_varint(char* at, std::uint64_t value) {
    std::size_t size = 0;
    for (; value >= 0x80U; value >>= 7U) at[size++] = static_cast<char>(value | 0x80U);
    at[size++] = static_cast<char>(value);
    return size;
  }
  void varint(std::uint64_t value) {
    std::array<char, 10> digits;
    out_.append(digits.data(), put_varint(digits.data(), value));
  }
  void tagged_varint(std::uint32_t number, std::uint64_t value) {
    std::array<char, 16> digits;
    const std::size_t tag_size = put_varint(digits.data(), wire_tag(number, WireType::kVarint));
    out_.append(digits.data(), tag_size + put_varint(digits.data() + tag_size, value));
  }
  void unsigned_varint(std::uint32_t number, std::uint64_t value) {
    if (value != 0) tagged_varint(number, value);
  }
  void signed_varint(std::uint32_t number, std::int64_t value) { unsigned_varint(number, zigzag(value)); }
  void bytes(std::uint32_t number, std::string_view value) {
    std::array<char, 16> head;
    const std::size_t tag_size = put_varint(head.data(), wire_tag(number, WireType::kBytes));
    out_.append(head.data(), tag_size + put_varint(head.data() + tag_size, value.size()));
    out_.append(value);
  }
  void set_length(std::size_t start) {
    std::array<char, 10> digits;
    const std::size_t size = put_varint(digits.data(), out_.size() - start);
    if (size > 1) out_.insert(start, size - 1, '\0');
    std::copy_n(digits.data(), size, out_.data() + start - 1);
  }

  std::string& out_;
  bool texts_valid_ = true;
};

}  // namespace billing::codec
