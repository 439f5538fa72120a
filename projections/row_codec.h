// Rows as bytes: each row struct names its fields once, in `fields(archive)`, and both directions follow from that.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ledger/base/currency.h"
#include "ledger/base/date.h"
#include "ledger/base/ids.h"

namespace billing::views {

// Appends fields: numbers as zigzag varints, texts and lists with their length, ids as 16 bytes.
class RowWriter {
 public:
  explicit RowWriter(std::string& out) : out_(out) {}
  template <class... Fields>
  void operator()(const Fields&... fields) {
    (put(fields), ...);
  }

 private:
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80U));
      value >>= 7U;
    }
    out_.push_back(static_cast<char>(value));
  }
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void put(T value) {
    const auto wide = static_cast<std::int64_t>(value);
    varint((static_cast<std::uint64_t>(wide) << 1U) ^ static_cast<std::uint64_t>(wide >> 63));
  }
  void put(Date date) { put(date.days); }
  void put(Instant instant) { put(instant.micros); }
  void put(Currency currency) { out_.append(currency.code()); }
  void put(const std::string& text) {
    varint(text.size());
    out_.append(text);
  }
  void put(const Uuid& uuid) { out_.append(uuid.view()); }
  template <class Tag>
  void put(const Id<Tag>& id) {
    put(id.uuid);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    varint(values.size());
    for (const T& value : values) put(value);
  }
  template <class T>
    requires requires(const T& row, RowWriter& writer) { T::fields(row, writer); }
  void put(const T& row) {
    T::fields(row, *this);
  }
  std::string& out_;
};

// Reads what RowWriter wrote. A row that ends early or is out of form makes ok() false; fields then hold defaults.
class RowReader {
 public:
  explicit RowReader(std::string_view in) : in_(in) {}
  bool ok() const { return ok_; }
  bool done() const { return ok_ && in_.empty(); }
  template <class... Fields>
  void operator()(Fields&... fields) {
    (get(fields), ...);
  }

 private:
  std::string_view take(std::size_t n) {
    if (n > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    const std::string_view taken = in_.substr(0, n);
    in_.remove_prefix(n);
    return taken;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !in_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(in_.front());
      in_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void get(T& value) {
    const std::uint64_t raw = varint();
    value = static_cast<T>(static_cast<std::int64_t>((raw >> 1U) ^ (~(raw & 1U) + 1U)));
  }
  void get(Date& date) { get(date.days); }
  void get(Instant& instant) { get(instant.micros); }
  void get(Currency& currency) {
    const auto parsed = Currency::parse(take(3));
    if (parsed) currency = *parsed;
  }
  void get(std::string& text) { text = take(varint()); }
  void get(Uuid& uuid) {
    const std::string_view bytes = take(16);
    if (bytes.size() == 16) uuid = Uuid::from_bytes(bytes);
  }
  template <class Tag>
  void get(Id<Tag>& id) {
    get(id.uuid);
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool present = false;
    get(present);
    if (present) get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& values) {
    const std::uint64_t size = varint();
    if (size > in_.size()) {  // every element has a byte at least
      ok_ = false;
      return;
    }
    values.resize(size);
    for (T& value : values) get(value);
  }
  template <class T>
    requires requires(T& row, RowReader& reader) { T::fields(row, reader); }
  void get(T& row) {
    T::fields(row, *this);
  }
  std::string_view in_;
  bool ok_ = true;
};

template <class Row>
void write_row(const Row& row, std::string& out) {
  out.clear();
  RowWriter writer(out);
  Row::fields(row, writer);
}
template <class Row>
std::string row_bytes(const Row& row) {
  std::string out;
  write_row(row, out);
  return out;
}
// nullopt: the bytes are not such a row.
template <class Row>
std::optional<Row> parse_row(std::string_view bytes) {
  Row row;
  RowReader reader(bytes);
  Row::fields(row, reader);
  if (!reader.done()) return std::nullopt;
  return row;
}

}  // namespace billing::views
