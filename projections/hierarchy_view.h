// Who was below whom on which day: the hierarchy of now, and of every day before.
#pragma once

#include <set>

#include "projections/days.h"

namespace billing::views {

// A parent that an account had before; the day is the first on which it was another's. The first entry is of the days
// before the account was opened: it was below nobody.
struct Former {
  AccountId parent{};
  Date until{};
  static void fields(auto& row, auto& archive) { archive(row.parent, row.until); }
};
// An account's parent of now (nil: a root) and those before, oldest first.
struct ParentRow {
  AccountId parent{};
  std::vector<Former> former{};
  // The parent at the end of the day.
  AccountId at(Date day) const;
  // The first day after `day` on which the parent changed.
  std::optional<Date> change_after(Date day) const;
  static void fields(auto& row, auto& archive) { archive(row.parent, row.former); }
};
// The days on which one account was directly below another; by day.
struct ChildRow {
  std::vector<Days> days{};
  bool covers(Date date) const;
  static void fields(auto& row, auto& archive) { archive(row.days); }
};

// Where a change of an account's figures on a day belongs above the account: `sign` +1 to a node that it came below,
// -1 to one that it left, each on the day it happened.
struct Step {
  AccountId ancestor{};
  Date on{};
  int sign = 1;
};

namespace hierarchies {
// A move counts from its day, or from the customer's latest day where that is later (a clock that was set back).
void apply(const codec::Envelope& event, Rows& rows);
// Nearest first. Only the account itself must exist; damage is noted in `rows`.
std::vector<AccountId> ancestors(Rows& rows, AccountId account, Date date);
// All ancestors from `day` on until now.
std::vector<Step> steps(Rows& rows, AccountId account, Date day);
}  // namespace hierarchies

// Of `below` what is not in `chain`.
std::vector<AccountId> without(const std::vector<AccountId>& below, const std::vector<AccountId>& chain);

inline Key children_prefix(CustomerId customer, AccountId parent) {
  return Key(Table::kChild).add(customer).add(parent);
}

// Error: kUnknownAccount.
Result<ParentRow> parents_of(const Source& source, AccountId id);
// At the end of `date`, nearest first.
Result<std::vector<AccountId>> read_ancestors(const Source& source, AccountId id, Date date);
// `top` and all accounts below it at the end of `date`; nullopt once it turns out to be more than `max`.
Result<std::optional<std::set<AccountId>>> small_subtree(const Source& source, CustomerId customer, AccountId top,
                                                         Date date, std::size_t max);
// Adds `tops` and all accounts below them at the end of `date`.
Result<void> add_subtrees(const Source& source, CustomerId customer, const std::set<AccountId>& tops, Date date,
                          std::set<AccountId>& accounts);

}  // namespace billing::views
