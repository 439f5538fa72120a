#include "gateway/api/headers.h"

#include <charconv>

#include "gateway/api/orders.h"

namespace billing::api {

Result<std::string_view> idempotency_key(const http::Request& request) {
  const std::size_t count = request.header_count("Idempotency-Key");
  if (count == 0)
    return refuse(Code::kMissingIdempotencyKey, "Send a key of your own that is new for each command, such as a UUID.");
  const std::string_view key = request.header("Idempotency-Key");
  if (count > 1 || !valid_command_id(key))
    return refuse(Code::kMalformedRequest, "Idempotency-Key is given once and has 1 to 255 visible ASCII characters.");
  return key;
}

Result<std::optional<std::uint64_t>> if_match(const http::Request& request) {
  const std::size_t count = request.header_count("If-Match");
  if (count == 0) return std::nullopt;
  const std::string_view tag = request.header("If-Match");
  std::uint64_t version = 0;
  const bool quoted = count == 1 && tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
  const char* const end = tag.data() + (quoted ? tag.size() - 1 : 0);
  if (quoted) {
    const auto read = std::from_chars(tag.data() + 1, end, version);
    if (read.ec == std::errc() && read.ptr == end && (tag[1] != '0' || tag == R"("0")")) return version;
  }
  return refuse(Code::kMalformedRequest, "If-Match takes the one ETag that the object was last answered with.");
}

std::string etag(std::uint64_t version) { return '"' + std::to_string(version) + '"'; }

}  // namespace billing::api
