#include "ops/import/bodies.h"

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/codec/json_writer.h"
#include "ops/import/names.h"

namespace billing::import {
namespace {

using codec::JsonWriter;

constexpr std::size_t kLinesMax = 1'000;                           // of one command
constexpr std::size_t kPartBytesMax = std::size_t{512} << 10U;     // of one command's lines; the API takes 1 MiB

// One line {"id","command","body"}; the body's members are written between.
class CommandLine {
 public:
  CommandLine(const Target& target, std::string_view command, std::string_view key) : writer_(text_) {
    writer_.begin_object();
    writer_.member("id", command_id(command, target.name, key));
    writer_.member("command", command);
    writer_.key("body");
    writer_.begin_object();
  }
  JsonWriter& body() { return writer_; }
  void copy(std::string_view member, const RowValues& row, std::string_view field) {
    if (const std::string* value = row.get(field)) writer_.member(member, *value);
  }
  void copy(const RowValues& row, std::initializer_list<std::string_view> fields) {
    for (const std::string_view field : fields) copy(field, row, field);
  }
  void number(std::string_view member, const RowValues& row, std::string_view field) {
    if (const std::string* value = row.get(field)) {
      writer_.key(member);
      writer_.raw(*value);
    }
  }
  void money(std::string_view member, std::string_view amount, std::string_view currency) {
    writer_.key(member);
    writer_.begin_object();
    writer_.member("amount", amount);
    writer_.member("currency", currency);
    writer_.end_object();
  }
  std::string end() {
    writer_.end_object();
    writer_.end_object();
    return std::move(text_);
  }

