#include "projections/groups_view.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "projections/scopes.h"

namespace billing::views {
namespace {

Key grouping_key(GroupingId id) { return Key(Table::kGrouping).add(id); }
Key group_key(GroupingId grouping, GroupId group) { return Key(Table::kGroup).add(grouping).add(group); }
Key member_key(GroupingId grouping, GroupId group, AccountId account) {
  return Key(Table::kMember).add(grouping).add(group).add(account);
}

void edit_group(Rows& rows, GroupingId grouping, GroupId group, auto&& change) {
  const Key key = group_key(grouping, group);
  auto row = rows.load<GroupRow>(key);
  if (!row) return rows.damaged(key);
  change(*row);
  rows.save(key, *row);
}

void add_members(const grouping::AccountsAdded& added, Rows& rows) {
  for (const AccountId& account : added.accounts) {
    const Key key = member_key(added.id, added.group, account);
    MemberRow row = rows.load<MemberRow>(key).value_or(MemberRow{});
    row.stays.push_back({.with_subtree = added.with_subtree, .from = added.from, .until = std::nullopt});
    rows.save(key, row);
  }
}

void remove_members(const grouping::AccountsRemoved& removed, Rows& rows) {
  for (const AccountId& account : removed.accounts) {
    const Key key = member_key(removed.id, removed.group, account);
    auto row = rows.load<MemberRow>(key);
    if (!row || row->stays.empty()) return rows.damaged(key);
    row->stays.back().until = removed.on;
    rows.save(key, *row);
  }
}

void erase_under(Rows& rows, const Key& prefix) {
  for (const auto& [key, value] : rows.under(prefix)) rows.erase(key);
}

void delete_groups(const grouping::GroupDeleted& deleted, Rows& rows) {
  for (const GroupId& group : deleted.groups) {
    rows.erase(group_key(deleted.id, group));
    erase_under(rows, Key(Table::kMember).add(deleted.id).add(group));
  }
}

void delete_grouping(const GroupingRow& row, GroupingId id, Rows& rows) {
  rows.erase(grouping_key(id));
  rows.drop(Key(Table::kGroupingOfCustomer).add(row.customer).add(id));
  erase_under(rows, Key(Table::kGroup).add(id));
  erase_under(rows, Key(Table::kMember).add(id));
}

Result<std::map<GroupId, GroupRow>> groups_of(const Source& source, GroupingId grouping) {
  std::map<GroupId, GroupRow> groups;
  std::optional<Error> error;
  const Key prefix = Key(Table::kGroup).add(grouping);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    auto row = parse_row<GroupRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    groups.emplace(KeyReader(key, prefix.size()).id<GroupId>(), std::move(*row));
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return groups;
}

// The group and all groups in it.
std::vector<GroupId> nested(const std::map<GroupId, GroupRow>& groups, GroupId top) {
  std::vector<GroupId> found{top};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const auto& [id, row] : groups) {
      if (row.parent == found[i] && std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
    }
  }
  return found;
}

Result<void> scan_members(const Source& source, GroupingId grouping, GroupId group,
                          const std::function<void(AccountId, const Stay&)>& visit) {
  std::optional<Error> error;
  const Key prefix = Key(Table::kMember).add(grouping).add(group);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<MemberRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    const auto account = KeyReader(key, prefix.size()).id<AccountId>();
    for (const Stay& stay : row->stays) visit(account, stay);
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return {};
}

}  // namespace

