// Invoices of several service accounts: one that has something open on two accounts of a subtree is one invoice there,
// so the numbers of accounts do not add up. For these invoices each node counts the open shares, by day.
#pragma once

#include "projections/days.h"
#include "projections/figures_view.h"

namespace billing::views {

// Of one invoice at one node. The node's part kBelow counts it while a share below is open and its own is not.
struct OpenSharesRow {
  Date due{};
  Changes own{};    // 1 while the node's own share is open
  Changes below{};  // how many shares below it are open
  static void fields(auto& row, auto& archive) { archive(row.due, row.own, row.below); }
};

namespace open_shares {
// The account's share became open (+1) or settled (-1), by day: counted at the account, its ancestors and the customer.
void change(CustomerId customer, AccountId account, InvoiceId invoice, Date due, const Changes& changes, Rows& rows);
// Takes the open shares at and below `account` from the ancestors `left` to the ancestors `entered`, and out of `sums`,
// which is what the account's subtree has.
void move(AccountId account, Date on, const std::vector<AccountId>& left, const std::vector<AccountId>& entered,
          Figures& sums, Rows& rows);
}  // namespace open_shares

}  // namespace billing::views
