#include "gateway/http/framing.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/http/message.h"

namespace billing::http {
namespace {

constexpr std::size_t kHeadersMax = 100;
constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

enum : unsigned char { kTokenChar = 1, kPathChar = 2, kQueryChar = 4, kHostChar = 8, kDigit = 16, kAlphaNumeric = 32 };

// One table lookup for each byte of a head: which grammars of RFC 9110 and 3986 it may stand in.
constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> table{};
  const auto mark = [&table](std::string_view chars, unsigned char bits) {
    for (const char c : chars) table[static_cast<unsigned char>(c)] |= bits;
  };
  constexpr std::string_view kAlpha = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  mark(kAlpha, kTokenChar | kPathChar | kQueryChar | kHostChar | kAlphaNumeric);
  mark("0123456789", kTokenChar | kPathChar | kQueryChar | kHostChar | kDigit | kAlphaNumeric);
  mark("!#$%&'*+-.^_`|~", kTokenChar);
  mark("-._~!$&'()*+,;=:@%", kPathChar | kQueryChar);
  mark("/", kPathChar | kQueryChar);
  mark("?", kQueryChar);
  mark("-._~!$&'()*+,;=", kHostChar);
  return table;
}
constexpr auto kClasses = make_classes();

constexpr bool is(char c, unsigned char bits) { return (kClasses[static_cast<unsigned char>(c)] & bits) != 0; }
bool all(std::string_view text, unsigned char bits) {
  return std::ranges::all_of(text, [bits](char c) { return is(c, bits); });
}
constexpr bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// CR only before LF, LF only after CR, no other control character but the tab (which the grammars below confine).
std::optional<FramingProblem> check_bytes(std::string_view block) {
  for (std::size_t i = 0; i < block.size(); ++i) {
    const auto c = static_cast<unsigned char>(block[i]);
    if (c >= 0x20 && c != 0x7F) continue;
    if (c == '\t') continue;
    if (c == '\r') {
      if (i + 1 >= block.size() || block[i + 1] != '\n') return FramingProblem::kStrayLineEnd;
      ++i;
      continue;
    }
    return c == '\n' ? FramingProblem::kStrayLineEnd : FramingProblem::kControlCharacter;
  }
  return std::nullopt;
}

bool encoding_valid(std::string_view text) {
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 3)) {
    if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
  }
  return true;
}

bool host_valid(std::string_view value);

// Takes scheme and authority off a target in absolute form. False: it is not of http or https, or names no host.
bool split_absolute(std::string_view& target, std::string_view& authority) {
  const auto colon = target.find("://");
  if (colon == std::string_view::npos) return false;
  if (!same_name(target.substr(0, colon), "http") && !same_name(target.substr(0, colon), "https")) return false;
  target.remove_prefix(colon + 3);
  authority = target.substr(0, target.find_first_of("/?"));
  target.remove_prefix(authority.size());
  return host_valid(authority);
}

std::optional<FramingProblem> check_target(RequestHead& head, std::string_view& authority) {
  std::string_view target = head.target;
  const bool origin = target.starts_with('/') || target == "*";
  if (!origin && !split_absolute(target, authority)) return FramingProblem::kTarget;
  // An absolute form without path: all of the server for OPTIONS (RFC 9112 3.2.4), the root for others (RFC 9110 4.2.3).
  if (target.empty() && head.method == "OPTIONS") target = "*";
  if (target == "*") {
    if (head.method != "OPTIONS") return FramingProblem::kTarget;
    head.path = target;
    return std::nullopt;
  }
  const auto mark = target.find('?');
  head.path = target.substr(0, mark);
  if (head.path.empty()) head.path = "/";
  if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
  if (!all(head.path, kPathChar) || !all(head.query, kQueryChar)) return FramingProblem::kTarget;
  if (!encoding_valid(head.path) || !encoding_valid(head.query)) return FramingProblem::kTarget;
  return std::nullopt;
}

std::optional<FramingProblem> check_request_line(std::string_view line, RequestHead& head, std::string_view& authority) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return FramingProblem::kRequestLine;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (head.method.empty() || head.method.size() > 32 || !all(head.method, kTokenChar)) {
    return FramingProblem::kRequestLine;
  }
  if (head.target.find_first_of(" \t") != std::string_view::npos) return FramingProblem::kRequestLine;
  if (version.size() != 8 || !version.starts_with("HTTP/1.") || !is(version.back(), kDigit)) return FramingProblem::kVersion;
  head.version_minor = version.back() == '0' ? 0 : 1;
  return check_target(head, authority);
}

