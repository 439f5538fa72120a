// The POST routes: which path gives which command.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "gateway/api/batches.h"
#include "gateway/api/clock.h"
#include "gateway/api/guard.h"
#include "gateway/http/router.h"
#include "ledger/codec/person_keys.h"
#include "ledger/service/ledger.h"

namespace billing::api {

// A parameter of the path and the field of the command's body that it stands for; the body must not have it too.
struct PathField {
  std::string_view parameter;
  std::string_view field;
};
struct CommandRoute {
  std::string_view pattern;
  std::string_view command;
  std::array<PathField, 2> fields{};  // unused ones are empty
};
// All of them, for the API's description and its tests.
std::span<const CommandRoute> command_routes();
inline constexpr std::string_view kBatchPattern = "/v1/batches";

struct CommandService {
  service::Ledger& ledger;
  const codec::PersonKeys& keys;
  const Clock& clock;
};
// Adds POST for each of command_routes() and for batches. What the arguments refer to must outlive the router's use.
void add_command_routes(http::Router& router, const Guard& guard, const CommandService& service, Batches& batches);

}  // namespace billing::api
