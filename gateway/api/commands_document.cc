// Invoices, their drafts and credit notes.
#include <limits>

#include "gateway/api/commands.h"
#include "gateway/api/parts.h"

namespace billing::api::parse {
namespace {

// The kinds that a caller may ask for: late fees have a command of their own.
Result<invoice::Kind> parse_own_kind(std::string_view text) {
  BILLING_TRY(kind, invoice::parse_kind(text));
  if (kind == invoice::Kind::kLateFee)
    return refuse(Code::kInvalidParameter, "Late fees are charged by invoice.charge_late_fees.");
  return kind;
}

invoice::Header read_header(Fields& body) {
  invoice::Header header;
  header.id = body.new_id<InvoiceId>("id");
  header.account = body.id<AccountId>("account");
  header.purchase_order = body.optional_text("purchase_order");
  header.memo = body.optional_text("memo");
  header.external_id = body.optional_text("external_id");
  header.kind = body.optional_parsed("kind", parse_own_kind).value_or(header.kind);
  header.about = body.optional_id<InvoiceId>("about");
  return header;
}

}  // namespace

Command invoice_draft(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::Draft command;
  command.header = read_header(body);
  command.currency = body.currency("currency");
  command.lines = read_lines(body, *command.currency, false);
  return command;
}

Command invoice_add_lines(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::AddLines command;
  command.id = body.id<InvoiceId>("invoice");
  command.currency = body.currency("currency");
  command.lines = read_lines(body, *command.currency, true);
  return command;
}

Command invoice_replace_lines(Fields& body, const ParseEnvironment& /*environment*/) {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  invoice::ReplaceLines command;
  command.id = body.id<InvoiceId>("invoice");
  command.first = static_cast<std::uint32_t>(body.integer("first", 0, kMost));
  command.count = static_cast<std::uint32_t>(body.integer("count", 0, kMost));
  command.currency = body.currency("currency");
  command.lines = read_lines(body, *command.currency, true);
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

Command invoice_void(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::Void command;
  command.id = body.id<InvoiceId>("invoice");
  command.reason = body.text("reason");
  return command;
}

Command invoice_write_off(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::WriteOff command;
  command.id = body.id<InvoiceId>("invoice");
  command.amount = read_optional_money(body, "amount", command.currency);
  command.tax_relief = read_optional_money(body, "tax_relief", command.currency).value_or(0);
  command.reason = body.text("reason");
  command.on = body.optional_date("on");
  return command;
}

Command invoice_recover(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::Recover command;
  command.id = body.id<InvoiceId>("invoice");
  command.amount = read_money(body, "amount", command.currency);
  command.on = body.optional_date("on");
  return command;
}

Command invoice_charge_late_fees(Fields& body, const ParseEnvironment& /*environment*/) {
  invoice::ChargeLateFees command;
  command.id = body.new_id<InvoiceId>("id");
  command.account = body.id<AccountId>("account");
  command.cycle = body.text("cycle");
  command.as_of = body.optional_date("as_of");
  command.flat = read_optional_money(body, "flat", command.currency).value_or(0);
  command.rate = body.optional_decimal("rate").value_or(Decimal{});
  command.minimum = read_optional_money(body, "minimum", command.currency).value_or(0);
  const auto grace = body.optional_integer("grace_days", 0, std::numeric_limits<int>::max());
  command.grace_days = static_cast<int>(grace.value_or(0));
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
