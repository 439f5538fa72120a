// Request headers that commands read, strictly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/message.h"
#include "ledger/base/error.h"

namespace billing::api {

// The Idempotency-Key. Errors: kMissingIdempotencyKey; kMalformedRequest (more than one, or not 1 to 255 visible ASCII
// characters).
Result<std::string_view> idempotency_key(const http::Request& request);
// The version that If-Match names as one strong entity tag, e.g. "17" with its quotes; nothing without the header.
// Error: kMalformedRequest.
Result<std::optional<std::uint64_t>> if_match(const http::Request& request);
// The entity tag of a version: "17" with its quotes.
std::string etag(std::uint64_t version);

}  // namespace billing::api
