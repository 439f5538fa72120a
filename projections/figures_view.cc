#include "projections/figures_view.h"

#include <algorithm>
#include <array>

#include "projections/days.h"
#include "projections/hierarchy_view.h"
#include "projections/open_shares.h"
#include "projections/paid_change.h"

namespace billing::views {
namespace {

Key now_key(const Uuid& id, Part part) { return Key(Table::kFigures).add(id).add(static_cast<std::uint8_t>(part)); }
Key days_prefix(const Uuid& id) { return Key(Table::kDayFigures).add(id); }

void add_at(Rows& rows, const Key& key, const Figures& change, int sign) {
  std::string& bytes = rows.edit(key);
  auto sum = bytes.empty() ? std::optional(Figures{}) : parse_row<Figures>(bytes);
  if (!sum) return rows.damaged(key);
  sum->add(change, sign);
  if (sum->zero()) return rows.erase(key);
  write_row(*sum, bytes);
}

// What the account and all below it have now.
Figures subtree_of(Rows& rows, AccountId account) {
  Figures sum;
  for (const Part part : {Part::kOwn, Part::kBelow}) {
    if (const auto row = rows.load<Figures>(now_key(account.uuid, part))) sum.add(*row);
  }
  return sum;
}

std::optional<Figures> parse_figures(std::string_view bytes, Detail detail) {
  if (detail == Detail::kDues) return parse_row<Figures>(bytes);
  Figures sums;
  RowReader reader(bytes);
  Figures::sums(sums, reader);
  return reader.ok() ? std::optional(sums) : std::nullopt;
}

// The parts that the figures of a scope are the sum of.
std::span<const Part> parts_of(ScopeKind kind) {
  static constexpr std::array kParts{Part::kOwn, Part::kBelow, Part::kWhole};
  const std::span all(kParts);
  if (kind == ScopeKind::kCustomer) return all.subspan(2);
  return all.first(kind == ScopeKind::kAccount ? 1 : 2);
}

const Uuid& id_of(const Scope& scope) {
  return scope.kind == ScopeKind::kCustomer ? scope.customer.uuid : scope.account.uuid;
}

// Takes what was posted on the days after `date` off the figures of now. A row's key ends with its part.
Result<void> take_later(store::Walk& days, const Scope& scope, Date date, Detail detail, Figures& figures) {
  const std::span<const Part> parts = parts_of(scope.kind);
  const Key prefix = days_prefix(id_of(scope));
  std::optional<Error> error;
  BILLING_CHECK(days.scan(Key(prefix).add(date.plus_days(1)), prefix_end(prefix),
                          [&](std::string_view key, std::string_view value) {
    if (std::ranges::find(parts, static_cast<Part>(key.back())) == parts.end()) return true;
    const auto row = parse_figures(value, detail);
    if (row) figures.add(*row, -1);
    else error = unreadable_row(key);
    return row.has_value();
  }));
  if (error) return std::unexpected(std::move(*error));
  return {};
}

void collect(const codec::Envelope& event, FigureChanges& changes) {
  const auto totals = [&](AccountId account) -> Totals& {
    return changes[{event.customer, account, day_of(event)}].totals;
  };
  for (const Posting& posting : event.postings) {
    if (!posting.account) continue;
    if (posting.ledger == Ledger::kReceivables) totals(*posting.account).open += posting.amount;
    if (posting.ledger == Ledger::kUnappliedCredit) totals(*posting.account).unapplied -= posting.amount;
  }
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
    for (const Share& share : issued->shares) totals(share.account).billed += share.amount;
  }
  if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
    for (const Line& line : note->lines) totals(line.service_account).credited += line.net + tax_of(line);
  }
  if (const auto paid = paid_change(event.event)) totals(paid->account).paid += paid->amount;
  if (const auto* opened = std::get_if<account::Opened>(&event.event)) {
    changes[{event.customer, opened->parent.value_or(AccountId{}), opened->opened_on}].children += 1;
  }
}

