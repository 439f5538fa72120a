// How accounts stand: their roles by day, whether they are frozen, and the events that hold their postal addresses. An
// account that was never anything but rolled up, without address, has no row.
#pragma once

#include "projections/model_accounts.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct RoleRow {
  Date from{};
  account::InvoicingRole role = account::InvoicingRole::kRolledUp;
  static void fields(auto& row, auto& archive) { archive(row.from, row.role); }
};
struct StandingRow {
  std::vector<RoleRow> roles{};  // by day; the first holds from the beginning
  Position frozen = 0;           // of the event that froze it; 0: it is not frozen
  std::uint64_t address_version = 0;
  static void fields(auto& row, auto& archive) { archive(row.roles, row.frozen, row.address_version); }
};

namespace standings {
void apply(const codec::Envelope& event, Rows& rows);
}

// Error: kUnknownAccount.
Result<Standing> read_standing(const Source& source, AccountId id, Date date);
// Which account pays what is charged to this one from `date` on. Error: kUnknownAccount.
Result<AccountId> payer_of(const Source& source, AccountId id, Date date);
// Whether the account is frozen now.
Result<bool> is_frozen(const Source& source, AccountId id);
// The address that this version of the account's stream set; none when it set none.
Result<std::optional<Address>> read_address(const Source& source, AccountId id, std::uint64_t version);
// The name of an account after the events up to `position`; `now` is the name that it has now.
Result<std::string> name_at(const Source& source, AccountId id, Position position, std::string now);

}  // namespace billing::views
