// Invoices and credit notes: their commands and what they come to.
#include <map>
#include <tuple>
#include <utility>

#include "ledger/base/decimal.h"
#include "ledger/base/money.h"
#include "ops/import/command_line.h"

namespace billing::import {
namespace {

constexpr std::size_t kLinesMax = 1'000;                        // of one command
constexpr std::size_t kPartBytesMax = std::size_t{512} << 10U;  // of one command's lines; the API takes 1 MiB

// With its amount, or with a rate alone: then the ledger computes it. A tax of nothing without a code is none.
struct TaxFields {
  std::string_view authority, code, rate, amount;
};
constexpr TaxFields kTaxes[]{{"tax_authority", "tax_code", "tax_rate", "tax_amount"},
                             {"tax2_authority", "tax2_code", "tax2_rate", "tax2_amount"}};

bool has_tax(const RowValues& row, const TaxFields& tax) {
  const std::string* const amount = row.get(tax.amount);
  if (row.get(tax.rate) != nullptr) return true;
  return amount != nullptr && (*amount != "0" || row.get(tax.code) != nullptr);
}

// By the ledger, on the sum of a document's lines.
bool is_computed(const RowValues& row, const TaxFields& tax) {
  return row.get(tax.rate) != nullptr && row.get(tax.amount) == nullptr;
}

void write_taxes(JsonWriter& body, const RowValues& row) {
  bool any = false;
  for (const TaxFields& tax : kTaxes) {
    if (!has_tax(row, tax)) continue;
    if (!any) {
      body.key("taxes");
      body.begin_array();
    }
    any = true;
    body.begin_object();
    for (const auto& [member, field] : {std::pair{"authority", tax.authority}, std::pair{"code", tax.code},
                                        std::pair{"rate", tax.rate}, std::pair{"amount", tax.amount}}) {
      if (const std::string* value = row.get(field)) body.member(member, *value);
    }
    body.end_object();
  }
  if (any) body.end_array();
}

Result<std::int64_t> money_of(const std::string* text, Currency currency) {
  if (text == nullptr) return 0;
  BILLING_TRY(money, parse_money(*text, currency));
  return money.minor;
}

// Quantity times unit price; nothing where the row has not got both.
Result<std::optional<std::int64_t>> priced(const RowValues& row, Currency currency) {
  if (row.get("quantity") == nullptr || row.get("unit_price") == nullptr) return std::nullopt;
  BILLING_TRY(quantity, Decimal::parse(*row.get("quantity")));
  BILLING_TRY(price, Decimal::parse(*row.get("unit_price")));
  BILLING_TRY(gross, line_amount(quantity, price, currency));
  return gross;
}

// The part of `base` that a rate is, rounded half away from zero.
Result<std::int64_t> part_of(int128 base, const std::string& rate) {
  BILLING_TRY(parsed, Decimal::parse(rate));
  const int128 part = divide_half_up(base * parsed.nanos, Decimal::kOne);
  if (part != static_cast<std::int64_t>(part)) return refuse(Code::kOverflow, "the amount is too large");
  return static_cast<std::int64_t>(part);
}

// As the row says it, or by its rate.
Result<std::int64_t> discount_of(const RowValues& row, Currency currency) {
  const std::string* const rate = row.get("discount_rate");
  if (row.get("discount") != nullptr || rate == nullptr) return money_of(row.get("discount"), currency);
  BILLING_TRY(gross, priced(row, currency));
  if (!gross && *rate != "0")
    return refuse(Code::kMissingField, "a discount's rate is of quantity times unit price, which the line has not got");
  return part_of(gross.value_or(0), *rate);
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
  if (row.get("discount") == nullptr) {
    const auto currency = Currency::parse(target.currency);
    const auto discount = currency ? discount_of(row, *currency) : Result<std::int64_t>(0);  // checked with the document
    if (discount && *discount != 0) body.member("discount", amount_text(*discount, *currency));
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
  write_taxes(body, row);
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

Result<std::int64_t> net_of(const RowValues& row, Currency currency) {
  BILLING_TRY(net, priced(row, currency));
  BILLING_TRY(discount, discount_of(row, currency));
  if (net) {
    BILLING_TRY(less, checked_sub(*net, discount));
    net = less;
  }
  const std::string* const amount = row.get("amount");
  if (amount == nullptr && !net)
    return refuse(Code::kMissingField, "the line has neither an amount nor a quantity and a unit price");
  if (amount == nullptr) return *net;
  BILLING_TRY(given, money_of(amount, currency));
  if (net && *net != given)
    return refuse(Code::kSumMismatch, "quantity times unit price less the discount is " + amount_text(*net, currency) +
                                          ", the amount is " + amount_text(given, currency));
  return given;
}

}  // namespace

Result<std::int64_t> line_sum(const RowValues& row, Currency currency) {
  BILLING_TRY(sum, net_of(row, currency));
  bool computed = false;
  for (const TaxFields& tax : kTaxes) {
    computed = computed || is_computed(row, tax);
    BILLING_TRY(amount, money_of(row.get(tax.amount), currency));
    BILLING_TRY(with_tax, checked_add(sum, amount));
    sum = with_tax;
  }
  BILLING_TRY(gross, money_of(row.get("gross"), currency));
  if (row.get("gross") != nullptr && !computed && gross != sum)
    return refuse(Code::kSumMismatch, "the line comes to " + amount_text(sum, currency) + " with its taxes, the file says " +
                                          amount_text(gross, currency));
  return sum;
}

Result<std::int64_t> document_total(std::span<const RowValues> lines, Currency currency) {
  const auto text = [](const std::string* value) { return value != nullptr ? *value : std::string(); };
  std::map<std::tuple<std::string, std::string, std::string>, int128> bases;  // of taxes that are computed, by kind
  std::int64_t total = 0;
  for (const RowValues& row : lines) {
    BILLING_TRY(sum, line_sum(row, currency));
    BILLING_TRY(with_line, checked_add(total, sum));
    total = with_line;
    for (const TaxFields& tax : kTaxes) {
      if (!is_computed(row, tax)) continue;
      BILLING_TRY(net, net_of(row, currency));
      bases[{text(row.get(tax.authority)), text(row.get(tax.code)), *row.get(tax.rate)}] += net;
    }
  }
  for (const auto& [tax, base] : bases) {
    BILLING_TRY(amount, part_of(base, std::get<2>(tax)));
    BILLING_TRY(with_tax, checked_add(total, amount));
    total = with_tax;
  }
  return total;
}

Result<std::vector<std::string>> document_commands(const Target& target, Kind kind, const RowValues& head,
                                                   std::span<const RowValues> lines) {
  const auto parts = line_parts(target, lines, head.get("account"));
  if (kind == Kind::kInvoices) return invoice_commands(target, head, parts);
  if (parts.size() > 1) return refuse(Code::kTooManyLines, "a credit note has at most 1,000 lines");
  return std::vector{credit_note_command(target, head, parts[0])};
}

}  // namespace billing::import
