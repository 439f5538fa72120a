// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace billing::crypto {

using Digest = std::array<std::uint8_t, 32>;

// Hashes text piece by piece. One thread at a time; copying copies the state, so a common prefix is hashed once.
class Sha256 {
 public:
  Sha256();
  // Adds bytes; returns *this so that calls can be chained.
  Sha256& update(std::string_view bytes);
  Sha256& update(const Digest& digest);
  Sha256& update(std::uint8_t byte);
  // The digest of all bytes so far. Ends this object's use: call nothing but the destructor after it.
  Digest finish();

 private:
  // The library's own state, without its header (sha256.cc checks the size).
  alignas(8) std::array<std::byte, 112> state_;
};

// The digest of `bytes`. Any thread.
Digest sha256(std::string_view bytes);

// The keyed digest of `bytes`; keys longer than 64 bytes are hashed first, as the standard says. Any thread.
Digest hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace billing::crypto
