// The naive model: customers, accounts, people, groups, scopes.
#include <algorithm>
#include <tuple>

#include "projections/naive_model.h"

namespace billing::views::naive {

using account::InvoicingRole;

std::uint64_t Model::version_of(StreamKind kind, const Uuid& id) const {
  std::uint64_t version = 0;
  for (const codec::Envelope& event : events_) {
    if (event.stream == StreamId{kind, id}) version = event.version;
  }
  return version;
}

Result<Customer> Model::customer(CustomerId id) const {
  const auto* event = first<customer::Created>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr) return refuse(Code::kUnknownCustomer, {});
  const auto& created = std::get<customer::Created>(event->event);
  return Customer{.id = id,
                  .name = created.name,
                  .currency = created.currency,
                  .external_id = created.external_id,
                  .created = event->recorded,
                  .version = version_of(StreamKind::kCustomer, id.uuid),
                  .hierarchy_version = version_of(StreamKind::kHierarchy, id.uuid)};
}

Currency Model::currency_of(CustomerId id) const {
  const auto found = customer(id);
  return found ? found->currency : Currency{};
}

std::vector<Customer> Model::customers(std::optional<std::string> external_id) const {
  std::map<CustomerId, Customer> all;
  each<customer::Created>([&](const codec::Envelope&, const customer::Created& created) {
    if (!external_id || created.external_id == *external_id) all.emplace(created.id, *customer(created.id));
  });
  std::vector<Customer> list;
  for (auto& [id, one] : all) list.push_back(std::move(one));
  return list;
}

std::map<AccountId, AccountId> Model::parents_at(CustomerId customer, Date date) const {
  std::map<AccountId, AccountId> parents;
  for (const codec::Envelope& event : events_) {
    if (event.customer != customer) continue;
    if (const auto* opened = std::get_if<account::Opened>(&event.event); opened && opened->opened_on <= date) {
      parents[opened->id] = opened->parent.value_or(AccountId{});
    }
    if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event); moved != nullptr && moved->on <= date) {
      parents[moved->account] = moved->new_parent.value_or(AccountId{});
    }
  }
  return parents;
}

Accounts Model::accounts_of_customer(CustomerId customer) const {
  Accounts all;
  each<account::Opened>([&](const codec::Envelope& event, const account::Opened& opened) {
    if (event.customer == customer) all.insert(opened.id);
  });
  return all;
}

// Adds all that is below the accounts at the end of the day.
void Model::add_below(CustomerId customer, Date date, Accounts& accounts) const {
  const auto parents = parents_at(customer, date);
  for (bool more = true; more;) {
    more = false;
    for (const auto& [child, parent] : parents) {
      if (accounts.contains(parent)) more = accounts.insert(child).second || more;
    }
  }
}

Result<Account> Model::account(AccountId id, Date date) const {
  const auto* event = first<account::Opened>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr) return refuse(Code::kUnknownAccount, {});
  const auto& opened = std::get<account::Opened>(event->event);
  Account found{.id = id,
                .customer = event->customer,
                .number = opened.number,
                .name = name_at(id, events_.size()),
                .opened_on = opened.opened_on,
                .payment_terms_days = opened.payment_terms_days,
                .bill_cycle_day = opened.bill_cycle_day,
                .external_id = opened.external_id,
                .currency = currency_of(event->customer),
                .version = version_of(StreamKind::kAccount, id.uuid)};
  each<account::TermsChanged>([&](const codec::Envelope&, const account::TermsChanged& terms) {
    if (terms.id != id) return;
    found.payment_terms_days = terms.new_payment_terms_days;
    found.bill_cycle_day = terms.new_bill_cycle_day;
  });
  each<account::Closed>([&](const codec::Envelope&, const account::Closed& closed) {
    if (closed.id == id) found.closed_on = closed.on;
  });
  for (const auto& [child, parent] : parents_at(event->customer, date)) {
    if (parent == id) ++found.children;
    if (child == id && !parent.nil()) found.parent = parent;
  }
  Accounts all{id};
  found.own = totals(all, date);
  add_below(event->customer, date, all);
  found.subtree = totals(all, date);
  return found;
}

