#include "gateway/api/commands.h"

#include <algorithm>
#include <array>
#include <utility>

namespace billing::api {
namespace {

constexpr auto kCommands = std::to_array<CommandKind>({
    {"account.change_contacts", parse::account_change_contacts, {}},
    {"account.change_terms", parse::account_change_terms, {}},
    {"account.close", parse::account_close, {}},
    {"account.open", parse::account_open, "/v1/accounts"},
    {"account.rename", parse::account_rename, {}},
    {"credit_note.issue", parse::credit_note_issue, "/v1/credit-notes"},
    {"customer.create", parse::customer_create, "/v1/customers"},
    {"dispute.close", parse::dispute_close, {}},
    {"dispute.open", parse::dispute_open, "/v1/disputes"},
    {"grouping.add_accounts", parse::grouping_add_accounts, {}},
    {"grouping.add_group", parse::grouping_add_group, "/v1/groupings"},
    {"grouping.create", parse::grouping_create, "/v1/groupings"},
    {"grouping.nest_group", parse::grouping_nest_group, {}},
    {"grouping.remove_accounts", parse::grouping_remove_accounts, {}},
    {"grouping.rename", parse::grouping_rename, {}},
    {"grouping.rename_group", parse::grouping_rename_group, {}},
    {"hierarchy.move", parse::hierarchy_move, {}},
    {"invoice.add_lines", parse::invoice_add_lines, {}},
    {"invoice.discard", parse::invoice_discard, {}},
    {"invoice.draft", parse::invoice_draft, "/v1/invoices"},
    {"invoice.issue", parse::invoice_issue, "/v1/invoices"},
    {"payment.record", parse::payment_record, "/v1/payments"},
    {"user.change_role", parse::user_change_role, {}},
    {"user.edit", parse::user_edit, {}},
    {"user.invite", parse::user_invite, "/v1/users"},
    {"user.reinstate", parse::user_reinstate, {}},
    {"user.suspend", parse::user_suspend, {}},
});
static_assert(std::ranges::is_sorted(kCommands, {}, &CommandKind::name));
static_assert(kCommands.size() == std::variant_size_v<Command>);

template <class AnyId>
NewObject made(AnyId id) {
  return {AnyId::prefix(), id.uuid};
}

// One overload for each event that makes an object; the others make none.
struct NewObjectOf {
  std::optional<NewObject> operator()(const customer::Created& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const account::Opened& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const invoice::Drafted& event) const { return made(event.header.id); }
  std::optional<NewObject> operator()(const invoice::Issued& event) const { return made(event.header.id); }
  std::optional<NewObject> operator()(const credit_note::Issued& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const payment::Recorded& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const dispute::Opened& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const grouping::Created& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const grouping::GroupAdded& event) const { return made(event.group); }
  std::optional<NewObject> operator()(const user::Invited& event) const { return made(event.id); }
  template <class Other>
  std::optional<NewObject> operator()(const Other& /*event*/) const {
    return std::nullopt;
  }
};

}  // namespace

std::span<const CommandKind> command_kinds() { return kCommands; }

const CommandKind* find_command(std::string_view name) {
  const auto found = std::ranges::lower_bound(kCommands, name, {}, &CommandKind::name);
  return found != kCommands.end() && found->name == name ? &*found : nullptr;
}

Result<Command> parse_command(const CommandKind& kind, JsonValue body, const ParseEnvironment& environment,
                              const JsonPath* at) {
  Refusal refusal;
  Fields fields(body, refusal, at);
  if (refusal.any()) return std::unexpected(refusal.take());
  Command command = kind.parse(fields, environment);
  fields.end();
  if (refusal.any()) return std::unexpected(refusal.take());
  return command;
}

Result<Command> parse_command(std::string_view name, JsonValue body, const ParseEnvironment& environment) {
  const CommandKind* const kind = find_command(name);
  if (kind == nullptr) return refuse(Code::kUnknownCommand, "The list of commands is in the API's description.");
  return parse_command(*kind, body, environment);
}

std::optional<NewObject> new_object(const Event& event) { return std::visit(NewObjectOf{}, event); }

std::optional<NewObject> new_object(std::span<const codec::Envelope> events) {
  for (const codec::Envelope& envelope : events)
    if (auto object = new_object(envelope.event)) return object;
  return std::nullopt;
}

}  // namespace billing::api
