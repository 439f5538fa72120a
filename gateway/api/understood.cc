#include "gateway/api/understood.h"

#include <algorithm>
#include <boost/pfr.hpp>
#include <concepts>
#include <string>
#include <type_traits>

#include "ledger/crypto/sha256.h"

namespace billing::api {
namespace {

constexpr char kEnd = static_cast<char>(0xFF);

template <class T>
concept Listed = requires(const T& list) {
  typename T::value_type;
  list.begin();
  list.end();
};
template <class T>
concept Optional = requires(const T& value) {
  typename T::value_type;
  value.has_value();
};

template <class Number>
void append_number(std::string& out, Number number) {
  const auto wide = static_cast<std::uint64_t>(number);
  for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(wide >> shift & 0xFFU);
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

// Appends a value so that no other value of its type gives the same bytes. False where it is empty: zero, no text, no
// value, no elements, an object whose fields are all empty.
template <class T>
bool append(std::string& out, const T& value) {
  if constexpr (std::same_as<T, Uuid>) {
    out += value.view();
    return !value.nil();
  } else if constexpr (requires { value.uuid; }) {
    return append(out, value.uuid);
  } else if constexpr (std::same_as<T, Currency>) {
    out += value.code();
    return value.valid();
  } else if constexpr (std::same_as<T, std::string>) {
    append_text(out, value);
    return !value.empty();
  } else if constexpr (std::integral<T> || std::is_enum_v<T>) {
    append_number(out, value);
    return value != T{};
  } else if constexpr (Optional<T>) {
    if (!value.has_value()) return false;
    append(out, *value);
    return true;
  } else if constexpr (Listed<T>) {
    append_number(out, value.size());
    for (const auto& element : value) append(out, element);
    return !value.empty();
  } else {
    // Empty fields are left out, so that a field may be added to a command without a change of its hash.
    char place = 0;
    bool some = false;
    boost::pfr::for_each_field(value, [&](const auto& field) {
      const std::size_t before = out.size();
      out += place++;
      if (append(out, field)) {
        some = true;
      } else {
        out.resize(before);
      }
    });
    out += kEnd;
    return some;
  }
}

}  // namespace

std::array<std::uint8_t, 16> understood_hash(std::string_view label, const Command& command) {
  thread_local std::string bytes;
  bytes.clear();
  append_text(bytes, label);
  std::visit([&](const auto& one) { append(bytes, one); }, static_cast<const CommandSum&>(command));
  const crypto::Digest digest = crypto::sha256(bytes);
  // A large command must not keep its memory on this thread for ever.
  if (bytes.capacity() > 256 * 1024) std::string().swap(bytes);
  std::array<std::uint8_t, 16> cut;
  std::copy_n(digest.begin(), cut.size(), cut.begin());
  return cut;
}

}  // namespace billing::api
