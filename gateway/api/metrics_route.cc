#include "gateway/api/metrics_route.h"

#include <string_view>
#include <utility>

#include "gateway/api/problem.h"

namespace billing::api {
namespace {

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

bool from_this_machine(const http::Request& request) {
  for (const auto name : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"})
    if (request.has_header(name)) return false;
  return is_loopback(request.remote_address);
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
