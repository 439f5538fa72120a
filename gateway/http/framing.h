// The framing gate: decides from the raw bytes of a request's head whether there is one way, and one only, to read it.
// Whatever two HTTP readers could read in two ways is refused: request smuggling lives on such differences.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace billing::http {

// Why a head was refused.
enum class FramingProblem : std::uint8_t {
  kHeadTooLarge,       // 431
  kNotTerminated,      // the block does not end in CRLFCRLF
  kStrayLineEnd,       // a CR or LF that is not part of CRLF
  kControlCharacter,   // NUL or another control character
  kRequestLine,        // not "method SP target SP version"
  kMethod,             // a method that is not on the list: 405
  kTarget,             // neither origin-form nor absolute-form of http(s) (nor "*" of OPTIONS), or a bad percent-encoding
  kVersion,            // other than HTTP/1 with one digit
  kHeaderName,         // not a token followed at once by a colon, or a look-alike of a framing header
  kFoldedLine,         // a continuation line
  kTooManyHeaders,     // more than 100: 431
  kHost,               // none or several, or not a host with optional port
  kContentLength,      // several, or not one plain decimal number
  kTransferEncoding,   // other than exactly "chunked", twice, or in HTTP/1.0
  kBothLengths,        // Transfer-Encoding with Content-Length
  kBodyNotAllowed,     // a body with GET, HEAD or OPTIONS
  kTrailer,            // an announced trailer
  kExpectation         // an Expect other than 100-continue: 417
};

// In plain words, for the response's detail; no part of the request is in it.
std::string_view problem_text(FramingProblem problem);
// The status that answers it: 400 but for the few said above.
int problem_status(FramingProblem problem);

// The allowed methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.
bool method_allowed(std::string_view method);

// True for the characters of a token (RFC 9110 5.6.2).
bool token_char(char c);

// A head that passed. All views point into the block that was checked, or are constants. Header values may have bytes above
// 0x7F. Of a target in absolute form the authority stands in `headers` as Host, whatever Host was received (RFC 9112 3.2.2).
struct RequestHead {
  std::string_view method;
  std::string_view target;
  std::string_view path;   // percent-encoded, its encoding valid
  std::string_view query;  // percent-encoded, its encoding valid, without "?"; empty also when there is no "?"
  int version_minor = 1;   // 0 or 1: a higher one is served as 1 (RFC 9110 2.5)
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expect_continue = false;
  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// `block` is everything from the request line's first byte to the CRLFCRLF, that included. Pure.
std::expected<RequestHead, FramingProblem> check_head(std::string_view block);

// Decodes %XX. Nothing if an encoding is broken, or the result is not UTF-8 or has a control character.
// `plus_is_space` is for queries.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
// "a=1&b=2" to pairs, decoded. Nothing if a part does not decode, has an empty name, or there are more than 100.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace billing::http
