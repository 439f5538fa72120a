// Groupings: a user's nested groups of accounts, with the days of each membership.
#pragma once

#include <set>

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct GroupingRow {
  CustomerId customer{};
  std::string name{};
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) { archive(row.customer, row.name, row.version); }
};
struct GroupRow {
  std::string name{};
  std::optional<GroupId> parent{};
  static void fields(auto& row, auto& archive) { archive(row.name, row.parent); }
};
// One stay of an account in a group: from the first day to the day it was taken out (exclusive).
struct Stay {
  bool with_subtree = false;
  Date from{};
  std::optional<Date> until{};
  bool covers(Date date) const { return from <= date && (!until || date < *until); }
  static void fields(auto& row, auto& archive) { archive(row.with_subtree, row.from, row.until); }
};
struct MemberRow {
  std::vector<Stay> stays{};
  static void fields(auto& row, auto& archive) { archive(row.stays); }
};

namespace groups {
void apply(const codec::Envelope& event, Rows& rows);
}

// Error: kUnknownGrouping.
Result<GroupingRow> find_grouping(const Source& source, GroupingId id);
Result<Page<Grouping>> list_groupings(const Source& source, CustomerId customer, const PageRequest& page);
Result<GroupingDetail> read_grouping(const Source& source, GroupingId id);
// Those who are in the group or in a group within it at `date`; the groups are nested as they are now.
struct GroupMembers {
  std::set<AccountId> accounts{};  // without what is below them
  std::set<AccountId> tops{};      // with all below
};
// A nil group: of all groups of the grouping. Error: kUnknownGroup.
Result<GroupMembers> group_members(const Source& source, GroupingId grouping, GroupId group, Date date);

}  // namespace billing::views