 private:
  std::string text_;
  JsonWriter writer_;
};

template <class AnyId>
void reference(JsonWriter& body, std::string_view member, const Target& target, const std::string* key) {
  if (key != nullptr) body.member(member, object_id<AnyId>(target.name, *key));
}

// With its amount, or with a rate alone: then the ledger computes it.
void write_tax(JsonWriter& body, const RowValues& row) {
  const std::string* const amount = row.get("tax_amount");
  if (amount == nullptr && row.get("tax_rate") == nullptr) return;
  body.key("taxes");
  body.begin_array();
  body.begin_object();
  for (const auto& [member, field] :
       {std::pair{"authority", "tax_authority"}, std::pair{"code", "tax_code"}, std::pair{"rate", "tax_rate"}}) {
    if (const std::string* value = row.get(field)) body.member(member, *value);
  }
  if (amount != nullptr) body.member("amount", *amount);
  body.end_object();
  body.end_array();
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

std::string line_json(const Target& target, const RowValues& row, const std::string* account) {
  std::string text;
  JsonWriter body(text);
  body.begin_object();
  const std::string* const service = row.get("service_account");
  reference<AccountId>(body, "service_account", target, service != nullptr ? service : account);
  for (const auto& [member, field] : {std::pair{"description", "description"}, std::pair{"product_code", "product_code"},
                                      std::pair{"quantity", "quantity"}, std::pair{"unit_price", "unit_price"},
                                      std::pair{"discount", "discount"}, std::pair{"net", "amount"}}) {
    if (const std::string* value = row.get(field)) body.member(member, *value);
  }
  for (const std::string_view field : {"revenue_code", "credited_line"}) {
    if (const std::string* value = row.get(field)) {
      body.key(field);
      body.raw(*value);
    }
  }
  const std::string* const from = row.get("service_from");
  const std::string* const to = row.get("service_to");
  if (from != nullptr || to != nullptr) {
    body.key("service_period");
    body.begin_object();
    if (from != nullptr) body.member("from", *from);
    if (to != nullptr) body.member("to", *to);
    body.end_object();
  }
  write_tax(body, row);
  body.end_object();
  return text;
}

// Lines in parts that fit into a command each.
std::vector<std::string> line_parts(const Target& target, std::span<const RowValues> lines, const std::string* account) {
  std::vector<std::string> parts;
  std::size_t in_part = 0;
  for (const RowValues& row : lines) {
    std::string line = line_json(target, row, account);
    if (parts.empty() || in_part == kLinesMax || parts.back().size() + line.size() > kPartBytesMax) {
      parts.emplace_back();
      in_part = 0;
    }
    if (in_part++ > 0) parts.back() += ',';
    parts.back() += line;
  }
  return parts;
}

void write_lines(JsonWriter& body, std::string_view part) {
  body.key("lines");
  body.raw("[" + std::string(part) + "]");
}

void write_header(CommandLine& line, const Target& target, const RowValues& head) {
  line.body().member("id", object_id<InvoiceId>(target.name, *head.get("key")));
  reference<AccountId>(line.body(), "account", target, head.get("account"));
  line.copy(head, {"purchase_order", "memo", "external_id"});
}

void write_dates(CommandLine& line, const RowValues& head) {
  line.copy("document_date", head, "date");
  line.copy(head, {"due_date", "number"});
}

std::vector<std::string> invoice_commands(const Target& target, const RowValues& head,
                                          std::span<const std::string> parts) {
  const std::string& key = *head.get("key");
  if (parts.size() == 1) {
    CommandLine issue(target, "invoice.issue", key);
    write_header(issue, target, head);
    issue.body().member("currency", target.currency);
    write_dates(issue, head);
    write_lines(issue.body(), parts[0]);
    return {issue.end()};
  }
  const std::string id = object_id<InvoiceId>(target.name, key);
  CommandLine draft(target, "invoice.draft", key);
  write_header(draft, target, head);
  draft.body().member("currency", target.currency);
  write_lines(draft.body(), parts[0]);
  std::vector<std::string> commands{draft.end()};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    CommandLine more(target, "invoice.add_lines", key + "\n" + std::to_string(i));
    more.body().member("invoice", id);
    more.body().member("currency", target.currency);
    write_lines(more.body(), parts[i]);
    commands.push_back(more.end());
  }
  CommandLine issue(target, "invoice.issue", key);
  issue.body().member("draft", id);
  issue.body().member("currency", target.currency);
  write_dates(issue, head);
  commands.push_back(issue.end());
  return commands;
}

std::string credit_note_command(const Target& target, const RowValues& head, std::string_view part) {
  const std::string& key = *head.get("key");
  CommandLine note(target, "credit_note.issue", key);
  note.body().member("id", object_id<CreditNoteId>(target.name, key));
  reference<AccountId>(note.body(), "account", target, head.get("account"));
  reference<InvoiceId>(note.body(), "invoice", target, head.get("invoice"));
  note.body().member("currency", target.currency);
  note.copy("document_date", head, "date");
  note.copy(head, {"number", "external_id"});
  const std::string* const reason = head.get("reason");
  note.body().member("reason", reason != nullptr ? std::string_view(*reason) : "imported");
  write_lines(note.body(), part);
  return note.end();
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
  const std::string* const method = row.get("method");
  record.body().member("method", method != nullptr ? std::string_view(*method) : "wire");
  record.copy(row, {"received_on", "reference", "external_id"});
  write_settled(record.body(), row);
  const std::string* const invoice = row.get("invoice");
  if (invoice != nullptr && amount != nullptr) {
    record.body().key("allocations");
    record.body().begin_array();
    record.body().begin_object();
    reference<InvoiceId>(record.body(), "invoice", target, invoice);
    record.body().member("amount", *amount);
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
  const std::string* const reason = row.get("reason");
  open.body().member("reason", reason != nullptr ? std::string_view(*reason) : "imported");
  open.copy(row, {"opened_on"});
  return open.end();
}

}  // namespace

const std::string* RowValues::get(std::string_view name) const {
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

std::string row_command(const Target& target, Kind kind, const RowValues& row) {
  BILLING_ASSERT(!is_document(kind));
  if (kind == Kind::kAccounts) return account_command(target, row);
  return kind == Kind::kPayments ? payment_command(target, row) : dispute_command(target, row);
}

Result<std::vector<std::string>> document_commands(const Target& target, Kind kind, const RowValues& head,
                                                   std::span<const RowValues> lines) {
  const auto parts = line_parts(target, lines, head.get("account"));
  if (kind == Kind::kInvoices) return invoice_commands(target, head, parts);
  if (parts.size() > 1) return refuse(Code::kTooManyLines, "a credit note has at most 1,000 lines");
  return std::vector{credit_note_command(target, head, parts[0])};
}

}  // namespace billing::import