std::string Model::name_at(AccountId id, Position position) const {
  std::string name;
  for (const codec::Envelope& event : events_) {
    if (event.position > position) break;
    const auto* opened = std::get_if<account::Opened>(&event.event);
    if (opened && opened->id == id) name = opened->name;
    if (const auto* renamed = std::get_if<account::Renamed>(&event.event); renamed && renamed->id == id) {
      name = renamed->new_name;
    }
  }
  return name;
}

AccountNames Model::names(AccountId id, Position position) const {
  AccountNames names{.name = name_at(id, position), .name_now = name_at(id, events_.size())};
  each<account::Opened>([&](const codec::Envelope&, const account::Opened& opened) {
    if (opened.id == id) names.number = opened.number;
  });
  return names;
}

Result<Account> Model::account_by_number(CustomerId customer, const std::string& number, Date date) const {
  for (const AccountId& id : accounts_of_customer(customer)) {
    if (auto found = account(id, date); found->number == number) return found;
  }
  return refuse(Code::kUnknownAccount, {});
}

Result<std::vector<Account>> Model::accounts(CustomerId id, Date date) const {
  BILLING_CHECK(customer(id));
  std::vector<Account> all;
  for (const AccountId& each : accounts_of_customer(id)) all.push_back(*account(each, date));
  std::ranges::sort(all, {}, &Account::number);
  return all;
}

Result<std::vector<Account>> Model::children(AccountId parent, Date date) const {
  BILLING_TRY(found, account(parent, date));
  std::vector<Account> all;
  for (const auto& [child, above] : parents_at(found.customer, date)) {
    if (above == parent) all.push_back(*account(child, date));
  }
  return all;
}

Result<std::vector<Account>> Model::roots(CustomerId id, Date date) const {
  BILLING_CHECK(customer(id));
  std::vector<Account> all;
  for (const auto& [child, above] : parents_at(id, date)) {
    if (above.nil()) all.push_back(*account(child, date));
  }
  return all;
}

Result<std::vector<AccountId>> Model::ancestors(AccountId id, Date date) const {
  BILLING_TRY(found, account(id, date));
  const auto parents = parents_at(found.customer, date);
  std::vector<AccountId> above;
  for (auto at = parents.find(id); at != parents.end() && !at->second.nil(); at = parents.find(at->second)) {
    above.push_back(at->second);
  }
  return above;
}

Result<std::vector<Contact>> Model::contacts(AccountId id) const {
  BILLING_CHECK(account(id, kNow));
  std::vector<Contact> all;
  if (const auto* event = last<account::ContactsChanged>([&](const auto& fact) { return fact.id == id; })) {
    for (const account::Contact& one : std::get<account::ContactsChanged>(event->event).contacts) {
      all.push_back({one.person, one.role, one.personal});
    }
  }
  return all;
}

std::vector<RolePeriod> Model::roles(AccountId id) const {
  std::vector<RolePeriod> periods;
  for (const codec::Envelope& event : events_) {
    if (const auto* opened = std::get_if<account::Opened>(&event.event); opened && opened->id == id) {
      periods.push_back({opened->opened_on, opened->role});
    }
    const auto* changed = std::get_if<account::RoleChanged>(&event.event);
    if (changed == nullptr || changed->id != id) continue;
    // The last word on a day counts; the role of the opening stays as the first.
    if (periods.size() > 1 && periods.back().from == changed->from) periods.pop_back();
    periods.push_back({changed->from, changed->new_role});
  }
  return periods;
}

InvoicingRole Model::role_at(AccountId id, Date date) const {
  const std::vector<RolePeriod> periods = roles(id);
  InvoicingRole role = periods.front().role;
  for (const RolePeriod& period : periods) {
    if (period.from <= date) role = period.role;
  }
  return role;
}

std::optional<Address> Model::address(AccountId id) const {
  const auto* event = last<account::AddressChanged>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr) return std::nullopt;
  const auto& changed = std::get<account::AddressChanged>(event->event);
  return Address{changed.person, changed.personal, event->version};
}

