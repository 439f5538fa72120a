#include "projections/hierarchy_view.h"

#include <algorithm>
#include <unordered_map>

namespace billing::views {
namespace {

// More than any chain: a longer one is damage.
constexpr std::size_t kChainMax = 4'096;
// Beyond so many accounts the customer's whole hierarchy is read in one scan instead of one scan per account.
constexpr std::size_t kWalkedMax = 64;

Key parent_key(AccountId id) { return Key(Table::kParent).add(id); }
Key child_key(CustomerId customer, AccountId parent, AccountId child) {
  return children_prefix(customer, parent).add(child);
}

ParentRow load_parents(Rows& rows, AccountId account) {
  const Key key = parent_key(account);
  auto row = rows.load<ParentRow>(key);
  if (!row) rows.damaged(key);
  return std::move(row).value_or(ParentRow{});
}

// The ancestors on a day, and the next day on which they are others.
struct Chain {
  std::vector<AccountId> above;
  std::optional<Date> next;
};
Chain chain_at(Rows& rows, AccountId account, Date day) {
  Chain chain;
  while (chain.above.size() < kChainMax) {
    const ParentRow row = load_parents(rows, account);
    if (const auto change = row.change_after(day); change && (!chain.next || *change < *chain.next)) {
      chain.next = change;
    }
    account = row.at(day);
    if (account.nil()) return chain;
    chain.above.push_back(account);
  }
  rows.damaged(parent_key(account));
  return {};
}

void open(const codec::Envelope& event, const account::Opened& opened, Rows& rows) {
  const AccountId parent = opened.parent.value_or(AccountId{});
  rows.save_new(parent_key(opened.id), ParentRow{.parent = parent, .former = {{AccountId{}, opened.opened_on}}});
  rows.save_new(child_key(event.customer, parent, opened.id), ChildRow{{{opened.opened_on, std::nullopt}}});
  note_day(rows, event.customer, opened.opened_on);
}

void move(const codec::Envelope& event, const hierarchy::Moved& moved, Rows& rows) {
  const Date on = note_day(rows, event.customer, moved.on);
  ParentRow parents = load_parents(rows, moved.account);
  const AccountId to = moved.new_parent.value_or(AccountId{});
  const Key left = child_key(event.customer, parents.parent, moved.account);
  auto leaving = rows.load<ChildRow>(left);
  if (!leaving || leaving->days.empty()) return rows.damaged(left);
  leaving->days.back().until = on;
  rows.save(left, *leaving);
  const Key entered = child_key(event.customer, to, moved.account);
  ChildRow entering = rows.load<ChildRow>(entered).value_or(ChildRow{});
  entering.days.push_back({on, std::nullopt});
  rows.save(entered, entering);
  parents.former.push_back({parents.parent, on});
  parents.parent = to;
  rows.save(parent_key(moved.account), parents);
}

using Children = std::unordered_map<AccountId, std::vector<AccountId>>;

// The children at `date` of every parent whose rows begin with `prefix`.
Result<Children> read_children(const Source& source, const Key& prefix, Date date) {
  Children children;
  std::optional<Error> error;
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<ChildRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    KeyReader reader(key, 1 + 16);
    const auto parent = reader.id<AccountId>();
    if (row->covers(date)) children[parent].push_back(reader.id<AccountId>());
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return children;
}

}  // namespace

AccountId ParentRow::at(Date day) const {
  for (const Former& earlier : former) {
    if (day < earlier.until) return earlier.parent;
  }
  return parent;
}

std::optional<Date> ParentRow::change_after(Date day) const {
  for (const Former& earlier : former) {
    if (day < earlier.until) return earlier.until;
  }
  return std::nullopt;
}

bool ChildRow::covers(Date date) const {
  return std::ranges::any_of(days, [&](const Days& each) { return each.covers(date); });
}

std::vector<AccountId> without(const std::vector<AccountId>& below, const std::vector<AccountId>& chain) {
  std::vector<AccountId> rest;
  for (const AccountId& id : below) {
    if (std::ranges::find(chain, id) == chain.end()) rest.push_back(id);
  }
  return rest;
}

void hierarchies::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* opened = std::get_if<account::Opened>(&event.event)) open(event, *opened, rows);
  if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event)) move(event, *moved, rows);
}

std::vector<AccountId> hierarchies::ancestors(Rows& rows, AccountId account, Date date) {
  return chain_at(rows, account, date).above;
}

std::vector<Step> hierarchies::steps(Rows& rows, AccountId account, Date day) {
  std::vector<Step> steps;
  Chain chain = chain_at(rows, account, day);
  for (const AccountId& id : chain.above) steps.push_back({id, day, 1});
  while (chain.next) {
    const Date on = *chain.next;
    Chain later = chain_at(rows, account, on);
    for (const AccountId& id : without(chain.above, later.above)) steps.push_back({id, on, -1});
    for (const AccountId& id : without(later.above, chain.above)) steps.push_back({id, on, 1});
    chain = std::move(later);
  }
  return steps;
}

Result<ParentRow> parents_of(const Source& source, AccountId id) {
  BILLING_TRY(row, row_at<ParentRow>(source, parent_key(id)));
  if (!row) return refuse(Code::kUnknownAccount, "there is no account " + id.text());
  return std::move(*row);
}

Result<std::vector<AccountId>> read_ancestors(const Source& source, AccountId id, Date date) {
  std::vector<AccountId> ancestors;
  while (ancestors.size() < kChainMax) {
    BILLING_TRY(row, parents_of(source, id));
    id = row.at(date);
    if (id.nil()) break;
    ancestors.push_back(id);
  }
  return ancestors;
}

Result<std::optional<std::set<AccountId>>> small_subtree(const Source& source, CustomerId customer, AccountId top,
                                                         Date date, std::size_t max) {
  std::set<AccountId> found{top};
  std::vector<AccountId> pending{top};
  while (!pending.empty()) {
    const Key prefix = children_prefix(customer, pending.back());
    pending.pop_back();
    std::optional<Error> error;
    BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
      const auto row = parse_row<ChildRow>(value);
      if (!row) error = unreadable_row(key);
      if (!row) return false;
      const auto child = KeyReader(key, prefix.size()).id<AccountId>();
      if (row->covers(date) && found.insert(child).second) pending.push_back(child);
      return found.size() <= max;
    }));
    if (error) return std::unexpected(std::move(*error));
    if (found.size() > max) return std::nullopt;
  }
  return found;
}

Result<void> add_subtrees(const Source& source, CustomerId customer, const std::set<AccountId>& tops, Date date,
                          std::set<AccountId>& accounts) {
  // A set of its own: what is in `accounts` already may be there without its subtree.
  std::set<AccountId> below = tops;
  std::vector<AccountId> pending(tops.begin(), tops.end());
  Children children;
  bool all = false;
  while (!pending.empty()) {
    const AccountId parent = pending.back();
    pending.pop_back();
    if (!all) {
      all = below.size() > kWalkedMax;
      BILLING_TRY(read, read_children(source, all ? Key(Table::kChild).add(customer) : children_prefix(customer, parent),
                                      date));
      children = std::move(read);
    }
    const auto found = children.find(parent);
    if (found == children.end()) continue;
    for (const AccountId& child : found->second) {
      if (below.insert(child).second) pending.push_back(child);
    }
  }
  accounts.merge(below);
  return {};
}

}  // namespace billing::views
