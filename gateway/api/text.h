// Text as JSON, appended to a string: the small pieces that the gateway itself renders.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace billing::api {

// `text` in quotes, escaped as JSON. Bytes that are not UTF-8 must not be in it.
void append_json_string(std::string& out, std::string_view text);
void append_number(std::string& out, std::uint64_t number);
// `text` as one segment of a JSON pointer (RFC 6901): ~ and / escaped.
void append_pointer_segment(std::string& out, std::string_view text);

}  // namespace billing::api
