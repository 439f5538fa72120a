#include "gateway/api/problem.h"

#include <array>
#include <utility>

#include "gateway/api/text.h"

namespace billing::api {
namespace {

constexpr std::string_view kProblemType = "application/problem+json";
constexpr std::string_view kRetryAfterLoad = "1";       // seconds; a queue or a view that is behind
constexpr std::string_view kRetryAfterAttempts = "60";  // seconds; the window of failed attempts

int status_of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kSyntax: return 400;
    case ErrorKind::kInvalid: return 422;
    case ErrorKind::kUnauthenticated: return 401;
    case ErrorKind::kForbidden: return 403;
    case ErrorKind::kNotFound: return 404;
    case ErrorKind::kConflict: return 409;
    case ErrorKind::kPrecondition: return 412;
    case ErrorKind::kTooLarge: return 413;
    case ErrorKind::kRateLimited: return 429;
    case ErrorKind::kUnavailable: return 503;
    case ErrorKind::kTimeout: return 504;
    case ErrorKind::kInternal: return 500;
  }
  return 500;
}

http::Response render(const Error& error, int status) {
  http::Response response;
  response.status = status;
  response.content_type = kProblemType;
  response.code = code_text(error.code);
  append_problem(response.body, error, status);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"billing\"");
  if (status == 503) response.headers.emplace_back("Retry-After", kRetryAfterLoad);
  if (status == 429) response.headers.emplace_back("Retry-After", kRetryAfterAttempts);
  add_security_headers(response);
  return response;
}

}  // namespace

int status_of(const Error& error) {
  if (error.code == Code::kMethodNotAllowed) return 405;
  if (error.code == Code::kHeadTooLarge) return 431;
  if (error.code == Code::kRequestTooSlow) return 408;
  return status_of_kind(code_kind(error.code));
}

void append_problem(std::string& out, const Error& error, int status) {
  const std::string_view code = code_text(error.code);
  out += R"({"type":"/problems/)";
  out += code;
  out += R"(","title":)";
  append_json_string(out, code_title(error.code));
  out += R"(,"status":)";
  append_number(out, static_cast<std::uint64_t>(status));
  // What an internal error says is for the operator's log: it may name files.
  if (!error.detail.empty() && code_kind(error.code) != ErrorKind::kInternal) {
    out += R"(,"detail":)";
    append_json_string(out, error.detail);
  }
  out += R"(,"code":")";
  out += code;
  out += '"';
  if (!error.pointer.empty()) {
    out += R"(,"pointer":)";
    append_json_string(out, error.pointer);
  }
  out += '}';
}

http::Response problem(const Error& error) {
  auto response = render(error, status_of(error));
  response.close = error.code == Code::kTooManyReads;  // its place is for others meanwhile
  return response;
}

http::Response render_error(const Error& error, int status, const http::Request* /*request*/) {
  return render(error, status);
}

void add_request_id(http::Response& response, std::string_view request_id) {
  if (response.content_type != kProblemType || !response.body.ends_with('}')) return;
  response.body.pop_back();
  response.body += R"(,"request_id":)";
  append_json_string(response.body, request_id);
  response.body += '}';
}

void add_security_headers(http::Response& response) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kHeaders = {{
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"},
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
  }};
  for (const auto& [name, value] : kHeaders)
    if (response.header(name).empty()) response.headers.emplace_back(name, value);
}

}  // namespace billing::api
