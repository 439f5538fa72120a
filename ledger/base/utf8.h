// Texts that customers send: what is valid UTF-8, and what a text field may hold.
#pragma once

#include <cstddef>
#include <string_view>

#include "ledger/base/error.h"

namespace billing {

// Well-formed UTF-8 by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. The empty text is valid.
bool valid_utf8(std::string_view text);

// A required text: not empty, at most `max_bytes` bytes, valid UTF-8 without control characters (U+0000 to U+001F,
// U+007F to U+009F). Allocates only to refuse. Error: kInvalidText with `field_pointer` as its pointer; the detail
// never repeats the text.
Result<void> check_text(std::string_view text, std::size_t max_bytes, std::string_view field_pointer);
// The same for a text that may be empty.
Result<void> check_optional_text(std::string_view text, std::size_t max_bytes, std::string_view field_pointer);

}  // namespace billing
