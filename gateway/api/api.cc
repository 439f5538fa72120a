#include "gateway/api/api.h"

#include "gateway/identity/first_login.h"

namespace billing::api {

Api::Api(const ApiParts& parts)
    : parts_(parts), guard_(parts.identity), batches_(parts.ledger, parts.keys, parts.clock, parts.batches) {}

Api::~Api() = default;

void Api::add_command_routes(http::Router& router) {
  identity::add_first_login(router, parts_.identity);
  api::add_command_routes(router, guard_, CommandService{parts_.ledger, parts_.keys, parts_.clock}, batches_);
}

}  // namespace billing::api
