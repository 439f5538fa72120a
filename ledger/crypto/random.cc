#include "ledger/crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <limits>

#include "ledger/base/assert.h"

namespace billing::crypto {

void fill_random(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto part = std::min(bytes.size(), static_cast<std::size_t>(std::numeric_limits<int>::max()));
    BILLING_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(part)) == 1);
    bytes = bytes.subspan(part);
  }
}

}  // namespace billing::crypto
