// The id by which a request is found again in answers and logs. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace billing::http {

// 1 to 64 of A-Z, a-z, 0-9, point, hyphen and underscore.
bool is_request_id(std::string_view text);
// 16 hexadecimal digits: no two of some millions are the same, but they can be guessed. Any thread.
std::string make_request_id();
// The value of the request's one Request-Id header where it is an id; else a new one.
std::string request_id(const Request& request);

}  // namespace billing::http
