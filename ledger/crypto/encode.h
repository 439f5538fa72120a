// Bytes as hexadecimal or base64 text, and a comparison that takes the same time whatever differs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::crypto {

// Two lower-case digits for each byte.
std::string hex(std::span<const std::uint8_t> bytes);
std::string hex(std::string_view bytes);

// The bytes of hexadecimal text, digits of either case. Error: kInvalidText (odd length, or another character).
Result<std::string> from_hex(std::string_view text);

// The bytes in base64 with padding (RFC 4648 4).
std::string base64(std::span<const std::uint8_t> bytes);

// True when both hold the same bytes. The time depends on the lengths only, so it gives nothing away about a secret.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace billing::crypto
