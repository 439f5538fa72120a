// A person of the customer who may use the portal: invited, edited, given a role, suspended. Credentials come later.
#pragma once

#include "ledger/domain/account.h"
#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::user {

enum class Role : std::uint8_t { kViewer = 1, kPayer = 2, kManager = 3, kAdministrator = 4 };
std::string_view role_text(Role role);
Result<Role> parse_role(std::string_view text);

struct State {
  UserId id;
  CustomerId customer;
  PersonId person;
  std::string email_digest;
  Role role = Role::kViewer;
  bool suspended = false;
};

// `email_digest` is a keyed hash of the e-mail address, so that it can be unique without being readable.
struct Invited {
  UserId id;
  CustomerId customer;
  PersonId person;
  std::string email_digest;
  Role role = Role::kViewer;
  account::Personal personal;
  friend bool operator==(const Invited&, const Invited&) = default;
};
struct Edited {
  UserId id;
  PersonId person;
  std::string old_email_digest;
  std::string new_email_digest;
  account::Personal personal;
  friend bool operator==(const Edited&, const Edited&) = default;
};
struct RoleChanged {
  UserId id;
  Role old_role = Role::kViewer;
  Role new_role = Role::kViewer;
  friend bool operator==(const RoleChanged&, const RoleChanged&) = default;
};
struct Suspended {
  UserId id;
  std::string reason;
  friend bool operator==(const Suspended&, const Suspended&) = default;
};
struct Reinstated {
  UserId id;
  friend bool operator==(const Reinstated&, const Reinstated&) = default;
};

struct Invite {
  UserId id;  // nil: taken from the context
  CustomerId customer;
  Role role = Role::kViewer;
  std::string email_digest;
  account::Personal personal;
};
struct Edit {
  UserId id;
  std::string email_digest;
  account::Personal personal;
};
struct ChangeRole {
  UserId id;
  Role role = Role::kViewer;
};
struct Suspend {
  UserId id;
  std::string reason;
};
struct Reinstate {
  UserId id;
};

Decision decide(const billing::State& state, const Invite& command, const Context& context);
Decision decide(const billing::State& state, const Edit& command, const Context& context);
Decision decide(const billing::State& state, const ChangeRole& command, const Context& context);
Decision decide(const billing::State& state, const Suspend& command, const Context& context);
Decision decide(const billing::State& state, const Reinstate& command, const Context& context);
void evolve(billing::State& state, const Invited& event);
void evolve(billing::State& state, const Edited& event);
void evolve(billing::State& state, const RoleChanged& event);
void evolve(billing::State& state, const Suspended& event);
void evolve(billing::State& state, const Reinstated& event);

}  // namespace billing::user
