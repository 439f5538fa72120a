// Every answer as of a date against plain loops over all events, on random histories: moves, documents and payments
// recorded later than they are dated, groups from days past, disputes.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "projections/history_testing.h"

namespace billing::views {
namespace {

// The state at the end of one day, from all events that are recorded by now.
struct Then {
  struct Membership {
    GroupId group;
    AccountId account;
    bool with_subtree = false;
    Date from;
    std::optional<Date> until{};
  };
  Date date;
  std::map<AccountId, std::optional<AccountId>> parents{};  // of the accounts opened by then
  std::map<AccountId, Totals> own{};
  std::map<std::pair<InvoiceId, AccountId>, std::int64_t> open{}, disputed{};
  std::map<InvoiceId, Date> due{};
  std::map<GroupId, std::optional<GroupId>> groups{};
  std::vector<Membership> memberships{};

  Then(const std::vector<codec::Envelope>& events, Date day) : date(day) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      add_hierarchy(events[i].event);
      add_money(events[i]);
      add_group(events[i].event);
      if (const auto* opened = std::get_if<dispute::Opened>(&events[i].event)) add_dispute(events, i, *opened);
    }
  }

  void add_hierarchy(const Event& event) {
    if (const auto* opened = std::get_if<account::Opened>(&event); opened != nullptr && opened->opened_on <= date) {
      parents[opened->id] = opened->parent;
    }
    if (const auto* moved = std::get_if<hierarchy::Moved>(&event); moved != nullptr && moved->on <= date) {
      parents[moved->account] = moved->new_parent;
    }
  }
  void add_money(const codec::Envelope& event) {
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) due[issued->header.id] = issued->due_date;
    if (!event.posting_date || *event.posting_date > date) return;
    for (const Posting& posting : event.postings) {
      if (posting.ledger == Ledger::kReceivables) {
        own[*posting.account].open += posting.amount;
        open[{InvoiceId{*posting.item}, *posting.account}] += posting.amount;
      }
      if (posting.ledger == Ledger::kUnappliedCredit) own[*posting.account].unapplied -= posting.amount;
    }
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      for (const Share& share : issued->shares) own[share.account].billed += share.amount;
    }
    if (const auto* paid = std::get_if<payment::Recorded>(&event.event)) own[paid->account].paid += paid->amount;
    if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
      for (const Line& line : note->lines) own[line.service_account].credited += line.net + tax_of(line);
    }
  }
  // Spread over what the shares have open when it is recorded, and in force from its day to the day of its closing.
  void add_dispute(const std::vector<codec::Envelope>& events, std::size_t at, const dispute::Opened& opened) {
    if (opened.opened_on > date) return;
    for (const auto& event : events) {
      const auto* closed = std::get_if<dispute::Closed>(&event.event);
      if (closed != nullptr && closed->id == opened.id && closed->closed_on <= date) return;
    }
    std::vector<Share> shares;
    for (std::size_t i = 0; i < at; ++i) {
      const auto* issued = std::get_if<invoice::Issued>(&events[i].event);
      if (issued != nullptr && issued->header.id == opened.invoice) {
        for (const Share& share : issued->shares) shares.push_back({share.account, 0});
      }
      for (const Posting& posting : events[i].postings) {
        if (posting.ledger != Ledger::kReceivables || posting.item != opened.invoice.uuid) continue;
        std::ranges::find(shares, *posting.account, &Share::account)->amount += posting.amount;
      }
    }
    std::vector<std::int64_t> weights;
    for (const Share& share : shares) weights.push_back(share.amount);
    const auto amounts = allocate(opened.amount, weights);
    for (std::size_t i = 0; i < shares.size(); ++i) disputed[{opened.invoice, shares[i].account}] += amounts[i];
  }
  void add_group(const Event& event) {
    if (const auto* added = std::get_if<grouping::GroupAdded>(&event)) groups[added->group] = added->parent;
    if (const auto* nested = std::get_if<grouping::GroupNested>(&event)) groups[nested->group] = nested->new_parent;
    if (const auto* added = std::get_if<grouping::AccountsAdded>(&event)) {
      for (const AccountId& id : added->accounts) {
        memberships.push_back({added->group, id, added->with_subtree, added->from});
      }
    }
    if (const auto* removed = std::get_if<grouping::AccountsRemoved>(&event)) {
      for (Membership& one : memberships) {
        const bool named = std::ranges::find(removed->accounts, one.account) != removed->accounts.end();
        if (one.group == removed->group && named && !one.until) one.until = removed->on;
      }
    }
  }

  std::vector<AccountId> above(AccountId account) const {
    std::vector<AccountId> chain;
    for (auto found = parents.find(account); found != parents.end() && found->second;
         found = parents.find(*found->second)) {
      chain.push_back(*found->second);
    }
    return chain;
  }
  std::set<AccountId> subtree(AccountId top) const {
    std::set<AccountId> found{top};
    for (const auto& [account, parent] : parents) {
      const auto chain = above(account);
      if (std::ranges::find(chain, top) != chain.end()) found.insert(account);
    }
    return found;
  }
  std::set<AccountId> children(std::optional<AccountId> of) const {
    std::set<AccountId> found;
    for (const auto& [account, parent] : parents) {
      if (parent == of) found.insert(account);
    }
    return found;
  }
  // nullopt: of all groups.
  std::set<AccountId> members(std::optional<GroupId> top) const {
    std::set<AccountId> found;
    for (const Membership& one : memberships) {
      bool inside = !top;
      for (std::optional<GroupId> at = one.group; at && !inside; at = groups.at(*at)) inside = at == top;
      if (!inside || date < one.from || (one.until && *one.until <= date)) continue;
      found.insert(one.account);
      if (one.with_subtree) found.merge(subtree(one.account));
    }
    return found;
  }
  Totals sum(const std::set<AccountId>& accounts) const {
    Totals total;
    for (const auto& [account, figures] : own) {
      if (!accounts.contains(account)) continue;
      total.billed += figures.billed;
      total.credited += figures.credited;
      total.paid += figures.paid;
      total.open += figures.open;
      total.unapplied += figures.unapplied;
    }
    return total;
  }
};

