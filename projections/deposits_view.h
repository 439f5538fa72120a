// Deposits: money of customers that is held apart until it is used or given back.
#pragma once

#include "projections/model_accounts.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct DepositRow {
  CustomerId customer{};
  AccountId account{};
  std::int64_t left = 0;
  std::int64_t used = 0;
  std::int64_t returned = 0;
  Position position = 0;  // of the event that received it
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.account, row.left, row.used, row.returned, row.position, row.version);
  }
};

namespace deposits {
void apply(const codec::Envelope& event, Rows& rows);
}

// Newest received first. Errors: those of scopes.
Result<Page<Deposit>> list_deposits(const Source& source, const Scope& scope, Date today, const PageRequest& page);
// Error: kUnknownDeposit.
Result<DepositDetail> read_deposit(const Source& source, DepositId id);

}  // namespace billing::views
