// Invoices, their drafts and credit notes.
#include <limits>

#include "gateway/api/commands.h"

namespace billing::api::parse {
namespace {

Tax read_tax(Fields& fields, Currency currency, std::int64_t net) {
  Tax tax;
  tax.authority = fields.text("authority");
  tax.code = fields.text("code");
  tax.rate = fields.optional_decimal("rate").value_or(Decimal{});
  tax.basis = fields.optional_amount("basis", currency).value_or(net);
  tax.amount = fields.amount("amount", currency);
  tax.exempt_reason = fields.optional_text("exempt_reason");
  return tax;
}

// Either "net", or "quantity" and "unit_price", or all three (the decider compares them).
void read_net(Fields& fields, Currency currency, Line& line) {
  const auto quantity = fields.optional_decimal("quantity");
  const auto unit_price = fields.optional_decimal("unit_price");
  const auto net = fields.optional_amount("net", currency);
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
  if (net) {
    line.net = *net;
    return;
  }
  auto amount = line_amount(line.quantity, line.unit_price, currency);
  if (!amount) return fields.refuse_field(amount.error().code, "unit_price", std::move(amount.error().detail));
  line.net = *amount;
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

// Amounts were read with this currency, so the decider has to compare it with the customer's.
template <class AnyCommand>
void set_currency(AnyCommand& command, Currency currency) {
  if constexpr (requires { command.currency = currency; }) command.currency = currency;
}

invoice::Header read_header(Fields& body) {
  invoice::Header header;
  header.id = body.new_id<InvoiceId>("id");
  header.account = body.id<AccountId>("account");
  header.purchase_order = body.optional_text("purchase_order");
  header.memo = body.optional_text("memo");
  header.external_id = body.optional_text("external_id");
  return header;
}

}  // namespace

Command invoice_draft(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::Draft command;
  command.header = read_header(body);
  const Currency currency = body.currency("currency");
  set_currency(command, currency);
  command.lines = read_lines(body, currency, false);
  return command;
}

Command invoice_add_lines(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::AddLines command;
  command.id = body.id<InvoiceId>("invoice");
  const Currency currency = body.currency("currency");
  set_currency(command, currency);
  command.lines = read_lines(body, currency, true);
  return command;
}

Command invoice_discard(Fields& body, const ParseEnvironment& /*environment*/) {
  return invoice::Discard{body.id<InvoiceId>("invoice")};
}

// With "draft" it issues that draft, whose lines and head are known; without, a new document.
Command invoice_issue(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::Issue command;
  if (const auto draft = body.optional_id<InvoiceId>("draft")) {
    command.draft = true;
    command.header.id = *draft;
    command.currency = body.optional_currency("currency");
  } else {
    command.header = read_header(body);
    command.currency = body.currency("currency");
    command.lines = read_lines(body, *command.currency, true);
  }
  command.document_date = body.optional_date("document_date");
  command.due_date = body.optional_date("due_date");
  command.imported_number = body.given_text("number");
  return command;
}

Command credit_note_issue(Fields& body, const ParseEnvironment& /*environment*/) {
  credit_note::Issue command;
  command.id = body.new_id<CreditNoteId>("id");
  command.account = body.id<AccountId>("account");
  command.invoice = body.optional_id<InvoiceId>("invoice");
  command.currency = body.currency("currency");
  command.lines = read_lines(body, *command.currency, true);
  command.reason = body.text("reason");
  command.external_id = body.optional_text("external_id");
  command.document_date = body.optional_date("document_date");
  command.imported_number = body.given_text("number");
  return command;
}

}  // namespace billing::api::parse
