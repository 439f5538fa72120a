#include "projections/listing.h"

#include "projections/standing_view.h"

namespace billing::views {

Result<AccountNames> names_of(const Source& source, AccountId account, Position position) {
  BILLING_TRY(row, find_account(source, account));
  BILLING_TRY(name, name_at(source, account, position, row.name));
  return AccountNames{.number = std::move(row.number), .name = std::move(name), .name_now = std::move(row.name)};
}

std::string amount_key(std::int64_t amount) {
  constexpr std::uint64_t kSign = 1ULL << 63U;  // negative ones first
  return Key(Table::kCheckpoint).add(static_cast<std::uint64_t>(amount) ^ kSign).bytes().substr(1);
}

std::string date_key(Date date) { return Key(Table::kCheckpoint).add(date).bytes().substr(1); }

}  // namespace billing::views
