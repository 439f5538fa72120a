// The one place where payloads of older schema versions are lifted to today's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::codec {

// Version that `encode` writes, for every event.
inline constexpr std::uint32_t kSchemaVersion = 1;

// The payload of event `number` (of the envelope's oneof) in the bytes of today's version. `payload` was written with
// `schema_version`; the result is `payload` itself, or lives in `buffer` when it had to be changed. Stored bytes stay
// as they are. Error: kCorruptRecord (no such version, or a newer one than this program knows). Any thread.
Result<std::string_view> upcast(std::uint32_t number, std::uint32_t schema_version, std::string_view payload,
                                std::string& buffer);

}  // namespace billing::codec
