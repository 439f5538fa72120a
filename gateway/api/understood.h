// The hash by which a repeated command is told from another one under the same key.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ledger/domain/event.h"

namespace billing::api {

// SHA-256 of `label` and of what was understood of a body, the parsed command, cut to 16 bytes. Equal for two bodies that
// mean the same: the order of fields, a null or an absent field, a default that is given or not, 1.0 or 1 make no
// difference. Stable while fields of commands are only added at the end, with an empty value as their default.
std::array<std::uint8_t, 16> understood_hash(std::string_view label, const Command& command);

}  // namespace billing::api
