// The one door of /v1: every route is wrapped here, so no handler runs for a caller without a key.
#pragma once

#include <functional>
#include <memory>

#include "gateway/http/router.h"
#include "gateway/identity/admin_key.h"
#include "gateway/identity/principal.h"

namespace billing::api {

using AuthorizedHandler = std::function<void(const identity::Principal&, http::Request, http::Reply)>;
using AuthorizedStream =
    std::function<void(const identity::Principal&, http::Request, std::shared_ptr<http::Exchange>)>;

// Copyable; `keys` must outlive the handlers that it makes.
class Guard {
 public:
  explicit Guard(identity::AdminKey& keys) : keys_(&keys) {}
  // Checks the Authorization header before `handler` and adds the security headers to every response.
  http::Handler wrap(AuthorizedHandler handler) const;
  // The same for a stream; its handler adds the headers to the head that it sends (add_security_headers).
  http::StreamHandler wrap_stream(AuthorizedStream handler) const;

 private:
  identity::AdminKey* keys_;
};

}  // namespace billing::api
