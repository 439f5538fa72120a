#include "projections/history_testing.h"

namespace billing::views {

RandomHistory::RandomHistory(std::uint64_t seed) : random(seed) {
  const auto made = history.made<customer::Created>(
      customer::Create{.id = {}, .name = "Acme", .currency = *Currency::parse("USD"), .external_id = "crm-1"});
  customer = made.id;
  open_account();
  grouping = history.made<grouping::Created>(grouping::Create{.id = {}, .customer = customer, .name = "Regions"}).id;
}

void RandomHistory::run(std::size_t commands) {
  for (std::size_t i = 0; i < commands; ++i) one();
}

void RandomHistory::one() {
  switch (below(16)) {
    case 0: return open_account();
    case 1: {
      if (below(3) == 0) history.today = history.today.plus_days(static_cast<std::int32_t>(below(25)));
      std::optional<AccountId> parent;
      if (below(4) != 0) parent = any_account();
      (void)history.run(hierarchy::Move{.account = any_account(), .new_parent = parent});
      return;
    }
    case 2:
      (void)history.run(account::Rename{
          .id = any_account(), .name = "Name " + std::to_string(below(1000)), .reason = "merger"});
      return;
    case 3: history.today = history.today.plus_days(static_cast<std::int32_t>(below(25))); return;
    case 4: return draft_invoice();
    case 5: case 6: case 7: return issue_invoice();
    case 8: case 9: case 10: return pay();
    case 11: case 12: return give_credit();
    case 13: return dispute_something();
    default: return change_groups();
  }
}

void RandomHistory::open_account() {
  account::Open open{.id = {},
                     .customer = customer,
                     .number = "A" + std::to_string(accounts.size() + 1),
                     .name = "Site " + std::to_string(accounts.size() + 1),
                     .parent = std::nullopt,
                     .opened_on = history.today.plus_days(below(2) == 0 ? -400 : -static_cast<std::int32_t>(below(100))),
                     .payment_terms_days = static_cast<int>(below(45)),
                     .bill_cycle_day = 1,
                     .external_id = {},
                     .role = static_cast<account::InvoicingRole>(1 + below(3))};
  if (!accounts.empty() && below(5) != 0) open.parent = any_account();
  const auto added = history.run(open);
  if (added) accounts.push_back(std::get<account::Opened>(added->front().event).id);
}

AccountId RandomHistory::any_billed_by(AccountId owner, Date date) {
  for (int tries = 0; tries < 6; ++tries) {
    const AccountId account = any_account();
    if (account::invoice_owner(history.state(), account, date) == owner) return account;
  }
  return owner;
}

void RandomHistory::issue_invoice() {
  const Date date = history.today.plus_days(-static_cast<std::int32_t>(below(120)));
  const AccountId owner = account::invoice_owner(history.state(), any_account(), date);
  invoice::Issue issue{.header = {.id = {}, .account = owner, .purchase_order = {}, .memo = {}, .external_id = {}},
                       .lines = {},
                       .document_date = date,
                       .due_date = std::nullopt,
                       .imported_number = std::nullopt,
                       .currency = std::nullopt};
  const std::size_t lines = 1 + below(3);
  for (std::size_t i = 0; i < lines; ++i) {
    issue.lines.push_back(a_line(any_billed_by(owner, date), static_cast<std::int64_t>(below(20'000)),
                                 static_cast<std::int64_t>(below(2) * 100)));
  }
  const auto added = history.run(issue);
  if (added) invoices.push_back(std::get<invoice::Issued>(added->front().event).header.id);
}

void RandomHistory::draft_invoice() {
  const AccountId owner = account::invoice_owner(history.state(), any_account(), history.today);
  const auto line = [&](std::int64_t net, std::int64_t tax = 0) {
    return a_line(any_billed_by(owner, history.today), net, tax);
  };
  const auto added = history.run(
      invoice::Draft{.header = {.id = {}, .account = owner, .purchase_order = "PO", .memo = {}, .external_id = {}},
                     .lines = {line(500, 100)}});
  if (!added) return;
  const InvoiceId id = std::get<invoice::Drafted>(added->front().event).header.id;
  (void)history.run(invoice::AddLines{.id = id, .lines = {line(700), line(0)}});
  if (below(2) == 0) (void)history.run(invoice::ReplaceLines{.id = id, .first = 1, .count = 1, .lines = {line(650)}});
  if (below(3) == 0) {
    (void)history.run(invoice::Discard{.id = id});
    return;
  }
  invoice::Issue issue{.header = {}, .lines = {}, .document_date = std::nullopt, .due_date = std::nullopt,
                       .imported_number = std::nullopt, .currency = std::nullopt, .draft = true};
  issue.header.id = id;
  if (history.run(issue)) invoices.push_back(id);
}

void RandomHistory::pay() {
  payment::Record record{.id = {},
                         .account = any_account(),
                         .amount = static_cast<std::int64_t>(1 + below(15'000)),
                         .currency = *Currency::parse("USD"),
                         .method = payment::Method::kWire,
                         .reference = "wire",
                         .external_id = {},
                         .received_on = history.today.plus_days(-static_cast<std::int32_t>(below(40))),
                         .instructions = std::nullopt};
  if (!invoices.empty() && below(2) == 0) {
    const InvoiceId id = invoices[below(invoices.size())];
    const auto found = history.state().invoices.find(id);
    if (found != history.state().invoices.end() && found->second.open > 0) {
      record.instructions = {{.invoice = id, .amount = std::min(record.amount, found->second.open)}};
      if (below(2) == 0) record.amount = record.instructions->front().amount = found->second.open;
    }
  }
  (void)history.run(record);
}

void RandomHistory::give_credit() {
  credit_note::Issue issue{.id = {}, .account = any_account(), .invoice = std::nullopt, .lines = {},
                           .reason = "goodwill", .external_id = {}, .document_date = std::nullopt,
                           .imported_number = std::nullopt, .currency = std::nullopt};
  if (below(2) == 0) issue.document_date = history.today.plus_days(-static_cast<std::int32_t>(below(90)));
  issue.lines.push_back(a_line(issue.account, static_cast<std::int64_t>(1 + below(3'000))));
  issue.lines.back().revenue_code = 4900;
  (void)history.run(issue);
}

void RandomHistory::dispute_something() {
  if (invoices.empty()) return;
  const auto some_day = [&]() -> std::optional<Date> {
    if (below(2) == 0) return std::nullopt;
    return history.today.plus_days(-static_cast<std::int32_t>(below(60)));
  };
  if (below(2) == 0) {
    dispute::Open open{.id = {}, .invoice = invoices[below(invoices.size())], .amount = std::nullopt,
                       .currency = std::nullopt, .reason = "not ordered", .opened_on = some_day()};
    if (below(2) == 0) open.amount = static_cast<std::int64_t>(1 + below(5'000));
    (void)history.run(open);
    return;
  }
  for (const auto& [id, disputed] : history.state().disputes) {
    if (disputed.closed) continue;
    const DisputeId open = id;  // the state changes below
    (void)history.run(dispute::Close{.id = open, .outcome = dispute::Outcome::kRejected, .closed_on = some_day()});
    return;
  }
}

void RandomHistory::change_groups() {
  if (groups.empty() || below(6) == 0) {
    std::optional<GroupId> parent;
    if (!groups.empty() && below(2) == 0) parent = groups[below(groups.size())];
    const auto added = history.run(grouping::AddGroup{
        .id = grouping, .group = {}, .name = "G" + std::to_string(groups.size()), .parent = parent});
    if (added) groups.push_back(std::get<grouping::GroupAdded>(added->front().event).group);
    return;
  }
  const GroupId group = groups[below(groups.size())];
  if (below(4) == 0) {
    (void)history.run(grouping::NestGroup{.id = grouping, .group = group, .parent = groups[below(groups.size())]});
  } else if (below(3) == 0) {
    (void)history.run(grouping::RemoveAccounts{.id = grouping, .group = group, .accounts = {any_account()}});
  } else {
    (void)history.run(grouping::AddAccounts{.id = grouping, .group = group, .accounts = {any_account()},
                                            .with_subtree = below(2) == 0,
                                            .from = history.today.plus_days(-static_cast<std::int32_t>(below(60)))});
  }
}

}  // namespace billing::views
