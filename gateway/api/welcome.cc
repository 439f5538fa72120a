#include "gateway/api/welcome.h"

#include <string_view>
#include <utility>

#include "gateway/api/problem.h"
#include "ledger/base/error.h"

namespace billing::api {
namespace {

constexpr std::string_view kWhat = "An event-sourced billing and receivables service.";

http::Response text_page(const std::string& version, bool ready) {
  http::Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = "Billing Ledger " + version + "\n" + std::string(kWhat) + "\n\n" +
                  "  readiness      " + (ready ? "ready" : "not ready") + ": GET /readyz\n" +
                  "  documentation  GET /docs, machine-readable at /openapi.json\n"
                  "  the API        GET /v1/customers with \"Authorization: Bearer <key>\"\n";
  return response;
}

// `version` is our own text and has no character that HTML gives a meaning to.
http::Response html_page(const std::string& version, bool ready) {
  http::Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width\"><title>Billing Ledger</title></head>\n"
                  "<body><main><h1>Billing Ledger " + version + "</h1>\n<p>" + std::string(kWhat) + "</p>\n<ul>\n"
                  "<li>The service is <a href=\"/readyz\">" + (ready ? "ready" : "not ready") + "</a>.</li>\n"
                  "<li><a href=\"/docs\">Documentation of the API</a>, "
                  "<a href=\"/openapi.json\">machine-readable</a>.</li>\n"
                  "<li>Every request under <code>/v1</code> carries <code>Authorization: Bearer &lt;key&gt;</code>.</li>\n"
                  "</ul></main></body></html>\n";
  return response;
}

bool is_code(std::string_view text) {
#define X(name, code, kind, title) \
  if (text == code) return true;
  BILLING_ERROR_CODES(X)
#undef X
  return false;
}

http::Response to_documentation(std::string_view code) {
  if (!is_code(code)) return problem(Error{Code::kNoSuchRoute, "There is no problem of this code.", {}});
  http::Response response;
  response.status = 303;
  response.headers.emplace_back("Location", "/docs#problem-" + std::string(code));
  add_security_headers(response);
  return response;
}

}  // namespace

void add_welcome_routes(http::Router& router, std::string version, HealthSource source) {
  router.add("GET", "/", [version = std::move(version), source = std::move(source)](const http::Request& request,
                                                                                    const http::Reply& reply) {
    const bool ready = is_ready(source());
    const bool browser = request.header("Accept").find("text/html") != std::string_view::npos;
    http::Response response = browser ? html_page(version, ready) : text_page(version, ready);
    response.headers.emplace_back("Vary", "Accept");
    add_security_headers(response);
    reply(std::move(response));
  });
  router.add("GET", "/problems/{code}", [](const http::Request& request, const http::Reply& reply) {
    reply(to_documentation(request.param("code")));
  });
}

}  // namespace billing::api