struct Aged {
  std::array<Bucket, 5> buckets{};
  std::int64_t total = 0, disputed = 0, overdue = 0;
  std::uint32_t invoices = 0;
  std::optional<Date> next_due{};
  friend bool operator==(const Aged&, const Aged&) = default;
};

Aged aged(const Then& then, const std::set<AccountId>& accounts) {
  Aged sum;
  std::set<InvoiceId> counted;
  for (const auto& [item, open] : then.open) {
    if (!accounts.contains(item.second)) continue;
    const Date due = then.due.at(item.first);
    const int late = then.date.days - due.days;
    Bucket& bucket = sum.buckets[late <= 0 ? 0 : late > 90 ? 4 : static_cast<std::size_t>((late - 1) / 30) + 1];
    bucket.amount += open;
    sum.total += open;
    if (late > 0) sum.overdue += open;
    if (open <= 0) continue;
    if (const auto found = then.disputed.find(item); found != then.disputed.end()) {
      sum.disputed += std::min(found->second, open);
    }
    if (counted.insert(item.first).second) ++bucket.count;
    if (late <= 0 && (!sum.next_due || due < *sum.next_due)) sum.next_due = due;
  }
  sum.invoices = static_cast<std::uint32_t>(counted.size());
  return sum;
}

Aged aged(const Summary& summary) {
  const Ageing& a = summary.ageing;
  return {.buckets = {a.current, a.days_1_30, a.days_31_60, a.days_61_90, a.days_over_90},
          .total = a.total,
          .disputed = a.disputed,
          .overdue = a.overdue,
          .invoices = a.invoices,
          .next_due = summary.next_due_date};
}

