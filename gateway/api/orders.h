// From a parsed body to an order for the ledger, and from its receipt to what the client sees.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "gateway/api/clock.h"
#include "gateway/api/commands.h"
#include "gateway/identity/principal.h"
#include "ledger/base/error.h"
#include "ledger/service/ledger.h"

namespace billing::api {

// True for 1 to 255 visible ASCII characters: what an Idempotency-Key or a line's id may be.
bool valid_command_id(std::string_view id);

// True when this command makes an object: 201 answers it then, else 200.
bool makes_object(const CommandKind& kind, const Command& command);

// Who gives commands, and when: the same for all commands of one group.
struct OrderScope {
  const identity::Principal& principal;
  Instant now;
  Date today;
  std::chrono::steady_clock::time_point deadline;
};
service::Order make_order(const CommandKind& kind, Command command, std::string_view id, const OrderScope& scope);
// Whether a command that was taken made an object: as `made` says, or an entry of the queue where it could not be booked.
bool has_made(bool made, const service::Receipt& receipt);

// One line of a batch's answer, with its line feed:
// {"id":"…","status":201,"position":12,"version":1,"object_id":"pay_…"}
void append_line_receipt(std::string& out, std::string_view id, bool makes, const service::Receipt& receipt);
// {"id":"…","line":3,"status":422,"problem":{…}}; without "id" when it could not be read.
void append_line_problem(std::string& out, std::string_view id, std::uint64_t line, const Error& error);

}  // namespace billing::api
