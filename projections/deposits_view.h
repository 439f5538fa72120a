// Deposits: money of customers that is held apart until it is used or given back.
#pragma once

#include "projections/days.h"
#include "projections/model_accounts.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct DepositChange {
  Date day{};
  std::int64_t used = 0;
  std::int64_t returned = 0;
  static void fields(auto& row, auto& archive) { archive(row.day, row.used, row.returned); }
};
struct DepositRow {
  CustomerId customer{};
  AccountId account{};
  std::int64_t left = 0;
  std::int64_t used = 0;
  std::int64_t returned = 0;
  Position position = 0;  // of the event that received it
  std::uint64_t version = 0;
  std::vector<DepositChange> changes{};  // one for each time that some of it was used or returned
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.account, row.left, row.used, row.returned, row.position, row.version, row.changes);
  }
};

namespace deposits {
void apply(const codec::Envelope& event, Rows& rows);
}

// Newest received first. Errors: those of scopes.
Result<Page<Deposit>> list_deposits(const Source& source, const ListQuery& query);
Result<ListSums> sum_deposits(const Source& source, const ListQuery& query);
// Error: kUnknownDeposit.
Result<DepositDetail> read_deposit(const Source& source, DepositId id);

}  // namespace billing::views
