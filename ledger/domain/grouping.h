// Manage Hierarchy: a customer's own nested groups of accounts. Views only: they never change who is billed.
#pragma once

#include <map>

#include "ledger/domain/customer.h"
#include "ledger/domain/types.h"

namespace billing::grouping {

struct Member {
  bool with_subtree = false;
  Date from;
  friend bool operator==(const Member&, const Member&) = default;
};
struct Group {
  std::string name;
  std::optional<GroupId> parent;
  std::map<AccountId, Member> members;
};
struct State {
  GroupingId id;
  CustomerId customer;
  std::string name;
  std::map<GroupId, Group> groups;
  bool deleted = false;  // unknown to commands and reads; its id stays used
};

struct Created {
  GroupingId id;
  CustomerId customer;
  std::string name;
  friend bool operator==(const Created&, const Created&) = default;
};
struct Renamed {
  GroupingId id;
  std::string old_name;
  std::string new_name;
  friend bool operator==(const Renamed&, const Renamed&) = default;
};
struct GroupAdded {
  GroupingId id;
  GroupId group;
  std::string name;
  std::optional<GroupId> parent;
  friend bool operator==(const GroupAdded&, const GroupAdded&) = default;
};
struct GroupRenamed {
  GroupingId id;
  GroupId group;
  std::string old_name;
  std::string new_name;
  friend bool operator==(const GroupRenamed&, const GroupRenamed&) = default;
};
struct GroupNested {
  GroupingId id;
  GroupId group;
  std::optional<GroupId> old_parent;
  std::optional<GroupId> new_parent;
  friend bool operator==(const GroupNested&, const GroupNested&) = default;
};
struct AccountsAdded {
  GroupingId id;
  GroupId group;
  std::vector<AccountId> accounts;
  bool with_subtree = false;
  Date from;
  friend bool operator==(const AccountsAdded&, const AccountsAdded&) = default;
};
struct AccountsRemoved {
  GroupingId id;
  GroupId group;
  std::vector<AccountId> accounts;
  Date on;
  friend bool operator==(const AccountsRemoved&, const AccountsRemoved&) = default;
};
// The group is gone, with the groups in it, and their accounts are in none of them on any day.
struct GroupDeleted {
  GroupingId id;
  GroupId group;
  std::vector<GroupId> groups;  // itself first, then those in it
  friend bool operator==(const GroupDeleted&, const GroupDeleted&) = default;
};
struct Deleted {
  GroupingId id;
  friend bool operator==(const Deleted&, const Deleted&) = default;
};

struct Create {
  GroupingId id;  // nil: taken from the context
  CustomerId customer;
  std::string name;
};
struct Rename {
  GroupingId id;
  std::string name;
};
struct AddGroup {
  GroupingId id;
  GroupId group;  // nil: taken from the context
  std::string name;
  std::optional<GroupId> parent;
};
struct RenameGroup {
  GroupingId id;
  GroupId group;
  std::string name;
};
struct NestGroup {
  GroupingId id;
  GroupId group;
  std::optional<GroupId> parent;
};
struct AddAccounts {
  GroupingId id;
  GroupId group;
  std::vector<AccountId> accounts;  // at most kItemsMax
  bool with_subtree = false;
  std::optional<Date> from;
};
struct RemoveAccounts {
  GroupingId id;
  GroupId group;
  std::vector<AccountId> accounts;
};
// With the groups in it; no account is closed or moved by it.
struct DeleteGroup {
  GroupingId id;
  GroupId group;
};
// With all its groups.
struct Delete {
  GroupingId id;
};

Decision decide(const billing::State& state, const Create& command, const Context& context);
Decision decide(const billing::State& state, const Rename& command, const Context& context);
Decision decide(const billing::State& state, const AddGroup& command, const Context& context);
Decision decide(const billing::State& state, const RenameGroup& command, const Context& context);
Decision decide(const billing::State& state, const NestGroup& command, const Context& context);
Decision decide(const billing::State& state, const AddAccounts& command, const Context& context);
Decision decide(const billing::State& state, const RemoveAccounts& command, const Context& context);
Decision decide(const billing::State& state, const DeleteGroup& command, const Context& context);
Decision decide(const billing::State& state, const Delete& command, const Context& context);
void evolve(billing::State& state, const Created& event);
void evolve(billing::State& state, const Renamed& event);
void evolve(billing::State& state, const GroupAdded& event);
void evolve(billing::State& state, const GroupRenamed& event);
void evolve(billing::State& state, const GroupNested& event);
void evolve(billing::State& state, const AccountsAdded& event);
void evolve(billing::State& state, const AccountsRemoved& event);
void evolve(billing::State& state, const GroupDeleted& event);
void evolve(billing::State& state, const Deleted& event);

}  // namespace billing::grouping
