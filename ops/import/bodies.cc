#include "ops/import/bodies.h"

#include <algorithm>

#include "ledger/base/assert.h"
#include "ops/import/command_line.h"

namespace billing::import {
namespace {

constexpr std::size_t kMembersMax = 1'000;  // of one command

std::string_view text_or(const std::string* text, std::string_view otherwise) {
  return text != nullptr ? std::string_view(*text) : otherwise;
}

void write_settled(JsonWriter& body, const RowValues& row) {
  if (row.get("settled_amount") == nullptr) return;
  body.key("settled");
  body.begin_object();
  for (const auto& [member, field] :
       {std::pair{"amount", "settled_amount"}, std::pair{"currency", "settled_currency"},
        std::pair{"rate", "settled_rate"}, std::pair{"source", "settled_source"}}) {
    if (const std::string* value = row.get(field)) body.member(member, *value);
  }
  body.end_object();
}

std::string account_command(const Target& target, const RowValues& row) {
  const std::string& key = *row.get("key");
  const std::string* const number = row.get("number");
  const std::string& shown = number != nullptr ? *number : key;
  const std::string* const name = row.get("name");
  CommandLine open(target, "account.open", key);
  open.body().member("id", object_id<AccountId>(target.name, key));
  open.body().member("customer", target.customer);
  open.body().member("number", shown);
  open.body().member("name", name != nullptr ? *name : shown);
  reference<AccountId>(open.body(), "parent", target, row.get("parent"));
  open.copy(row, {"opened_on", "external_id", "role"});
  open.number("payment_terms_days", row, "terms");
  open.number("bill_cycle_day", row, "bill_cycle_day");
  return open.end();
}

std::string payment_command(const Target& target, const RowValues& row) {
  const std::string& key = *row.get("key");
  const std::string* const amount = row.get("amount");
  CommandLine record(target, "payment.record", key);
  record.body().member("id", object_id<PaymentId>(target.name, key));
  reference<AccountId>(record.body(), "account", target, row.get("account"));
  if (amount != nullptr) record.money("amount", *amount, target.currency);
  record.body().member("method", text_or(row.get("method"), "wire"));
  record.copy(row, {"received_on", "reference", "external_id"});
  write_settled(record.body(), row);
  const std::string* const invoice = row.get("invoice");
  if (invoice != nullptr && amount != nullptr) {
    record.body().key("allocations");
    record.body().begin_array();
    record.body().begin_object();
    reference<InvoiceId>(record.body(), "invoice", target, invoice);
    record.body().member("amount", *amount);
    record.body().member("at_most", true);  // more than the invoice has open is no reason to refuse it
    record.body().end_object();
    record.body().end_array();
  }
  return record.end();
}

std::string dispute_command(const Target& target, const RowValues& row) {
  const std::string& key = *row.get("key");
  CommandLine open(target, "dispute.open", key);
  open.body().member("id", object_id<DisputeId>(target.name, key));
  reference<InvoiceId>(open.body(), "invoice", target, row.get("invoice"));
  if (const std::string* amount = row.get("amount")) open.money("amount", *amount, target.currency);
  open.body().member("reason", text_or(row.get("reason"), "imported"));
  open.copy(row, {"opened_on"});
  return open.end();
}

std::string deposit_command(const Target& target, const RowValues& row) {
  const std::string& key = *row.get("key");
  CommandLine receive(target, "deposit.receive", key);
  receive.body().member("id", object_id<DepositId>(target.name, key));
  reference<AccountId>(receive.body(), "account", target, row.get("account"));
  if (const std::string* amount = row.get("amount")) receive.money("amount", *amount, target.currency);
  receive.body().member("method", text_or(row.get("method"), "wire"));
  receive.copy(row, {"received_on", "reference"});
  return receive.end();
}

// Requested, paid out and gone from the bank, all on the row's day.
std::vector<std::string> refund_commands(const Target& target, const RowValues& row) {
  const std::string& key = *row.get("key");
  CommandLine request(target, "refund.request", key);
  reference<PaymentId>(request.body(), "payment", target, row.get("payment"));
  request.body().member("id", object_id<RefundId>(target.name, key));
  if (const std::string* amount = row.get("amount")) request.money("amount", *amount, target.currency);
  request.copy(row, {"reason"});
  std::vector<std::string> commands{request.end()};
  for (const std::string_view name : {"refund.progress", "refund.settle"}) {
    CommandLine step(target, name, key);
    reference<PaymentId>(step.body(), "payment", target, row.get("payment"));
    step.body().member("refund", object_id<RefundId>(target.name, key));
    if (name == "refund.progress") {
      step.body().member("phase", "succeeded");
      step.copy("provider_reference", row, "reference");
    }
    step.copy("on", row, "refunded_on");
    commands.push_back(step.end());
  }
  return commands;
}

Result<std::vector<std::string>> chargeback_commands(const Target& target, const RowValues& row) {
  const std::string& key = *row.get("key");
  CommandLine open(target, "chargeback.open", key);
  reference<PaymentId>(open.body(), "payment", target, row.get("payment"));
  open.body().member("id", object_id<ChargebackId>(target.name, key));
  if (const std::string* amount = row.get("amount")) open.money("amount", *amount, target.currency);
  open.copy(row, {"code", "reference"});
  open.copy("on", row, "opened_on");
  std::vector<std::string> commands{open.end()};
  const std::string_view outcome = text_or(row.get("outcome"), "open");
  if (outcome == "open") return commands;
  if (outcome != "won" && outcome != "lost")
    return refuse(Code::kInvalidParameter, "outcome: a chargeback is open, won or lost");
  if (row.get("closed_on") == nullptr)
    return refuse(Code::kMissingField, "closed_on: the row does not say when the chargeback was won or lost");
  CommandLine close(target, outcome == "won" ? "chargeback.win" : "chargeback.lose", key);
  reference<PaymentId>(close.body(), "payment", target, row.get("payment"));
  close.body().member("chargeback", object_id<ChargebackId>(target.name, key));
  close.copy("on", row, "closed_on");
  commands.push_back(close.end());
  return commands;
}

std::string user_command(const Target& target, const RowValues& row) {
  const std::string& key = *row.get("key");
  CommandLine invite(target, "user.invite", key);
  invite.body().member("id", object_id<UserId>(target.name, key));
  invite.body().member("customer", target.customer);
  invite.copy(row, {"role", "name", "email", "phone"});
  return invite.end();
}

// All contacts of the account: those that it had before are gone.
std::string contacts_command(const Target& target, const std::string& key, std::span<const RowValues> lines) {
  CommandLine change(target, "account.change_contacts", key);
  change.body().member("account", object_id<AccountId>(target.name, key));
  change.body().key("contacts");
  change.body().begin_array();
  for (const RowValues& line : lines) {
    change.body().begin_object();
    change.copy(line, {"role", "name", "email", "phone"});
    change.body().end_object();
  }
  change.body().end_array();
  return change.end();
}

bool same(const std::string* a, const std::string* b) { return a == b || (a != nullptr && b != nullptr && *a == *b); }

// The group, and its accounts in parts of up to 1,000 that joined it on one day.
std::vector<std::string> group_commands(const Target& target, const RowValues& head, std::span<const RowValues> lines) {
  const std::string& key = *head.get("key");
  const std::string grouping = object_id<GroupingId>(target.name, *head.get("grouping"));
  CommandLine add(target, "grouping.add_group", key);
  add.body().member("grouping", grouping);
  add.body().member("id", object_id<GroupId>(target.name, key));
  add.body().member("name", text_or(head.get("name"), key));
  reference<GroupId>(add.body(), "parent", target, head.get("parent"));
  std::vector<std::string> commands{add.end()};
  for (std::size_t at = 0; at < lines.size();) {
    if (lines[at].get("account") == nullptr) {
      ++at;
      continue;
    }
    CommandLine members(target, "grouping.add_accounts", key + "\n" + std::to_string(at));
    members.body().member("grouping", grouping);
    members.body().member("group", object_id<GroupId>(target.name, key));
    members.body().key("accounts");
    members.body().begin_array();
    const RowValues& first = lines[at];
    for (std::size_t n = 0; n < kMembersMax && at < lines.size(); ++n, ++at) {
      const RowValues& line = lines[at];
      if (line.get("account") == nullptr || !same(line.get("from"), first.get("from")) ||
          !same(line.get("with_subtree"), first.get("with_subtree")))
        break;
      members.body().string(object_id<AccountId>(target.name, *line.get("account")));
    }
    members.body().end_array();
    members.number("with_subtree", first, "with_subtree");
    members.copy(first, {"from"});
    commands.push_back(members.end());
  }
  return commands;
}

}  // namespace

const std::string* RowValues::get(std::string_view name) const& {
  const auto found = std::ranges::find(kinds_, name, &FieldKind::name);
  BILLING_ASSERT(found != kinds_.end());
  const auto& value = values_[static_cast<std::size_t>(found - kinds_.begin())];
  return value ? &*value : nullptr;
}

std::string customer_command(const Target& target, std::string_view key, std::string_view customer_name) {
  CommandLine create(target, "customer.create", key);
  create.body().member("id", object_id<CustomerId>(target.name, key));
  create.body().member("name", customer_name);
  create.body().member("currency", target.currency);
  return create.end();
}

Result<std::vector<std::string>> commands_of(const Target& target, Kind kind, const RowValues& head,
                                             std::span<const RowValues> lines) {
  switch (kind) {
    case Kind::kAccounts: return std::vector{account_command(target, head)};
    case Kind::kContacts: return std::vector{contacts_command(target, *head.get("key"), lines)};
    case Kind::kUsers: return std::vector{user_command(target, head)};
    case Kind::kGroups: return group_commands(target, head, lines);
    case Kind::kInvoices:
    case Kind::kCreditNotes: return document_commands(target, kind, head, lines);
    case Kind::kPayments: return std::vector{payment_command(target, head)};
    case Kind::kDeposits: return std::vector{deposit_command(target, head)};
    case Kind::kRefunds: return refund_commands(target, head);
    case Kind::kChargebacks: return chargeback_commands(target, head);
    case Kind::kDisputes: return std::vector{dispute_command(target, head)};
  }
  return {};
}

std::string grouping_command(const Target& target, std::string_view grouping) {
  CommandLine create(target, "grouping.create", grouping);
  create.body().member("id", object_id<GroupingId>(target.name, grouping));
  create.body().member("customer", target.customer);
  create.body().member("name", grouping);
  return create.end();
}

}  // namespace billing::import
