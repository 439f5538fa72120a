// The directory of accounts: number, name, terms.
#pragma once

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct AccountRow {
  CustomerId customer{};
  std::string number{};
  std::string name{};
  Date opened_on{};
  std::optional<Date> closed_on{};
  int payment_terms_days = 30;
  int bill_cycle_day = 1;
  std::string external_id{};
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.number, row.name, row.opened_on, row.closed_on, row.payment_terms_days,
            row.bill_cycle_day, row.external_id, row.version);
  }
};

namespace accounts {
void apply(const codec::Envelope& event, Rows& rows);
}
inline Key account_key(AccountId id) { return Key(Table::kAccount).add(id); }

// Error: kUnknownAccount.
Result<AccountRow> find_account(const Source& source, AccountId id);
// Figures, parent and number of children at the end of `date`; the rest is that of now.
Result<Account> read_account(const Source& source, AccountId id, Date date);
Result<Account> read_account_by_number(const Source& source, CustomerId customer, std::string_view number, Date date);
Result<Page<Account>> list_accounts(const Source& source, CustomerId customer, Date date, const PageRequest& page);
// The accounts directly below `parent` at the end of `date`; a nil parent lists the roots.
Result<Page<Account>> list_children(const Source& source, CustomerId customer, AccountId parent, Date date,
                                    const PageRequest& page);

}  // namespace billing::views
