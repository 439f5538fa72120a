#include "gateway/api/parts.h"

#include <limits>
#include <utility>

#include "ledger/base/money.h"

namespace billing::api {
namespace {

// A tax with an amount is as its authority wrote it; without one it is computed, on the sum of the document's lines.
Tax read_tax(Fields& fields, Currency currency, std::int64_t net) {
  Tax tax;
  tax.authority = fields.text("authority");
  tax.code = fields.text("code");
  const auto rate = fields.optional_decimal("rate");
  const auto basis = fields.optional_amount("basis", currency);
  const auto amount = fields.optional_amount("amount", currency);
  tax.exempt_reason = fields.optional_text("exempt_reason");
  tax.rate = rate.value_or(Decimal{});
  tax.computed = !amount;
  if (amount) {
    tax.basis = basis.value_or(net);
    tax.amount = *amount;
    if (rate && *rate == Decimal{} && tax.amount != 0)
      fields.refuse_field(Code::kSumMismatch, "amount", "The tax at a rate of 0 is 0: mend the amount, or leave out the rate.");
  } else if (basis) {
    fields.refuse_field(Code::kUnknownField, "basis", "A tax without an amount is computed on the lines as they are.");
  } else if (!rate && tax.exempt_reason.empty()) {
    fields.refuse_field(Code::kMissingField, "amount", "A tax has an amount, or a rate by which it is computed.");
  }
  return tax;
}

// A discount is given as what is taken off. Of a line below zero, a piece that is returned, it is taken back.
std::int64_t signed_discount(std::int64_t given, std::int64_t line_amount) {
  return line_amount < 0 && given > 0 ? -given : given;
}

// Either "net", or "quantity" and "unit_price" less "discount", or all of them (the decider compares them).
void read_net(Fields& fields, Currency currency, Line& line) {
  const auto quantity = fields.optional_decimal("quantity");
  const auto unit_price = fields.optional_decimal("unit_price");
  const auto net = fields.optional_amount("net", currency);
  line.discount = fields.optional_amount("discount", currency).value_or(0);
  if (!fields.good()) return;
  if (quantity.has_value() != unit_price.has_value()) {
    fields.refuse_field(Code::kMissingField, quantity ? "unit_price" : "quantity",
                        "A quantity and a unit price are given together.");
    return;
  }
  if (!quantity && !net) {
    fields.refuse_field(Code::kMissingField, "net", "A line has a net amount, or a quantity and a unit price.");
    return;
  }
  line.quantity = quantity.value_or(Decimal{});
  line.unit_price = unit_price.value_or(Decimal{});
  if (!quantity) {
    line.net = *net;
    line.discount = signed_discount(line.discount, line.net);
    return;
  }
  auto amount = line_amount(line.quantity, line.unit_price, currency);
  if (!amount) return fields.refuse_field(amount.error().code, "unit_price", std::move(amount.error().detail));
  line.discount = signed_discount(line.discount, *amount);
  if (net) {
    line.net = *net;
    return;
  }
  auto left = checked_sub(*amount, line.discount);
  if (!left) return fields.refuse_field(left.error().code, "discount", std::move(left.error().detail));
  line.net = *left;
}

Line read_line(Fields& fields, Currency currency) {
  Line line;
  line.service_account = fields.id<AccountId>("service_account");
  line.description = fields.optional_text("description");
  line.product_code = fields.optional_text("product_code");
  const auto revenue = fields.optional_integer("revenue_code", 0, std::numeric_limits<std::uint16_t>::max());
  if (revenue) line.revenue_code = static_cast<std::uint16_t>(*revenue);
  read_net(fields, currency, line);
  fields.object("service_period", false, [&](Fields& period) {
    Period days;
    days.from = period.date("from");
    days.to = period.date("to");
    line.service_period = days;
  });
  fields.list("taxes", false, kTaxesPerLineMax, Code::kTooManyItems,
              [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
                Fields tax(value, refusal, &at);
                line.taxes.push_back(read_tax(tax, currency, line.net));
                tax.end();
              });
  const auto credited = fields.optional_integer("credited_line", 0, std::numeric_limits<std::uint32_t>::max());
  if (credited) line.credited_line = static_cast<std::uint32_t>(*credited);
  return line;
}

}  // namespace

std::vector<Line> read_lines(Fields& body, Currency currency, bool required) {
  std::vector<Line> lines;
  body.list("lines", required, kLinesMax, Code::kTooManyLines,
            [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
              Fields line(value, refusal, &at);
              lines.push_back(read_line(line, currency));
              line.end();
            });
  return lines;
}

std::int64_t read_money(Fields& body, std::string_view name, std::optional<Currency>& currency) {
  const Money money = body.money(name);
  if (currency && body.good() && money.currency != *currency)
    body.refuse_field(Code::kCurrencyMismatch, name, "The amounts of one command are in one currency.");
  currency = money.currency;
  return money.minor;
}

std::optional<std::int64_t> read_optional_money(Fields& body, std::string_view name,
                                                std::optional<Currency>& currency) {
  const auto money = body.optional_money(name);
  if (!money) return std::nullopt;
  return read_money(body, name, currency);
}

std::optional<std::vector<payment::Instruction>> read_instructions(Fields& body, Currency currency, bool required,
                                                                   bool received) {
  std::vector<payment::Instruction> instructions;
  const bool given = body.list("allocations", required, kItemsMax, Code::kTooManyItems,
                               [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
                                 Fields fields(value, refusal, &at);
                                 payment::Instruction& instruction = instructions.emplace_back();
                                 instruction.invoice = fields.id<InvoiceId>("invoice");
                                 instruction.amount = fields.amount("amount", currency);
                                 instruction.account = fields.optional_id<AccountId>("account");
                                 if (received) instruction.at_most = fields.flag("at_most");
                                 fields.end();
                               });
  return given ? std::optional(std::move(instructions)) : std::nullopt;
}

std::optional<Settlement> read_settlement(Fields& body) {
  Settlement settled;
  const bool given = body.object("settled", false, [&](Fields& fields) {
    settled.currency = fields.currency("currency");
    settled.amount = fields.amount("amount", settled.currency);
    settled.rate = fields.optional_decimal("rate").value_or(Decimal{});
    settled.source = fields.optional_text("source");
  });
  return given ? std::optional(std::move(settled)) : std::nullopt;
}

payment::Method read_method(Fields& body, std::string_view name) {
  return body.parsed(name, [](std::string_view text) { return payment::parse_method(text); });
}

}  // namespace billing::api