bool Model::frozen(AccountId id) const {
  bool frozen = false;
  for (const codec::Envelope& event : events_) {
    if (event.stream != StreamId{StreamKind::kAccount, id.uuid}) continue;
    if (std::holds_alternative<account::Frozen>(event.event)) frozen = true;
    if (std::holds_alternative<account::Unfrozen>(event.event)) frozen = false;
  }
  return frozen;
}

Result<Standing> Model::standing(AccountId id, Date date) const {
  BILLING_TRY(above, ancestors(id, date));
  // The nearest account from `begin` on, itself first, with at least this role; a root always owns and pays.
  std::vector<AccountId> chain{id};
  chain.insert(chain.end(), above.begin(), above.end());
  const auto nearest = [&](std::size_t begin, InvoicingRole least) {
    while (begin + 1 < chain.size() && role_at(chain[begin], date) < least) ++begin;
    return begin;
  };
  Standing standing{.roles = roles(id), .role = above.empty() ? InvoicingRole::kPayer : role_at(id, date)};
  for (const RolePeriod& period : standing.roles) {
    if (period.from > date && !standing.next_role) standing.next_role = period;
  }
  const std::size_t owner = nearest(0, InvoicingRole::kOwner);
  standing.invoiced_by = chain[owner];
  standing.paid_by = chain[nearest(owner, InvoicingRole::kPayer)];
  if (frozen(id)) {
    const auto* event = last<account::Frozen>([&](const auto& fact) { return fact.id == id; });
    const auto& fact = std::get<account::Frozen>(event->event);
    standing.frozen = Freeze{fact.check, fact.detail, event->recorded};
  }
  standing.address = address(id);
  return standing;
}

Result<CustomerId> Model::customer_of(const Scope& scope) const {
  if (scope.kind == ScopeKind::kCustomer) {
    BILLING_TRY(found, customer(scope.customer));
    return found.id;
  }
  if (scope.kind == ScopeKind::kGroup) {
    BILLING_TRY(found, grouping(scope.grouping));
    return found.grouping.customer;
  }
  const auto* event = first<account::Opened>([&](const auto& fact) { return fact.id == scope.account; });
  if (event == nullptr) return refuse(Code::kUnknownAccount, {});
  return event->customer;
}

Result<std::vector<AccountId>> Model::accounts_of(const Scope& scope, Date date) const {
  BILLING_TRY(customer, customer_of(scope));
  Accounts accounts, tops;
  if (scope.kind == ScopeKind::kCustomer) accounts = accounts_of_customer(customer);
  if (scope.kind == ScopeKind::kAccount) accounts.insert(scope.account);
  if (scope.kind == ScopeKind::kSubtree) tops.insert(scope.account);
  if (scope.kind == ScopeKind::kGroup) {
    const auto all = groups(scope.grouping);
    if (!scope.group.nil() && !all.contains(scope.group)) return refuse(Code::kUnknownGroup, {});
    for (const auto& [id, group] : all) {
      // The asked group is it, or above it.
      std::optional<GroupId> above = id;
      while (above && *above != scope.group) above = all.at(*above).parent;
      if (!above && !scope.group.nil()) continue;
      for (const GroupMember& member : group.members) {
        if (member.from > date || (member.until && *member.until <= date)) continue;
        (member.with_subtree ? tops : accounts).insert(member.account);
      }
    }
  }
  add_below(customer, date, tops);
  accounts.merge(tops);
  return std::vector(accounts.begin(), accounts.end());
}

Accounts Model::account_set(const Scope& scope, Date date) const {
  const auto list = accounts_of(scope, date);
  return list ? Accounts(list->begin(), list->end()) : Accounts();
}

std::vector<GroupMember> Model::members(GroupingId grouping, GroupId group) const {
  std::map<AccountId, std::vector<GroupMember>> stays;
  for (const codec::Envelope& event : events_) {
    if (const auto* added = std::get_if<grouping::AccountsAdded>(&event.event)) {
      if (added->id != grouping || added->group != group) continue;
      for (const AccountId& id : added->accounts) stays[id].push_back({id, added->with_subtree, added->from, {}});
    }
    if (const auto* removed = std::get_if<grouping::AccountsRemoved>(&event.event)) {
      if (removed->id != grouping || removed->group != group) continue;
      for (const AccountId& id : removed->accounts) stays[id].back().until = removed->on;
    }
    if (const auto* deleted = std::get_if<grouping::GroupDeleted>(&event.event)) {
      if (deleted->id == grouping && std::ranges::find(deleted->groups, group) != deleted->groups.end()) stays.clear();
    }
  }
  std::vector<GroupMember> all;
  for (const auto& [id, of_account] : stays) all.insert(all.end(), of_account.begin(), of_account.end());
  return all;
}

