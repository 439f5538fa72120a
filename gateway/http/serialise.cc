#include "gateway/http/serialise.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

namespace billing::http {
namespace {

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

bool token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kTokenMarks.find(c) != std::string_view::npos;
}

bool value_char(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); }

bool header_valid(std::string_view name, std::string_view value) {
  if (name.empty() || !std::ranges::all_of(name, token_char) || !std::ranges::all_of(value, value_char)) return false;
  return !same_name(name, "content-length") && !same_name(name, "transfer-encoding") &&
         !same_name(name, "connection") && !same_name(name, "trailer") && !same_name(name, "request-id");
}

}  // namespace

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

bool append_head(std::string& out, const Response& response, const HeadOptions& options) {
  if (response.status < 200 || response.status > 599) return false;
  if (!std::ranges::all_of(response.content_type, value_char)) return false;
  for (const auto& [name, value] : response.headers) {
    if (!header_valid(name, value)) return false;
  }
  auto to = std::back_inserter(out);
  fmt::format_to(to, "HTTP/1.1 {} {}\r\nDate: {}\r\nRequest-Id: {}\r\n", response.status, reason_phrase(response.status),
                 options.date, options.request_id);
  const auto line = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  if (!response.content_type.empty()) line("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) line(name, value);
  if (status_has_body(response.status)) {
    if (options.framing == BodyFraming::kLength) {
      fmt::format_to(to, "Content-Length: {}\r\n", response.content().size());
    } else if (options.framing == BodyFraming::kChunked) {
      line("Transfer-Encoding", "chunked");
    }
  }
  if (!options.keep_alive) {
    line("Connection", "close");
  } else if (options.version_minor == 0) {
    line("Connection", "keep-alive");
  }
  out.append("\r\n");
  return true;
}

std::string imf_fixdate_now() {
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays.at(static_cast<std::size_t>(utc.tm_wday)),
                     utc.tm_mday, kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

}  // namespace billing::http
