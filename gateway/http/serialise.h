// Writes response heads. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace billing::http {

enum class BodyFraming { kLength, kChunked, kUntilClose };

struct HeadOptions {
  BodyFraming framing = BodyFraming::kLength;
  bool keep_alive = true;
  int version_minor = 1;     // of the request
  std::string_view date;     // IMF-fixdate
  std::string_view request_id;
};

// Appends status line and headers. False, with `out` as it was, if the response cannot be framed: a status outside
// 200-599, a header name that is no token, a value with a control character, or a header that the server owns.
bool append_head(std::string& out, const Response& response, const HeadOptions& options);

// Whether a response of that status has a body at all.
bool status_has_body(int status);

// "Mon, 23 Nov 2026 04:10:11 GMT" for the time now.
std::string imf_fixdate_now();

}  // namespace billing::http
