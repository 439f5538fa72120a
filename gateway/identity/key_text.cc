#include "gateway/identity/key_text.h"

#include <array>
#include <cstdint>
#include <span>

#include "ledger/crypto/encode.h"
#include "ledger/crypto/random.h"
#include "ledger/crypto/sha256.h"

namespace billing::identity {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kChecksumLength = 6;

// Five bits a character; 20 bytes make 32 characters without a rest.
std::string base32_text(std::span<const std::uint8_t> bytes, std::size_t length) {
  std::string text;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8U) | byte;
    held += 8;
    while (held >= 5 && text.size() < length) {
      held -= 5;
      text += kAlphabet[(bits >> held) & 31U];
    }
  }
  return text;
}

// The checksum lets a typing error or a scanner of leaked secrets be told from a key without asking the store.
std::string checksum(std::string_view prefix_and_digits) {
  return base32_text(crypto::sha256(prefix_and_digits), kChecksumLength);
}

}  // namespace

std::string make_token() { return base32_text(crypto::random_bytes<20>(), 32); }

std::string make_key() {
  std::string key = std::string(kKeyPrefix) + make_token();
  return key + checksum(key);
}

bool is_key(std::string_view text) {
  if (text.size() != kKeyLength || !text.starts_with(kKeyPrefix)) return false;
  const std::size_t body = kKeyLength - kChecksumLength;
  for (const char c : text.substr(kKeyPrefix.size()))
    if (kAlphabet.find(c) == std::string_view::npos) return false;
  return crypto::equal_constant_time(checksum(text.substr(0, body)), text.substr(body));
}

}  // namespace billing::identity
