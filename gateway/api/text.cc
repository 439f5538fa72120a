#include "gateway/api/text.h"

#include <array>
#include <charconv>

#include "ledger/codec/json_writer.h"

namespace billing::api {

void append_json_string(std::string& out, std::string_view text) { codec::JsonWriter(out).string(text); }

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_pointer_segment(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
}

}  // namespace billing::api
