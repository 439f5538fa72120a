// The API of the service over its parts: the one object that the composition root makes.
#pragma once

#include <memory>

#include "gateway/api/batches.h"
#include "gateway/api/clock.h"
#include "gateway/api/guard.h"
#include "gateway/api/routes_commands.h"
#include "gateway/http/router.h"
#include "gateway/identity/admin_key.h"
#include "ledger/codec/person_keys.h"
#include "ledger/service/ledger.h"

namespace billing::api {

// What the API stands on; all of it must outlive the Api.
struct ApiParts {
  service::Ledger& ledger;
  const codec::PersonKeys& keys;
  identity::AdminKey& identity;
  const Clock& clock;
  BatchLimits batches;
};

// Build the router from it, start the server, and stop server and ledger (in this order) before it goes: the ledger's
// last answers may still speak of its batches.
class Api {
 public:
  explicit Api(const ApiParts& parts);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // POST /v1/… for every command, POST /v1/batches and GET /first-login.
  void add_command_routes(http::Router& router);
  // The door that every other route of /v1 goes through as well.
  const Guard& guard() const { return guard_; }

 private:
  ApiParts parts_;
  Guard guard_;
  Batches batches_;
};

}  // namespace billing::api
