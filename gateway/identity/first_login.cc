#include "gateway/identity/first_login.h"

#include <string>
#include <string_view>
#include <utility>

namespace billing::identity {
namespace {

// `body` is made of our own texts and a key, which has no character that HTML gives a meaning to.
http::Response page(int status, std::string_view title, const std::string& body) {
  http::Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.headers = {{"Cache-Control", "no-store"},
                      {"Referrer-Policy", "no-referrer"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"}};
  response.body = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
                  std::string(title) + "</title></head>\n<body><main><h1>" + std::string(title) + "</h1>\n" + body +
                  "</main></body></html>\n";
  return response;
}

http::Response show(AdminKey& keys, const http::Request& request) {
  // Only GET: programs that look at a link before a person does so often send HEAD.
  if (request.method != "GET") return page(200, "First login", "<p>Open this link in a browser.</p>\n");
  const auto key = keys.redeem(request.query_value("token"), request.remote_address);
  if (key)
    return page(200, "Your key",
                "<p>This is the key of the administrator. It is shown only now: keep it in a safe place.</p>\n"
                "<p><code>" + *key + "</code></p>\n"
                "<p>Send it with each request: <code>Authorization: Bearer &lt;key&gt;</code>.</p>\n");
  const ErrorKind kind = code_kind(key.error().code);
  const int status = kind == ErrorKind::kRateLimited ? 429 : kind == ErrorKind::kUnauthenticated ? 403 : 500;
  http::Response response = page(status, "This link does not work", "<p>" + key.error().detail + "</p>\n");
  if (status == 500) response = page(status, "This link does not work", "<p>The key could not be stored.</p>\n");
  if (status == 429) response.headers.emplace_back("Retry-After", "60");
  return response;
}

}  // namespace

void add_first_login(http::Router& router, AdminKey& keys) {
  router.add("GET", "/first-login",
             [&keys](http::Request request, http::Reply reply) { reply(show(keys, request)); });
}

}  // namespace billing::identity
