#include "ledger/domain/user.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/domain/state.h"

namespace billing::user {
namespace {

constexpr std::array<std::string_view, 4> kRoles{"viewer", "payer", "manager", "administrator"};

StreamEvent fact(UserId id, CustomerId customer, Event event) {
  return {.stream = {StreamKind::kUser, id.uuid},
          .customer = customer,
          .event = std::move(event),
          .document_date = {},
          .posting_date = {},
          .currency = {}};
}

Result<const State*> find(const billing::State& state, UserId id) {
  const auto found = state.users.find(id);
  if (found == state.users.end()) return refuse(Code::kUnknownUser, id.text(), "/id");
  return &found->second;
}

Result<void> check_personal(const account::Personal& personal) {
  BILLING_CHECK(check_text(personal.name, kNameMax, "/name"));
  BILLING_CHECK(check_text(personal.email, kNameMax, "/email"));
  const auto at = personal.email.find('@');
  if (at == 0 || at == std::string::npos || at + 1 == personal.email.size()) {
    return refuse(Code::kInvalidText, "an e-mail address has the form name@domain", "/email");
  }
  return check_optional_text(personal.phone, kNumberMax, "/phone");
}

}  // namespace

std::string_view role_text(Role role) { return kRoles[static_cast<std::size_t>(role) - 1]; }

Result<Role> parse_role(std::string_view text) {
  const auto found = std::ranges::find(kRoles, text);
  if (found == kRoles.end()) {
    return refuse(Code::kUnknownRole, "a role is viewer, payer, manager or administrator", "/role");
  }
  return static_cast<Role>(found - kRoles.begin() + 1);
}

Decision decide(const billing::State& state, const Invite& command, const Context& context) {
  const UserId id = command.id.nil() ? context.fresh_id<UserId>() : command.id;
  BILLING_CHECK(find_customer(state, command.customer));
  if (state.users.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_CHECK(check_personal(command.personal));
  if (state.user_emails.contains(command.email_digest)) return refuse(Code::kEmailTaken, {}, "/email");

  return std::vector{fact(id, command.customer,
                          Invited{id, command.customer, context.fresh_id<PersonId>(1), command.email_digest,
                                  command.role, command.personal})};
}

Decision decide(const billing::State& state, const Edit& command, const Context&) {
  BILLING_TRY(user, find(state, command.id));
  if (user->suspended) return refuse(Code::kUserSuspended, {}, "/id");
  BILLING_CHECK(check_personal(command.personal));
  const auto owner = state.user_emails.find(command.email_digest);
  if (owner != state.user_emails.end() && owner->second != command.id) return refuse(Code::kEmailTaken, {}, "/email");

  return std::vector{fact(command.id, user->customer,
                          Edited{command.id, user->person, user->email_digest, command.email_digest, command.personal})};
}

Decision decide(const billing::State& state, const ChangeRole& command, const Context&) {
  BILLING_TRY(user, find(state, command.id));
  if (user->suspended) return refuse(Code::kUserSuspended, {}, "/id");
  if (user->role == command.role) return refuse(Code::kNothingChanges, {}, "/role");

  return std::vector{fact(command.id, user->customer, RoleChanged{command.id, user->role, command.role})};
}

Decision decide(const billing::State& state, const Suspend& command, const Context&) {
  BILLING_TRY(user, find(state, command.id));
  if (user->suspended) return refuse(Code::kNothingChanges, "the user is suspended already", "/id");
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));

  return std::vector{fact(command.id, user->customer, Suspended{command.id, command.reason})};
}

Decision decide(const billing::State& state, const Reinstate& command, const Context&) {
  BILLING_TRY(user, find(state, command.id));
  if (!user->suspended) return refuse(Code::kNothingChanges, "the user is not suspended", "/id");

  return std::vector{fact(command.id, user->customer, Reinstated{command.id})};
}

void evolve(billing::State& state, const Invited& event) {
  state.users[event.id] = {event.id, event.customer, event.person, event.email_digest, event.role, false};
  state.user_emails[event.email_digest] = event.id;
}
void evolve(billing::State& state, const Edited& event) {
  state.user_emails.erase(event.old_email_digest);
  state.user_emails[event.new_email_digest] = event.id;
  state.users.at(event.id).email_digest = event.new_email_digest;
}
void evolve(billing::State& state, const RoleChanged& event) { state.users.at(event.id).role = event.new_role; }
void evolve(billing::State& state, const Suspended& event) { state.users.at(event.id).suspended = true; }
void evolve(billing::State& state, const Reinstated& event) { state.users.at(event.id).suspended = false; }

}  // namespace billing::user
