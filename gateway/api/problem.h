// Refusals as the world sees them: application/problem+json (RFC 9457), made here and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "gateway/http/message.h"
#include "ledger/base/error.h"

namespace billing::api {

// The HTTP status of an error, by the kind of its code (405 for kMethodNotAllowed, 431 for kHeadTooLarge).
int status_of(const Error& error);

// Appends {"type","title","status","detail","code","pointer"}; detail and pointer only where there is one. The details
// of internal errors stay inside.
void append_problem(std::string& out, const Error& error, int status);

// The whole response, with WWW-Authenticate and Retry-After where the status wants them.
http::Response problem(const Error& error);
// What http::ServerOptions::error_renderer takes: the server chose the status.
http::Response render_error(const Error& error, int status, const http::Request* request);

// What http::ServerOptions::on_response takes: a problem says the id of its request, as the header Request-Id does.
void add_request_id(http::Response& response, std::string_view request_id);

// The headers that every response of the API has: not stored by caches, not sniffed, not a document of a browser.
// A header that the response has already is left as it is.
void add_security_headers(http::Response& response);

}  // namespace billing::api
