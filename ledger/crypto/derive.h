// Ids that follow from names, so that the same name always gives the same id.
#pragma once

#include <string_view>

#include "ledger/base/ids.h"

namespace billing::crypto {

// The first 16 bytes of SHA-256(space, 0x00, name), shaped as a UUID of version 8 (RFC 9562). `space` names the kind of
// name and holds no zero byte. The rule is part of the stored format: it never changes. Any thread.
Uuid derive_uuid(std::string_view space, std::string_view name);

}  // namespace billing::crypto
