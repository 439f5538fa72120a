// Authenticated encryption: AES-256-GCM (NIST SP 800-38D).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::crypto {

using AeadKey = std::array<std::uint8_t, 32>;

inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

// Encrypts `plain` under `key` with a fresh random nonce. The result is nonce (12) + cipher text + tag (16).
// `associated` is authenticated and not stored: `open` needs the same bytes (name of the object, say, so that a sealed
// text cannot be moved to another). A key must not seal more than 2^32 texts (bound of random nonces). Any thread.
std::string seal(const AeadKey& key, std::string_view plain, std::string_view associated);

// The plain text of what `seal` made. Any thread.
// Error: kCorruptRecord when it was changed, cut, sealed under another key or with other associated bytes.
Result<std::string> open(const AeadKey& key, std::string_view sealed, std::string_view associated);

}  // namespace billing::crypto
