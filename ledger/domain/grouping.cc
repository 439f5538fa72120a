#include "ledger/domain/grouping.h"

#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/state.h"

namespace billing::grouping {
namespace {

constexpr std::size_t kGroupsMax = 1'000;

StreamEvent fact(const State& grouping, Event event) {
  return {.stream = {StreamKind::kGrouping, grouping.id.uuid},
          .customer = grouping.customer,
          .event = std::move(event),
          .document_date = {},
          .posting_date = {},
          .currency = {}};
}

Result<const State*> find(const billing::State& state, GroupingId id) {
  const auto found = state.groupings.find(id);
  if (found == state.groupings.end() || found->second.deleted) return refuse(Code::kUnknownGrouping, id.text(), "/grouping");
  return &found->second;
}

Result<const Group*> find_group(const State& grouping, GroupId id, std::string_view pointer) {
  const auto found = grouping.groups.find(id);
  if (found == grouping.groups.end()) return refuse(Code::kUnknownGroup, id.text(), std::string(pointer));
  return &found->second;
}

bool name_taken(const State& grouping, std::string_view name, std::optional<GroupId> parent, GroupId except) {
  return std::ranges::any_of(grouping.groups, [&](const auto& entry) {
    return entry.first != except && entry.second.parent == parent && entry.second.name == name;
  });
}

// Levels from the group up to its top, itself counted.
int depth_of(const State& grouping, std::optional<GroupId> group) {
  int depth = 0;
  for (; group; group = grouping.groups.at(*group).parent) ++depth;
  return depth;
}
int height_of(const State& grouping, GroupId group) {
  int below = 0;
  for (const auto& [id, other] : grouping.groups) {
    if (other.parent == group) below = std::max(below, height_of(grouping, id));
  }
  return below + 1;
}

}  // namespace

Decision decide(const billing::State& state, const Create& command, const Context& context) {
  const GroupingId id = command.id.nil() ? context.fresh_id<GroupingId>() : command.id;
  BILLING_TRY(customer, find_customer(state, command.customer));
  if (state.groupings.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_CHECK(check_text(command.name, kNameMax, "/name"));

  return std::vector{fact({id, customer->id, {}, {}, false}, Created{id, customer->id, command.name})};
}

Decision decide(const billing::State& state, const Rename& command, const Context&) {
  BILLING_TRY(grouping, find(state, command.id));
  BILLING_CHECK(check_text(command.name, kNameMax, "/name"));
  if (grouping->name == command.name) return refuse(Code::kNothingChanges, {}, "/name");

  return std::vector{fact(*grouping, Renamed{command.id, grouping->name, command.name})};
}

Decision decide(const billing::State& state, const AddGroup& command, const Context& context) {
  const GroupId id = command.group.nil() ? context.fresh_id<GroupId>() : command.group;
  BILLING_TRY(grouping, find(state, command.id));
  if (grouping->groups.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/group");
  if (grouping->groups.size() >= kGroupsMax) return refuse(Code::kTooManyItems, "at most 1,000 groups", "/grouping");
  BILLING_CHECK(check_text(command.name, kNameMax, "/name"));
  if (command.parent) BILLING_CHECK(find_group(*grouping, *command.parent, "/parent"));
  if (name_taken(*grouping, command.name, command.parent, id)) return refuse(Code::kNameTaken, command.name, "/name");
  if (depth_of(*grouping, command.parent) + 1 > kGroupDepthMax) return refuse(Code::kGroupTooDeep, {}, "/parent");

  return std::vector{fact(*grouping, GroupAdded{command.id, id, command.name, command.parent})};
}

Decision decide(const billing::State& state, const RenameGroup& command, const Context&) {
  BILLING_TRY(grouping, find(state, command.id));
  BILLING_TRY(group, find_group(*grouping, command.group, "/group"));
  BILLING_CHECK(check_text(command.name, kNameMax, "/name"));
  if (group->name == command.name) return refuse(Code::kNothingChanges, {}, "/name");
  if (name_taken(*grouping, command.name, group->parent, command.group)) {
    return refuse(Code::kNameTaken, command.name, "/name");
  }

  return std::vector{fact(*grouping, GroupRenamed{command.id, command.group, group->name, command.name})};
}

Decision decide(const billing::State& state, const NestGroup& command, const Context&) {
  BILLING_TRY(grouping, find(state, command.id));
  BILLING_TRY(group, find_group(*grouping, command.group, "/group"));
  if (group->parent == command.parent) return refuse(Code::kNothingChanges, {}, "/parent");
  if (command.parent) {
    BILLING_CHECK(find_group(*grouping, *command.parent, "/parent"));
    for (auto above = command.parent; above; above = grouping->groups.at(*above).parent) {
      if (*above == command.group) return refuse(Code::kGroupCycle, {}, "/parent");
    }
  }
  if (name_taken(*grouping, group->name, command.parent, command.group)) {
    return refuse(Code::kNameTaken, group->name, "/parent");
  }
  if (depth_of(*grouping, command.parent) + height_of(*grouping, command.group) > kGroupDepthMax) {
    return refuse(Code::kGroupTooDeep, {}, "/parent");
  }

  return std::vector{fact(*grouping, GroupNested{command.id, command.group, group->parent, command.parent})};
}

Decision decide(const billing::State& state, const AddAccounts& command, const Context& context) {
  BILLING_TRY(grouping, find(state, command.id));
  BILLING_TRY(group, find_group(*grouping, command.group, "/group"));
  if (command.accounts.empty()) return refuse(Code::kMissingField, {}, "/accounts");
  if (command.accounts.size() > kItemsMax) return refuse(Code::kTooManyItems, "at most 1,000", "/accounts");
  const Date from = command.from.value_or(context.today);
  if (from > context.today) return refuse(Code::kPostingInFuture, from.text(), "/from");
  std::set<AccountId> seen;
  for (std::size_t n = 0; n < command.accounts.size(); ++n) {
    const std::string pointer = "/accounts/" + std::to_string(n);
    BILLING_TRY(account, find_account(state, command.accounts[n], pointer));
    if (account->customer != grouping->customer) return refuse(Code::kOtherCustomer, account->number, pointer);
    if (group->members.contains(account->id) || !seen.insert(account->id).second) {
      return refuse(Code::kAlreadyMember, account->number, pointer);
    }
  }

  return std::vector{
      fact(*grouping, AccountsAdded{command.id, command.group, command.accounts, command.with_subtree, from})};
}

Decision decide(const billing::State& state, const RemoveAccounts& command, const Context& context) {
  BILLING_TRY(grouping, find(state, command.id));
  BILLING_TRY(group, find_group(*grouping, command.group, "/group"));
  if (command.accounts.empty()) return refuse(Code::kMissingField, {}, "/accounts");
  if (command.accounts.size() > kItemsMax) return refuse(Code::kTooManyItems, "at most 1,000", "/accounts");
  std::set<AccountId> seen;
  for (std::size_t n = 0; n < command.accounts.size(); ++n) {
    if (!group->members.contains(command.accounts[n]) || !seen.insert(command.accounts[n]).second) {
      return refuse(Code::kNotAMember, command.accounts[n].text(), "/accounts/" + std::to_string(n));
    }
  }

  return std::vector{fact(*grouping, AccountsRemoved{command.id, command.group, command.accounts, context.today})};
}

Decision decide(const billing::State& state, const DeleteGroup& command, const Context&) {
  BILLING_TRY(grouping, find(state, command.id));
  BILLING_CHECK(find_group(*grouping, command.group, "/group"));
  std::vector<GroupId> groups{command.group};
  for (std::size_t n = 0; n < groups.size(); ++n) {
    for (const auto& [id, group] : grouping->groups) {
      if (group.parent == groups[n]) groups.push_back(id);
    }
  }

  return std::vector{fact(*grouping, GroupDeleted{command.id, command.group, std::move(groups)})};
}

Decision decide(const billing::State& state, const Delete& command, const Context&) {
  BILLING_TRY(grouping, find(state, command.id));

  return std::vector{fact(*grouping, Deleted{command.id})};
}

void evolve(billing::State& state, const Created& event) {
  state.groupings[event.id] = {event.id, event.customer, event.name, {}, false};
}
void evolve(billing::State& state, const Renamed& event) { state.groupings.at(event.id).name = event.new_name; }
void evolve(billing::State& state, const GroupAdded& event) {
  state.groupings.at(event.id).groups[event.group] = {event.name, event.parent, {}};
}
void evolve(billing::State& state, const GroupRenamed& event) {
  state.groupings.at(event.id).groups.at(event.group).name = event.new_name;
}
void evolve(billing::State& state, const GroupNested& event) {
  state.groupings.at(event.id).groups.at(event.group).parent = event.new_parent;
}
void evolve(billing::State& state, const AccountsAdded& event) {
  Group& group = state.groupings.at(event.id).groups.at(event.group);
  for (const AccountId account : event.accounts) group.members[account] = {event.with_subtree, event.from};
}
void evolve(billing::State& state, const AccountsRemoved& event) {
  Group& group = state.groupings.at(event.id).groups.at(event.group);
  for (const AccountId account : event.accounts) group.members.erase(account);
}
void evolve(billing::State& state, const GroupDeleted& event) {
  for (const GroupId group : event.groups) state.groupings.at(event.id).groups.erase(group);
}
void evolve(billing::State& state, const Deleted& event) {
  State& grouping = state.groupings.at(event.id);
  grouping.groups.clear();
  grouping.deleted = true;
}

}  // namespace billing::grouping
