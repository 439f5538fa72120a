#include "ledger/crypto/derive.h"

#include <cstring>

#include "ledger/base/assert.h"
#include "ledger/crypto/sha256.h"

namespace billing::crypto {

Uuid derive_uuid(std::string_view space, std::string_view name) {
  BILLING_ASSERT(space.find('\0') == std::string_view::npos);
  const Digest digest = Sha256().update(space).update(std::uint8_t{0}).update(name).finish();
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), digest.data(), uuid.bytes.size());
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x80);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace billing::crypto
