// The low-level functions are marked as deprecated, but they alone need neither an allocation nor a look-up of the
// algorithm for each message, which for records of 300 bytes costs more than the hashing itself.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/crypto/sha256.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>
#include <new>

namespace billing::crypto {
namespace {
SHA256_CTX* context(std::array<std::byte, 112>& state) {
  static_assert(sizeof(SHA256_CTX) == 112 && alignof(SHA256_CTX) <= 8);
  return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}
constexpr std::size_t kBlock = 64;
}  // namespace

Sha256::Sha256() {
  new (state_.data()) SHA256_CTX;
  SHA256_Init(context(state_));
}

Sha256& Sha256::update(std::string_view bytes) {
  SHA256_Update(context(state_), bytes.data(), bytes.size());
  return *this;
}

Sha256& Sha256::update(const Digest& digest) {
  SHA256_Update(context(state_), digest.data(), digest.size());
  return *this;
}

Sha256& Sha256::update(std::uint8_t byte) {
  SHA256_Update(context(state_), &byte, 1);
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  SHA256_Final(digest.data(), context(state_));
  return digest;
}

Digest sha256(std::string_view bytes) { return Sha256().update(bytes).finish(); }

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  std::array<std::uint8_t, kBlock> pad{};
  if (key.size() > kBlock) {
    const Digest digest = sha256(key);
    std::memcpy(pad.data(), digest.data(), digest.size());
  } else if (!key.empty()) {
    std::memcpy(pad.data(), key.data(), key.size());
  }
  const std::string_view pad_view(reinterpret_cast<const char*>(pad.data()), pad.size());
  for (auto& byte : pad) byte ^= 0x36;
  const Digest inner = Sha256().update(pad_view).update(bytes).finish();
  for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;
  const Digest outer = Sha256().update(pad_view).update(inner).finish();
  OPENSSL_cleanse(pad.data(), pad.size());
  return outer;
}

}  // namespace billing::crypto