// host [":" port], where host is a registered name, an IPv4 address or a bracketed IPv6 address.
bool host_valid(std::string_view value) {
  if (value.empty() || value.size() > 260) return false;
  std::string_view port;
  std::string_view host = value;
  if (value.front() == '[') {
    const auto end = value.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    host = value.substr(1, end - 1);
    if (!std::ranges::all_of(host, [](char c) { return is_hex(c) || c == ':' || c == '.'; })) return false;
    const auto rest = value.substr(end + 1);
    if (rest.empty()) return true;
    if (rest.front() != ':') return false;
    port = rest.substr(1);
  } else {
    const auto colon = value.find(':');
    host = value.substr(0, colon);
    if (host.empty() || !all(host, kHostChar)) return false;
    if (colon == std::string_view::npos) return true;
    port = value.substr(colon + 1);
  }
  return port.size() <= 5 && all(port, kDigit);
}

// "Content_Length", "Transfer--Encoding" and the like: a server in front of us or behind may read such a name as the
// real one. Compares letters and digits only.
bool looks_like(std::string_view name, std::string_view letters) {
  std::size_t matched = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is(name[i], kAlphaNumeric)) continue;
    if (matched == letters.size() || !same_name(name.substr(i, 1), letters.substr(matched, 1))) return false;
    ++matched;
  }
  return matched == letters.size();
}

struct Seen {
  bool host = false;
  bool length = false;
  bool encoding = false;
  bool close = false;
  bool keep_alive = false;
};

std::optional<FramingProblem> note_length(std::string_view value, RequestHead& head, Seen& seen) {
  if (seen.length) return FramingProblem::kContentLength;
  seen.length = true;
  const bool plain = !value.empty() && value.size() <= 18 && all(value, kDigit) && (value == "0" || value[0] != '0');
  if (!plain) return FramingProblem::kContentLength;
  std::uint64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  head.content_length = number;
  return std::nullopt;
}

void note_connection(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    const auto option = trim(value.substr(0, comma));
    if (same_name(option, "close")) seen.close = true;
    if (same_name(option, "keep-alive")) seen.keep_alive = true;
    value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
  }
}

std::optional<FramingProblem> note_header(std::string_view name, std::string_view value, RequestHead& head,
                                          Seen& seen) {
  switch (name.size()) {  // most headers are none of these: their length tells at once
    case 4:
      if (!same_name(name, "host")) break;
      if (seen.host || !host_valid(value)) return FramingProblem::kHost;
      seen.host = true;
      break;
    case 6:
      if (!same_name(name, "expect")) break;
      if (!same_name(value, "100-continue")) return FramingProblem::kExpectation;
      head.expect_continue = true;
      break;
    case 7:
      if (same_name(name, "trailer")) return FramingProblem::kTrailer;
      break;
    case 10:
      if (same_name(name, "connection")) note_connection(value, seen);
      break;
    case 14:
      if (same_name(name, "content-length")) return note_length(value, head, seen);
      break;
    case 17:
      if (same_name(name, "transfer-encoding")) {
        if (seen.encoding || !same_name(value, "chunked")) return FramingProblem::kTransferEncoding;
        seen.encoding = true;
        head.chunked = true;
        return std::nullopt;
      }
      break;
    default:
      break;
  }
  const bool framing = looks_like(name, "contentlength") || looks_like(name, "transferencoding");
  return framing ? std::optional(FramingProblem::kHeaderName) : std::nullopt;
}

std::optional<FramingProblem> check_header_line(std::string_view line, RequestHead& head, Seen& seen) {
  if (line.front() == ' ' || line.front() == '\t') return FramingProblem::kFoldedLine;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return FramingProblem::kHeaderName;
  const auto name = line.substr(0, colon);
  if (!all(name, kTokenChar)) return FramingProblem::kHeaderName;
  if (head.headers.size() == kHeadersMax) return FramingProblem::kTooManyHeaders;
  const auto value = trim(line.substr(colon + 1));
  head.headers.emplace_back(name, value);
  return note_header(name, value, head, seen);
}

