// Random bytes fit for keys, nonces and ids.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace billing::crypto {

// Fills `bytes` from the operating system's seeded generator. Never returns weak bytes: without entropy the process
// ends. Any thread.
void fill_random(std::span<std::uint8_t> bytes);

// N random bytes. Any thread.
template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
  std::array<std::uint8_t, N> bytes;
  fill_random(bytes);
  return bytes;
}

}  // namespace billing::crypto
