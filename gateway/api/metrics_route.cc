#include "gateway/api/metrics_route.h"

#include <string_view>
#include <utility>

#include "gateway/api/problem.h"

namespace billing::api {
namespace {

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

// A page of another site can make a browser of this machine ask here, but not under a name of the machine itself.
bool names_this_machine(std::string_view host) {
  const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  const std::string_view name = host.substr(0, end);
  return name.empty() || name == "localhost" || name == "[::1]" || (name.starts_with("127.") && name.find_first_not_of(".0123456789") == std::string_view::npos);
}

bool from_this_machine(const http::Request& request) {
  for (const auto name : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"})
    if (request.has_header(name)) return false;
  return is_loopback(request.remote_address) && names_this_machine(request.header("Host"));
}

}  // namespace

void add_metrics_route(http::Router& router, const Guard& guard, MetricsRoute route) {
  const bool is_public = route.is_public;
  const auto respond = [page = std::move(route.page), content_type = std::move(route.content_type)] {
    http::Response response;
    response.content_type = content_type;
    response.body = page();
    add_security_headers(response);
    return response;
  };
  auto guarded = guard.wrap([respond](const identity::Principal& /*principal*/, const http::Request& /*request*/,
                                      const http::Reply& reply) { reply(respond()); });
  router.add("GET", "/metrics",
             [respond, is_public, guarded = std::move(guarded)](http::Request request, http::Reply reply) {
               if (is_public || (from_this_machine(request) && !request.has_header("Authorization")))
                 return reply(respond());
               guarded(std::move(request), std::move(reply));
             });
}

}  // namespace billing::api