std::map<GroupId, Group> Model::groups(GroupingId grouping) const {
  std::map<GroupId, Group> all;
  for (const codec::Envelope& event : events_) {
    if (event.stream != StreamId{StreamKind::kGrouping, grouping.uuid}) continue;
    if (const auto* added = std::get_if<grouping::GroupAdded>(&event.event)) {
      all[added->group] = {added->group, added->name, added->parent, members(grouping, added->group)};
    }
    if (const auto* renamed = std::get_if<grouping::GroupRenamed>(&event.event)) {
      all[renamed->group].name = renamed->new_name;
    }
    if (const auto* nested = std::get_if<grouping::GroupNested>(&event.event)) {
      all[nested->group].parent = nested->new_parent;
    }
    if (const auto* deleted = std::get_if<grouping::GroupDeleted>(&event.event)) {
      for (const GroupId& group : deleted->groups) all.erase(group);
    }
  }
  return all;
}

Result<GroupingDetail> Model::grouping(GroupingId id) const {
  const auto* event = first<grouping::Created>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr || last<grouping::Deleted>([&](const auto& fact) { return fact.id == id; }) != nullptr) {
    return refuse(Code::kUnknownGrouping, {});
  }
  GroupingDetail detail{.grouping = {id, event->customer, std::get<grouping::Created>(event->event).name,
                                     version_of(StreamKind::kGrouping, id.uuid)}};
  if (const auto* renamed = last<grouping::Renamed>([&](const auto& fact) { return fact.id == id; })) {
    detail.grouping.name = std::get<grouping::Renamed>(renamed->event).new_name;
  }
  for (auto& [group_id, group] : groups(id)) detail.groups.push_back(group);
  std::ranges::sort(detail.groups, {}, [](const Group& group) { return std::pair(group.name, group.id); });
  return detail;
}

Result<std::vector<Grouping>> Model::groupings(CustomerId id) const {
  BILLING_CHECK(customer(id));
  std::map<GroupingId, Grouping> all;
  each<grouping::Created>([&](const codec::Envelope& event, const grouping::Created& created) {
    if (event.customer != id) return;
    if (const auto found = grouping(created.id)) all[created.id] = found->grouping;
  });
  std::vector<Grouping> list;
  for (const auto& [grouping_id, one] : all) list.push_back(one);
  return list;
}

Result<User> Model::user(UserId id) const {
  std::optional<User> user;
  for (const codec::Envelope& event : events_) {
    if (event.stream != StreamId{StreamKind::kUser, id.uuid}) continue;
    if (const auto* invited = std::get_if<user::Invited>(&event.event)) {
      user = User{.id = id, .customer = event.customer, .person = invited->person, .role = invited->role,
                  .personal = invited->personal, .invited = event.recorded};
    }
    if (const auto* edited = std::get_if<user::Edited>(&event.event)) user->personal = edited->personal;
    if (const auto* changed = std::get_if<user::RoleChanged>(&event.event)) user->role = changed->new_role;
    if (std::holds_alternative<user::Suspended>(event.event)) user->suspended = true;
    if (std::holds_alternative<user::Reinstated>(event.event)) user->suspended = false;
    user->version = event.version;
  }
  if (!user) return refuse(Code::kUnknownUser, {});
  return *user;
}

Result<std::vector<User>> Model::users(CustomerId id) const {
  BILLING_CHECK(customer(id));
  std::map<UserId, User> all;
  each<user::Invited>([&](const codec::Envelope& event, const user::Invited& invited) {
    if (event.customer == id) all[invited.id] = *user(invited.id);
  });
  std::vector<User> list;
  for (const auto& [user_id, one] : all) list.push_back(one);
  return list;
}

}  // namespace billing::views::naive
