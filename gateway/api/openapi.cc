#include "gateway/api/openapi.h"

#include <memory>
#include <string>
#include <utility>

#include "gateway/api/problem.h"
#include "gateway/http/content_coding.h"
#include "ledger/base/assert.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

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

// 'sha256-…' of what stands between the two texts, as a policy names an element by its content.
std::string hash_source(std::string_view page, std::string_view begin, std::string_view end) {
  const auto from = page.find(begin);
  BILLING_ASSERT(from != std::string_view::npos);
  const auto to = page.find(end, from);
  BILLING_ASSERT(to != std::string_view::npos);
  const auto digest = crypto::sha256(page.substr(from + begin.size(), to - from - begin.size()));
  return "'sha256-" + crypto::base64(digest) + "'";
}

// Only the one script and the one style of the page, whatever else might get into it.
std::string policy_of(std::string_view page) {
  return "default-src 'none'; script-src " + hash_source(page, "<script>", "</script>") + "; style-src " +
         hash_source(page, "<style>", "</style>") + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

// A text that is the same for everybody until another version of the program is started.
http::Response stored(const http::StoredText& text, std::string_view type, const http::Request& request) {
  http::Response response;
  response.content_type = type;
  response.headers = {{"Cache-Control", "no-cache"}};
  text.put_into(response, request);
  return response;
}

}  // namespace

std::string_view openapi_json() { return between(billing_openapi_json, billing_openapi_json_end); }

void add_openapi_routes(http::Router& router) {
  const auto json = std::make_shared<const http::StoredText>(std::string(openapi_json()));
  router.add("GET", "/openapi.json", [json](const http::Request& request, const http::Reply& reply) {
    http::Response response = stored(*json, "application/json", request);
    add_security_headers(response);
    reply(std::move(response));
  });
  // The page holds the description in an element of its own; its script makes it readable. Nothing is loaded from
  // anywhere. "</" would end the element; in JSON's strings "<\/" says the same.
  const auto page = std::make_shared<const http::StoredText>(replace_all(between(billing_openapi_page, billing_openapi_page_end),
                                                                         "@OPENAPI@", replace_all(openapi_json(), "</", "<\\/")));
  router.add("GET", "/docs", [page, policy = policy_of(page->plain())](const http::Request& request, const http::Reply& reply) {
    http::Response response = stored(*page, "text/html; charset=utf-8", request);
    response.headers.emplace_back("Content-Security-Policy", policy);
    add_security_headers(response);
    reply(std::move(response));
  });
}

}  // namespace billing::api
