#include "gateway/api/orders.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/api/fresh.h"
#include "gateway/api/problem.h"
#include "gateway/api/text.h"
#include "gateway/api/understood.h"

namespace billing::api {

bool valid_command_id(std::string_view id) {
  return !id.empty() && id.size() <= 255 && std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool makes_object(const CommandKind& kind, const Command& command) {
  const auto* const issue = std::get_if<invoice::Issue>(&command);
  return kind.creates && (issue == nullptr || !issue->draft);
}

service::Order make_order(const CommandKind& kind, Command command, std::string_view id, const OrderScope& scope) {
  service::Order order;
  order.body_hash = understood_hash(kind.name, command);
  order.command = std::move(command);
  order.context.now = scope.now;
  order.context.today = scope.today;
  order.context.actor = scope.principal.name;
  order.context.fresh = fresh_uuid(scope.now);
  order.tenant = scope.principal.tenant;
  order.id = id;
  order.deadline = scope.deadline;
  return order;
}

bool has_made(bool made, const service::Receipt& receipt) {
  return made || (!receipt.events.empty() && std::holds_alternative<unbooked::Queued>(receipt.events.front().event));
}

void append_line_receipt(std::string& out, std::string_view id, bool makes, const service::Receipt& receipt) {
  const bool made = has_made(makes, receipt);
  out += R"({"id":)";
  append_json_string(out, id);
  out += made ? R"(,"status":201,"position":)" : R"(,"status":200,"position":)";
  append_number(out, receipt.last);
  out += R"(,"version":)";
  append_number(out, receipt.version);
  if (const auto object = made ? new_object(receipt.events) : std::nullopt) {
    std::array<char, 26> digits;
    write_base32(object->id, digits);
    out += R"(,"object_id":")";
    out += object->prefix;
    out += '_';
    out.append(digits.data(), digits.size());
    out += '"';
  }
  if (receipt.repeated) out += R"(,"repeated":true)";
  out += "}\n";
}

void append_line_problem(std::string& out, std::string_view id, std::uint64_t line, const Error& error) {
  const int status = status_of(error);
  out += '{';
  if (!id.empty()) {
    out += R"("id":)";
    append_json_string(out, id);
    out += ',';
  }
  out += R"("line":)";
  append_number(out, line);
  out += R"(,"status":)";
  append_number(out, static_cast<std::uint64_t>(status));
  out += R"(,"problem":)";
  append_problem(out, error, status);
  out += "}\n";
}

}  // namespace billing::api
