#include "projections/standing_view.h"

#include "projections/accounts_view.h"
#include "projections/hierarchy_view.h"

namespace billing::views {
namespace {

using account::InvoicingRole;

Key row_key(AccountId id) { return Key(Table::kStanding).add(id); }
Key address_key(AccountId id, std::uint64_t version) { return Key(Table::kAddress).add(id).add(version); }

void edit(Rows& rows, AccountId id, auto&& change) {
  const Key key = row_key(id);
  StandingRow row = rows.load<StandingRow>(key).value_or(StandingRow{});
  change(row);
  rows.save(key, row);
}

void change_role(StandingRow& row, const account::RoleChanged& changed) {
  if (row.roles.empty()) row.roles.push_back({Date{INT32_MIN}, changed.old_role});
  if (row.roles.back().from == changed.from && row.roles.size() > 1) {
    row.roles.back().role = changed.new_role;
  } else {
    row.roles.push_back({changed.from, changed.new_role});
  }
}

InvoicingRole role_at(const StandingRow& row, Date date) {
  InvoicingRole role = InvoicingRole::kRolledUp;
  for (const RoleRow& entry : row.roles) {
    if (entry.from > date && &entry != &row.roles.front()) break;
    role = entry.role;
  }
  return role;
}

Result<StandingRow> find(const Source& source, AccountId id) {
  BILLING_TRY(row, row_at<StandingRow>(source, row_key(id)));
  return row.value_or(StandingRow{});
}

// The nearest account, `id` itself first and `above` after it, whose role is at least `least`; else the root.
Result<AccountId> nearest(const Source& source, AccountId id, const std::vector<AccountId>& above, InvoicingRole least,
                          Date date) {
  BILLING_TRY(own, find(source, id));
  if (role_at(own, date) >= least) return id;
  for (const AccountId& account : above) {
    BILLING_TRY(row, find(source, account));
    if (role_at(row, date) >= least) return account;
  }
  return above.empty() ? id : above.back();
}

Result<void> find_owner_and_payer(const Source& source, AccountId id, Date date, Standing& standing) {
  BILLING_TRY(above, read_ancestors(source, id, date));
  if (above.empty()) standing.role = InvoicingRole::kPayer;
  BILLING_TRY(owner, nearest(source, id, above, InvoicingRole::kOwner, date));
  standing.invoiced_by = owner;
  BILLING_TRY(above_owner, read_ancestors(source, owner, date));
  BILLING_TRY(payer, nearest(source, owner, above_owner, InvoicingRole::kPayer, date));
  standing.paid_by = payer;
  return {};
}

Result<void> add_freeze(const Source& source, const StandingRow& row, Standing& standing) {
  if (row.frozen == 0) return {};
  BILLING_TRY(event, event_at(source, row.frozen));
  if (const auto* frozen = std::get_if<account::Frozen>(&event.event)) {
    standing.frozen = Freeze{frozen->check, frozen->detail, event.recorded};
  }
  return {};
}

}  // namespace

void standings::apply(const codec::Envelope& event, Rows& rows) {
  if (event.stream.kind != StreamKind::kAccount) return;
  const AccountId id{event.stream.id};
  if (const auto* opened = std::get_if<account::Opened>(&event.event)) {
    if (opened->role == InvoicingRole::kRolledUp) return;
    return rows.save_new(row_key(id), StandingRow{.roles = {{opened->opened_on, opened->role}}});
  }
  if (const auto* renamed = std::get_if<account::Renamed>(&event.event)) {
    return rows.append(Key(Table::kFormerName).add(id).add(event.position), renamed->old_name);
  }
  if (const auto* changed = std::get_if<account::RoleChanged>(&event.event)) {
    return edit(rows, id, [&](StandingRow& row) { change_role(row, *changed); });
  }
  if (std::holds_alternative<account::AddressChanged>(event.event)) {
    rows.append(address_key(id, event.version), Key(Table::kCheckpoint).add(event.position).bytes().substr(1));
    return edit(rows, id, [&](StandingRow& row) { row.address_version = event.version; });
  }
  if (std::holds_alternative<account::Frozen>(event.event)) {
    return edit(rows, id, [&](StandingRow& row) { row.frozen = event.position; });
  }
  if (std::holds_alternative<account::Unfrozen>(event.event)) {
    return edit(rows, id, [](StandingRow& row) { row.frozen = 0; });
  }
}

Result<Standing> read_standing(const Source& source, AccountId id, Date date) {
  BILLING_TRY(account, find_account(source, id));
  BILLING_TRY(row, find(source, id));
  Standing standing{.role = role_at(row, date)};
  if (row.roles.empty()) row.roles.push_back({account.opened_on, InvoicingRole::kRolledUp});
  row.roles.front().from = account.opened_on;
  for (const RoleRow& entry : row.roles) {
    standing.roles.push_back({entry.from, entry.role});
    if (entry.from > date && !standing.next_role) standing.next_role = standing.roles.back();
  }
  BILLING_CHECK(find_owner_and_payer(source, id, date, standing));
  BILLING_CHECK(add_freeze(source, row, standing));
  BILLING_TRY(address, read_address(source, id, row.address_version));
  standing.address = std::move(address);
  return standing;
}

Result<AccountId> payer_of(const Source& source, AccountId id, Date date) {
  Standing standing;
  BILLING_CHECK(find_owner_and_payer(source, id, date, standing));
  return standing.paid_by;
}

Result<bool> is_frozen(const Source& source, AccountId id) {
  BILLING_TRY(row, find(source, id));
  return row.frozen != 0;
}

Result<std::optional<Address>> read_address(const Source& source, AccountId id, std::uint64_t version) {
  if (version == 0) return std::nullopt;
  BILLING_TRY(value, source.rows.get(address_key(id, version)));
  if (!value || value->size() != 8) return std::nullopt;
  BILLING_TRY(event, event_at(source, KeyReader(*value, 0).u64()));
  const auto* changed = std::get_if<account::AddressChanged>(&event.event);
  if (changed == nullptr) return std::nullopt;
  return Address{changed->person, changed->personal, version};
}

Result<std::string> name_at(const Source& source, AccountId id, Position position, std::string now) {
  const Key prefix = Key(Table::kFormerName).add(id);
  BILLING_CHECK(source.rows.scan(Key(prefix).add(position + 1), prefix_end(prefix),
                                 [&](std::string_view, std::string_view value) {
    now = value;
    return false;
  }));
  return now;
}

}  // namespace billing::views
