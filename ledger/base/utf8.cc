#include "ledger/base/utf8.h"

#include <cstdint>
#include <string>
#include <utility>

namespace billing {
namespace {

enum class Flaw : std::uint8_t { kNone, kControl, kNotUtf8 };

std::uint8_t byte_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

// The length of the well-formed sequence of two to four bytes at the start of `text`, or 0. The second byte has a
// narrower range after E0, ED, F0 and F4, which is what keeps out overlong forms, surrogates and values too large
// (RFC 3629, section 4).
std::size_t sequence_length(std::string_view text) {
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  const std::uint8_t second_min = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t second_max = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte_at(text, 1) < second_min || byte_at(text, 1) > second_max) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  return length;
}

// The worst flaw of the text: bytes that are not UTF-8 before control characters.
Flaw flaw_of(std::string_view text) {
  Flaw flaw = Flaw::kNone;
  while (!text.empty()) {
    const std::uint8_t first = byte_at(text, 0);
    if (first < 0x80) {
      if (first < 0x20 || first == 0x7F) flaw = Flaw::kControl;
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = sequence_length(text);
    if (length == 0) return Flaw::kNotUtf8;
    if (first == 0xC2 && byte_at(text, 1) < 0xA0) flaw = Flaw::kControl;
    text.remove_prefix(length);
  }
  return flaw;
}

std::unexpected<Error> refuse_text(std::string detail, std::string_view field_pointer) {
  return refuse(Code::kInvalidText, std::move(detail), std::string(field_pointer));
}

}  // namespace

bool valid_utf8(std::string_view text) { return flaw_of(text) != Flaw::kNotUtf8; }

Result<void> check_text(std::string_view text, std::size_t max_bytes, std::string_view field_pointer) {
  if (text.empty()) return refuse_text("The text is empty.", field_pointer);
  return check_optional_text(text, max_bytes, field_pointer);
}

Result<void> check_optional_text(std::string_view text, std::size_t max_bytes, std::string_view field_pointer) {
  if (text.size() > max_bytes)
    return refuse_text("The text is longer than " + std::to_string(max_bytes) + " bytes.", field_pointer);
  switch (flaw_of(text)) {
    case Flaw::kNone: return {};
    case Flaw::kControl: return refuse_text("The text has control characters.", field_pointer);
    case Flaw::kNotUtf8: return refuse_text("The text is not valid UTF-8.", field_pointer);
  }
  std::unreachable();
}

}  // namespace billing