void move(const codec::Envelope& event, const hierarchy::Moved& moved, Rows& rows, FigureChanges& changes) {
  const Date on = note_day(rows, event.customer, moved.on);
  const auto chain = [&](const std::optional<AccountId>& parent) {
    std::vector<AccountId> ids;
    if (!parent) return ids;
    ids = hierarchies::ancestors(rows, *parent, on);
    ids.push_back(*parent);
    return ids;
  };
  const std::vector<AccountId> before = chain(moved.old_parent), after = chain(moved.new_parent);
  const std::vector<AccountId> left = without(before, after), entered = without(after, before);
  Figures sums = subtree_of(rows, moved.account);
  open_shares::move(moved.account, on, left, entered, sums, rows);
  for (const AccountId& id : left) figures::add(rows, below(id), on, sums, -1);
  for (const AccountId& id : entered) figures::add(rows, below(id), on, sums);
  changes[{event.customer, moved.old_parent.value_or(AccountId{}), on}].children -= 1;
  changes[{event.customer, moved.new_parent.value_or(AccountId{}), on}].children += 1;
}

}  // namespace

void figures::apply(const codec::Envelope& event, Rows& rows, FigureChanges& changes) {
  const auto* moved = std::get_if<hierarchy::Moved>(&event.event);
  if (moved == nullptr) return collect(event, changes);
  settle(changes, rows);
  move(event, *moved, rows, changes);
}

void figures::settle(FigureChanges& changes, Rows& rows) {
  FigureChanges above;  // by ancestor; by customer where there is no account
  for (const auto& [place, change] : changes) {
    if (change.zero()) continue;
    above[{place.customer, {}, place.day}].add(change);
    if (place.account.nil()) continue;
    add(rows, own(place.account), place.day, change);
    for (const Step& step : hierarchies::steps(rows, place.account, place.day)) {
      above[{place.customer, step.ancestor, step.on}].add(change, step.sign);
    }
  }
  for (const auto& [place, change] : above) {
    if (change.zero()) continue;
    add(rows, place.account.nil() ? whole(place.customer) : below(place.account), place.day, change);
  }
  changes.clear();
}

void figures::add(Rows& rows, const Node& node, Date day, const Figures& change, int sign) {
  add_at(rows, now_key(node.id, node.part), change, sign);
  add_at(rows, days_prefix(node.id).add(day).add(static_cast<std::uint8_t>(node.part)), change, sign);
}

Result<void> figures_at(const Source& source, std::span<const Scope> scopes, Date date, bool latest, Detail detail,
                        const std::function<void(const Scope&, const Figures&)>& visit) {
  std::vector<Figures> now(scopes.size());
  std::vector<std::string> keys;
  std::vector<std::size_t> asking;  // which scope a key is of
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    for (const Part part : parts_of(scopes[i].kind)) {
      keys.push_back(now_key(id_of(scopes[i]), part).bytes());
      asking.push_back(i);
    }
  }
  std::optional<Error> error;
  BILLING_CHECK(source.rows.get_many(keys, [&](std::size_t i, std::string_view value) {
    const auto row = parse_figures(value, detail);
    if (row) now[asking[i]].add(*row);
    else error = unreadable_row(keys[i]);
  }));
  if (error) return std::unexpected(std::move(*error));
  const Key table(Table::kDayFigures);
  const auto days = latest ? nullptr : source.rows.walk(table, prefix_end(table));
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (days) BILLING_CHECK(take_later(*days, scopes[i], date, detail, now[i]));
    visit(scopes[i], now[i]);
  }
  return {};
}

Result<Figures> figures_at(const Source& source, const Scope& scope, Date date, bool latest, Detail detail) {
  Figures found;
  BILLING_CHECK(figures_at(source, {&scope, 1}, date, latest, detail,
                           [&](const Scope&, const Figures& figures) { found = figures; }));
  return found;
}

}  // namespace billing::views
