#include "gateway/api/fresh.h"

#include <algorithm>
#include <array>

#include "ledger/crypto/random.h"

namespace billing::api {

Uuid fresh_uuid(Instant now) {
  constexpr std::size_t kBytesEach = 10;
  thread_local std::array<std::uint8_t, kBytesEach * 256> supply;
  thread_local std::size_t used = supply.size();
  if (used == supply.size()) {
    crypto::fill_random(supply);
    used = 0;
  }
  std::array<std::uint8_t, kBytesEach> random;
  std::copy_n(supply.begin() + static_cast<std::ptrdiff_t>(used), kBytesEach, random.begin());
  used += kBytesEach;
  return Uuid::v7(now, random);
}

}  // namespace billing::api
