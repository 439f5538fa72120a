#include "gateway/api/openapi.h"

#include <string>
#include <utility>

#include "gateway/api/problem.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/random.h"

// The bytes of two files, each with a zero after it.
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".global billing_openapi_json\n"
    "billing_openapi_json:\n"
    ".incbin \"" BILLING_OPENAPI_JSON "\"\n"
    ".global billing_openapi_json_end\n"
    "billing_openapi_json_end:\n"
    ".byte 0\n"
    ".global billing_openapi_page\n"
    "billing_openapi_page:\n"
    ".incbin \"" BILLING_OPENAPI_PAGE "\"\n"
    ".global billing_openapi_page_end\n"
    "billing_openapi_page_end:\n"
    ".byte 0\n"
    ".text\n");
extern "C" {
extern const char billing_openapi_json[];
extern const char billing_openapi_json_end[];
extern const char billing_openapi_page[];
extern const char billing_openapi_page_end[];
}

namespace billing::api {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string replace_all(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  std::size_t from = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, from)) {
    out.append(text, from, at - from).append(with);
    from = at + what.size();
  }
  return out.append(text, from);
}

// The page holds the description in an element of its own; its script makes it readable. Nothing is loaded from
// anywhere, and the policy lets no other script run than the one with this answer's nonce.
http::Response docs_page(std::string_view page) {
  const auto random = crypto::random_bytes<16>();
  const std::string nonce = crypto::hex(random);
  http::Response response;
  response.content_type = "text/html; charset=utf-8";
  response.headers = {{"Content-Security-Policy", "default-src 'none'; script-src 'nonce-" + nonce +
                                                      "'; style-src 'nonce-" + nonce +
                                                      "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
                      {"Cache-Control", "no-store"}};
  response.body = replace_all(page, "@NONCE@", nonce);
  add_security_headers(response);
  return response;
}

}  // namespace

std::string_view openapi_json() { return between(billing_openapi_json, billing_openapi_json_end); }

void add_openapi_routes(http::Router& router) {
  router.add("GET", "/openapi.json", [](const http::Request& /*request*/, const http::Reply& reply) {
    http::Response response;
    response.content_type = "application/json";
    response.headers = {{"Cache-Control", "no-cache"}};
    response.body = openapi_json();
    add_security_headers(response);
    reply(std::move(response));
  });
  // "</" would end the element that holds the description; in JSON's strings "<\/" says the same.
  const std::string page = replace_all(between(billing_openapi_page, billing_openapi_page_end), "@OPENAPI@",
                                       replace_all(openapi_json(), "</", "<\\/"));
  router.add("GET", "/docs", [page](const http::Request& /*request*/, const http::Reply& reply) {
    reply(docs_page(page));
  });
}

}  // namespace billing::api
