#include "gateway/api/guard.h"

#include <utility>

#include "gateway/api/problem.h"

namespace billing::api {
namespace {

Result<identity::Principal> who(identity::AdminKey& keys, const http::Request& request) {
  // Two headers could be read as one or the other by whoever stands before us.
  if (request.header_count("Authorization") > 1)
    return refuse(Code::kMalformedRequest, "There is more than one Authorization header.");
  return keys.authenticate(request.header("Authorization"), request.remote_address);
}

}  // namespace

http::Handler Guard::wrap(AuthorizedHandler handler) const {
  return [keys = keys_, handler = std::move(handler)](http::Request request, http::Reply reply) {
    const auto principal = who(*keys, request);
    if (!principal) return reply(problem(principal.error()));
    handler(*principal, std::move(request), [reply = std::move(reply), caller = principal->name](http::Answer answer) {
      reply([answer = std::move(answer), caller]() mutable {
        http::Response response = std::move(answer);
        response.caller = std::move(caller);
        add_security_headers(response);
        return response;
      });
    });
  };
}

http::StreamHandler Guard::wrap_stream(AuthorizedStream handler) const {
  return [keys = keys_, handler = std::move(handler)](http::Request request, std::shared_ptr<http::Exchange> exchange) {
    const auto principal = who(*keys, request);
    if (!principal) return exchange->reply(problem(principal.error()));
    handler(*principal, std::move(request), std::move(exchange));
  };
}

}  // namespace billing::api