void groups::apply(const codec::Envelope& event, Rows& rows) {
  if (event.stream.kind != StreamKind::kGrouping) return;
  if (const auto* created = std::get_if<grouping::Created>(&event.event)) {
    rows.save_new(grouping_key(created->id), GroupingRow{created->customer, created->name, event.version});
    rows.append(Key(Table::kGroupingOfCustomer).add(created->customer).add(created->id), {});
    return;
  }
  const Key key = grouping_key(GroupingId{event.stream.id});
  auto row = rows.load<GroupingRow>(key);
  if (!row) return rows.damaged(key);
  if (const auto* deleted = std::get_if<grouping::Deleted>(&event.event)) return delete_grouping(*row, deleted->id, rows);
  row->version = event.version;
  if (const auto* renamed = std::get_if<grouping::Renamed>(&event.event)) row->name = renamed->new_name;
  rows.save(key, *row);
  if (const auto* added = std::get_if<grouping::GroupAdded>(&event.event)) {
    rows.save(group_key(added->id, added->group), GroupRow{added->name, added->parent});
  }
  if (const auto* renamed = std::get_if<grouping::GroupRenamed>(&event.event)) {
    edit_group(rows, renamed->id, renamed->group, [&](GroupRow& group) { group.name = renamed->new_name; });
  }
  if (const auto* moved = std::get_if<grouping::GroupNested>(&event.event)) {
    edit_group(rows, moved->id, moved->group, [&](GroupRow& group) { group.parent = moved->new_parent; });
  }
  if (const auto* added = std::get_if<grouping::AccountsAdded>(&event.event)) add_members(*added, rows);
  if (const auto* removed = std::get_if<grouping::AccountsRemoved>(&event.event)) remove_members(*removed, rows);
  if (const auto* deleted = std::get_if<grouping::GroupDeleted>(&event.event)) delete_groups(*deleted, rows);
}

Result<GroupingRow> find_grouping(const Source& source, GroupingId id) {
  BILLING_TRY(row, row_at<GroupingRow>(source, grouping_key(id)));
  if (!row) return refuse(Code::kUnknownGrouping, "there is no grouping " + id.text());
  return std::move(*row);
}

Result<Page<Grouping>> list_groupings(const Source& source, CustomerId customer, const PageRequest& request) {
  BILLING_TRY(known, customer_of(source, Scope::whole(customer)));
  Page<Grouping> page;
  BILLING_CHECK(page_of(source, Key(Table::kGroupingOfCustomer).add(known), request, false, page,
                            [&](std::string_view tail, std::string_view) -> Result<bool> {
                              const auto id = KeyReader(tail, 0).id<GroupingId>();
                              BILLING_TRY(row, find_grouping(source, id));
                              page.items.push_back({id, row.customer, row.name, row.version});
                              return true;
                            }));
  return page;
}

Result<GroupingDetail> read_grouping(const Source& source, GroupingId id) {
  BILLING_TRY(row, find_grouping(source, id));
  BILLING_TRY(groups, groups_of(source, id));
  GroupingDetail detail{.grouping = {id, row.customer, row.name, row.version}, .groups = {}};
  for (auto& [group_id, group] : groups) {
    Group found{.id = group_id, .name = std::move(group.name), .parent = group.parent, .members = {}};
    BILLING_CHECK(scan_members(source, id, group_id, [&](AccountId account, const Stay& stay) {
      found.members.push_back({account, stay.with_subtree, stay.from, stay.until});
    }));
    detail.groups.push_back(std::move(found));
  }
  std::sort(detail.groups.begin(), detail.groups.end(),
            [](const Group& a, const Group& b) { return std::tie(a.name, a.id) < std::tie(b.name, b.id); });
  return detail;
}

Result<GroupMembers> group_members(const Source& source, GroupingId grouping, GroupId group, Date date) {
  BILLING_TRY(groups, groups_of(source, grouping));
  std::vector<GroupId> parts;
  if (group.nil()) {
    for (const auto& [id, row] : groups) parts.push_back(id);
  } else if (groups.contains(group)) {
    parts = nested(groups, group);
  } else {
    return refuse(Code::kUnknownGroup, "there is no group " + group.text());
  }
  GroupMembers members;
  for (const GroupId& part : parts) {
    BILLING_CHECK(scan_members(source, grouping, part, [&](AccountId account, const Stay& stay) {
      if (!stay.covers(date)) return;
      auto& among = stay.with_subtree ? members.tops : members.accounts;
      among.insert(among.end(), account);  // those of a part ascend
    }));
  }
  return members;
}

}  // namespace billing::views
