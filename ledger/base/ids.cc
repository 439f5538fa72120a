#include "ledger/base/ids.h"

#include <algorithm>
#include <cstddef>

#include "ledger/base/assert.h"

namespace billing {
namespace {

constexpr std::size_t kBase32Length = 26;  // 26 x 5 = 130 bits: the first character holds three
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
static_assert(kAlphabet.size() == 32);
constexpr std::uint8_t kNotADigit = 0xFF;

// Lower case only, and none of Crockford's look-alikes: an id has exactly one spelling, so texts can be compared.
constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotADigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

__extension__ typedef unsigned __int128 uint128;

uint128 to_number(const Uuid& uuid) {
  uint128 number = 0;
  for (const std::uint8_t byte : uuid.bytes) number = (number << 8) | byte;
  return number;
}

Uuid from_number(uint128 number) {
  Uuid uuid;
  for (std::size_t i = uuid.bytes.size(); i-- > 0; number >>= 8) uuid.bytes[i] = static_cast<std::uint8_t>(number);
  return uuid;
}

}  // namespace

Uuid Uuid::v7(Instant time, const std::array<std::uint8_t, 10>& random) {
  const std::int64_t millis = time.micros / 1000 - (time.micros % 1000 < 0 ? 1 : 0);
  Uuid uuid;
  for (std::size_t i = 0; i < 6; ++i) uuid.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  std::ranges::copy(random, uuid.bytes.begin() + 6);
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | (uuid.bytes[6] & 0x0F));  // version 7
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[8] & 0x3F));  // variant of RFC 9562
  return uuid;
}

Uuid Uuid::from_bytes(std::string_view sixteen_bytes) {
  Uuid uuid;
  BILLING_ASSERT(sixteen_bytes.size() == uuid.bytes.size());
  std::memcpy(uuid.bytes.data(), sixteen_bytes.data(), uuid.bytes.size());
  return uuid;
}

void write_base32(const Uuid& uuid, std::span<char, 26> out) {
  uint128 number = to_number(uuid);
  for (std::size_t i = kBase32Length; i-- > 0; number >>= 5) out[i] = kAlphabet[static_cast<std::size_t>(number & 31)];
}

std::string base32(const Uuid& uuid) {
  std::array<char, kBase32Length> digits;
  write_base32(uuid, digits);
  return std::string(digits.data(), digits.size());
}

Result<Uuid> parse_base32(std::string_view text) {
  if (text.size() != kBase32Length) return refuse(Code::kInvalidId, "An id has 26 characters after its prefix.");
  uint128 number = 0;
  unsigned seen = 0;
  for (const char c : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    seen |= value;
    number = (number << 5) | (value & 31U);
  }
  if (seen > 31)
    return refuse(Code::kInvalidId, "An id has only digits and lower-case letters, without i, l, o and u.");
  if (kValues[static_cast<unsigned char>(text.front())] > 7)
    return refuse(Code::kInvalidId, "The first character of an id after its prefix is 0 to 7.");
  return from_number(number);
}

Result<Uuid> parse_id(std::string_view prefix, std::string_view text) {
  const bool kind = text.size() > prefix.size() && text.starts_with(prefix) && text[prefix.size()] == '_';
  if (!kind) return refuse(Code::kInvalidId, "The id must begin with \"" + std::string(prefix) + "_\".");
  return parse_base32(text.substr(prefix.size() + 1));
}

std::string id_text(std::string_view prefix, const Uuid& uuid) {
  std::array<char, kBase32Length> digits;
  write_base32(uuid, digits);
  std::string text;
  text.reserve(prefix.size() + 1 + digits.size());
  text.append(prefix).append(1, '_').append(digits.data(), digits.size());
  return text;
}

}  // namespace billing