// The host that the target names goes before the one of the header.
void replace_host(RequestHead& head, std::string_view authority) {
  for (auto& [name, value] : head.headers) {
    if (!same_name(name, "host")) continue;
    value = authority;
    return;
  }
  head.headers.emplace_back("Host", authority);
}

// What only the whole head shows.
std::optional<FramingProblem> check_together(RequestHead& head, const Seen& seen) {
  if (head.version_minor == 1 && !seen.host) return FramingProblem::kHost;
  if (seen.encoding && seen.length) return FramingProblem::kBothLengths;
  if (seen.encoding && head.version_minor == 0) return FramingProblem::kTransferEncoding;
  if (!method_allowed(head.method)) return FramingProblem::kMethod;
  const bool bodiless = head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS";
  if (bodiless && head.has_body()) return FramingProblem::kBodyNotAllowed;
  head.keep_alive = !seen.close && (head.version_minor == 1 || seen.keep_alive);
  if (head.version_minor == 0) head.expect_continue = false;
  return std::nullopt;
}

}  // namespace

bool token_char(char c) { return is(c, kTokenChar); }

bool method_allowed(std::string_view method) { return std::ranges::find(kMethods, method) != kMethods.end(); }

std::expected<RequestHead, FramingProblem> check_head(std::string_view block) {
  if (!block.ends_with("\r\n\r\n")) return std::unexpected(FramingProblem::kNotTerminated);
  if (const auto problem = check_bytes(block)) return std::unexpected(*problem);
  RequestHead head;
  Seen seen;
  std::string_view authority;  // of a target in absolute form
  auto end = block.find("\r\n");
  if (const auto problem = check_request_line(block.substr(0, end), head, authority)) return std::unexpected(*problem);
  head.headers.reserve(12);
  std::string_view rest = block.substr(end + 2);
  while (true) {
    end = rest.find("\r\n");
    if (end == 0) break;  // the blank line: there is one, for the block ends in it
    if (const auto problem = check_header_line(rest.substr(0, end), head, seen)) return std::unexpected(*problem);
    rest = rest.substr(end + 2);
  }
  if (rest.size() != 2) return std::unexpected(FramingProblem::kNotTerminated);
  if (const auto problem = check_together(head, seen)) return std::unexpected(*problem);
  if (!authority.empty()) replace_host(head, authority);
  return head;
}

int problem_status(FramingProblem problem) {
  switch (problem) {
    case FramingProblem::kHeadTooLarge:
    case FramingProblem::kTooManyHeaders: return 431;
    case FramingProblem::kMethod: return 405;
    case FramingProblem::kExpectation: return 417;
    default: return 400;
  }
}

std::string_view problem_text(FramingProblem problem) {
  switch (problem) {
    case FramingProblem::kHeadTooLarge: return "The request line and headers are larger than the limit.";
    case FramingProblem::kNotTerminated: return "The head does not end where its blank line is.";
    case FramingProblem::kStrayLineEnd: return "A line does not end in CR LF, or has a CR or LF within.";
    case FramingProblem::kControlCharacter: return "The head has a control character.";
    case FramingProblem::kRequestLine: return "The request line is not a method, a target and a version.";
    case FramingProblem::kMethod: return "The method is not one that is served here.";
    case FramingProblem::kTarget: return "The target is not a path with an optional query, nor an http URL, or is badly encoded.";
    case FramingProblem::kVersion: return "The version is neither HTTP/1.0 nor HTTP/1.1, nor a later HTTP/1.";
    case FramingProblem::kHeaderName: return "A header's name is not allowed.";
    case FramingProblem::kFoldedLine: return "A header is folded over several lines.";
    case FramingProblem::kTooManyHeaders: return "There are more than 100 headers.";
    case FramingProblem::kHost: return "Exactly one valid Host header is required.";
    case FramingProblem::kContentLength: return "Content-Length is not exactly one decimal number.";
    case FramingProblem::kTransferEncoding: return "The only transfer coding is chunked, and in HTTP/1.1.";
    case FramingProblem::kBothLengths: return "Transfer-Encoding and Content-Length exclude each other.";
    case FramingProblem::kBodyNotAllowed: return "This method takes no body.";
    case FramingProblem::kTrailer: return "Trailers are not taken.";
    case FramingProblem::kExpectation: return "The only expectation is 100-continue.";
  }
  return "The request is not well-formed.";
}

}  // namespace billing::http