std::set<AccountId> ids(const std::vector<Account>& accounts) {
  std::set<AccountId> found;
  for (const Account& account : accounts) found.insert(account.id);
  return found;
}

// `opened`: how many of the accounts are opened by then.
void compare_scope(const Reader& reader, const Then& then, const Scope& scope, const std::set<AccountId>& accounts,
                   std::size_t opened) {
  const auto found = reader.accounts_of(scope, then.date);
  RC_ASSERT(found.has_value());
  RC_ASSERT(std::set(found->begin(), found->end()) == accounts);
  const auto summary = reader.summary(scope, then.date);
  RC_ASSERT(summary.has_value());
  RC_ASSERT(summary->accounts == opened);
  RC_ASSERT(summary->totals == then.sum(accounts));
  RC_ASSERT(aged(*summary) == aged(then, accounts));
  std::int64_t open = 0, disputed = 0;
  for (const OpenItem& item : reader.open_items(scope, then.date, {.limit = kPageMax, .cursor = {}})->items) {
    open += item.open;
    disputed += item.disputed;
  }
  RC_ASSERT(open == summary->ageing.total);
  RC_ASSERT(disputed == summary->ageing.disputed);
}

void compare(const RandomHistory& made, const Reader& reader, Date date) {
  const Then then(made.history.events(), date);
  for (const AccountId& id : made.accounts) {
    compare_scope(reader, then, Scope::only(id), {id}, 1);
    compare_scope(reader, then, Scope::subtree(id), then.subtree(id), then.subtree(id).size());
    const auto account = reader.account(id, date);
    RC_ASSERT(account.has_value());
    RC_ASSERT(account->own == then.sum({id}));
    RC_ASSERT(account->subtree == then.sum(then.subtree(id)));
    RC_ASSERT(account->children == then.children(id).size());
    RC_ASSERT(ids(reader.children(id, {.limit = kPageMax, .cursor = {}}, date)->items) == then.children(id));
    if (then.parents.contains(id)) {
      RC_ASSERT(account->parent == then.parents.at(id));
      RC_ASSERT(*reader.ancestors(id, date) == then.above(id));
    }
  }
  compare_scope(reader, then, Scope::whole(made.customer), {made.accounts.begin(), made.accounts.end()},
                then.parents.size());
  RC_ASSERT(ids(reader.roots(made.customer, {.limit = kPageMax, .cursor = {}}, date)->items) ==
            then.children(std::nullopt));
  for (const GroupId& group : made.groups) {
    const auto members = then.members(group);
    compare_scope(reader, then, Scope::of_group(made.grouping, group), members, members.size());
  }
  const auto members = then.members(std::nullopt);
  compare_scope(reader, then, Scope::of_grouping(made.grouping), members, members.size());
}

// Today, a later day, some days at random, and every move's day with the day before.
std::set<Date> asked_days(RandomHistory& made) {
  std::set<Date> days{made.history.today, made.history.today.plus_days(40)};
  for (int i = 0; i < 4; ++i) days.insert(made.history.today.plus_days(-static_cast<std::int32_t>(made.below(250))));
  std::vector<Date> moves;
  for (const auto& event : made.history.events()) {
    if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event)) moves.push_back(moved->on);
  }
  for (int i = 0; i < 3 && !moves.empty(); ++i) {
    const Date day = moves[made.below(moves.size())];
    days.insert({day, day.plus_days(-1)});
  }
  return days;
}

RC_GTEST_PROP(AsOf, EveryAnswerEqualsARefoldOfAllEvents, ()) {
  RandomHistory made(*rc::gen::arbitrary<std::uint64_t>());
  made.run(*rc::gen::inRange<std::size_t>(1, 300));
  const auto tables = fold_in_memory(made.history);
  const Reader reader(tables->snapshot(), made.history.log(), made.history.keys());
  for (const Date day : asked_days(made)) compare(made, reader, day);
}

}  // namespace
}  // namespace billing::views
