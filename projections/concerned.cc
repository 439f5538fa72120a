#include "projections/concerned.h"

#include <algorithm>

#include "projections/money_flow.h"
#include "projections/overloaded.h"

namespace billing::views {
namespace {

using Maybe = std::optional<AccountId>;

template <class T>
concept NamesAccount = requires(const T& event) {
  { event.account } -> std::convertible_to<AccountId>;
};

void add_once(std::vector<AccountId>& accounts, AccountId account) {
  if (std::ranges::find(accounts, account) == accounts.end()) accounts.push_back(account);
}

void add_named(std::vector<AccountId>& accounts, const Event& event) {
  const auto lines = [&](const std::vector<Line>& all) {
    for (const Line& line : all) add_once(accounts, line.service_account);
  };
  std::visit(Overloaded{[&](const hierarchy::Moved& e) {
                          if (e.old_parent) add_once(accounts, *e.old_parent);
                          if (e.new_parent) add_once(accounts, *e.new_parent);
                        },
                        [&](const invoice::Issued& e) {
                          if (!e.payer.nil()) add_once(accounts, e.payer);
                          for (const Share& share : e.shares) add_once(accounts, share.account);
                        },
                        [&](const credit_note::Issued& e) { lines(e.lines); },
                        [&](const receivables::CreditTransferred& e) { add_once(accounts, e.to_account); },
                        [](const auto&) {}},
             event);
}

}  // namespace

std::optional<AccountId> account_of(const Event& event) {
  return std::visit(Overloaded{[](const account::Opened& e) { return Maybe(e.id); },
                               [](const account::Renamed& e) { return Maybe(e.id); },
                               [](const account::TermsChanged& e) { return Maybe(e.id); },
                               [](const account::ContactsChanged& e) { return Maybe(e.id); },
                               [](const account::AddressChanged& e) { return Maybe(e.id); },
                               [](const account::RoleChanged& e) { return Maybe(e.id); },
                               [](const account::Frozen& e) { return Maybe(e.id); },
                               [](const account::Unfrozen& e) { return Maybe(e.id); },
                               [](const account::Closed& e) { return Maybe(e.id); },
                               [](const invoice::Drafted& e) { return Maybe(e.header.account); },
                               [](const invoice::Issued& e) { return Maybe(e.header.account); },
                               [](const receivables::CreditTransferred& e) { return Maybe(e.from_account); },
                               []<class T>(const T& e) {
                                 if constexpr (NamesAccount<T>) {
                                   return Maybe(e.account);
                                 } else {
                                   return Maybe();
                                 }
                               }},
                    event);
}

std::vector<AccountId> concerned_accounts(const Event& event) {
  std::vector<AccountId> accounts;
  if (const auto account = account_of(event)) accounts.push_back(*account);
  add_named(accounts, event);
  for (const AllocationChange& change : allocation_changes(event)) {
    for (const Allocation& allocation : *change.allocations) add_once(accounts, allocation.account);
  }
  for (const CreditChange& change : credit_changes(event)) add_once(accounts, change.account);
  return accounts;
}

}  // namespace billing::views
