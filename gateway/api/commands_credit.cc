// Unapplied credit, deposits and disputes.
#include "gateway/api/commands.h"
#include "gateway/api/parts.h"

namespace billing::api::parse {
namespace {

// What the credit came from: the id of a payment or of a credit note.
Result<Uuid> parse_credit(std::string_view text) {
  if (auto payment = PaymentId::parse(text)) return payment->uuid;
  if (auto note = CreditNoteId::parse(text)) return note->uuid;
  return refuse(Code::kInvalidId, "Credit is named by its payment (pay_…) or its credit note (crn_…).");
}

}  // namespace

Command credit_hold(Fields& body, const ParseEnvironment& /*environment*/) {
  receivables::HoldCredit command;
  command.account = body.id<AccountId>("account");
  command.source_id = body.parsed("credit", parse_credit);
  command.held = body.required_flag("held");
  command.reason = body.text("reason");
  return command;
}

Command credit_transfer(Fields& body, const ParseEnvironment& /*environment*/) {
  receivables::TransferCredit command;
  command.from_account = body.id<AccountId>("account");
  command.to_account = body.id<AccountId>("to");
  command.amount = read_optional_money(body, "amount", command.currency);
  command.reason = body.optional_text("reason");
  return command;
}

Command credit_apply(Fields& body, const ParseEnvironment& /*environment*/) {
  return receivables::ApplyCredit{body.id<AccountId>("account")};
}

Command deposit_receive(Fields& body, const ParseEnvironment& /*environment*/) {
  deposit::Receive command;
  command.id = body.new_id<DepositId>("id");
  command.account = body.id<AccountId>("account");
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  command.method = read_method(body);
  command.reference = body.optional_text("reference");
  command.received_on = body.optional_date("received_on");
  return command;
}

// Amounts of "allocations" are in the currency of "amount", so that one wants the other.
Command deposit_use(Fields& body, const ParseEnvironment& /*environment*/) {
  deposit::Use command;
  command.id = body.id<DepositId>("deposit");
  command.amount = read_optional_money(body, "amount", command.currency);
  command.instructions = read_instructions(body, command.currency.value_or(Currency{}), false);
  if (command.instructions && !command.amount)
    body.refuse_field(Code::kMissingField, "amount", "Allocations are given together with their amount.");
  command.on = body.optional_date("on");
  return command;
}

Command deposit_return(Fields& body, const ParseEnvironment& /*environment*/) {
  deposit::Return command;
  command.id = body.id<DepositId>("deposit");
  command.amount = read_optional_money(body, "amount", command.currency);
  command.reference = body.optional_text("reference");
  command.on = body.optional_date("on");
  return command;
}

Command dispute_open(Fields& body, const ParseEnvironment& /*environment*/) {
  dispute::Open command;
  command.id = body.new_id<DisputeId>("id");
  command.invoice = body.id<InvoiceId>("invoice");
  command.amount = read_optional_money(body, "amount", command.currency);
  command.reason = body.text("reason");
  command.opened_on = body.optional_date("opened_on");
  command.lines = body.indexes("lines", false, kItemsMax);
  return command;
}

Command dispute_close(Fields& body, const ParseEnvironment& /*environment*/) {
  dispute::Close command;
  command.id = body.id<DisputeId>("dispute");
  command.outcome = body.parsed("outcome", [](std::string_view text) { return dispute::parse_outcome(text); });
  command.closed_on = body.optional_date("closed_on");
  return command;
}

}  // namespace billing::api::parse
