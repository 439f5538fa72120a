// Payments and disputes.
#include "gateway/api/commands.h"

namespace billing::api::parse {

Command payment_record(Fields& body, const ParseEnvironment& /*environment*/) {
  payment::Record command;
  command.id = body.new_id<PaymentId>("id");
  command.account = body.id<AccountId>("account");
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  command.method = body.parsed("method", [](std::string_view text) { return payment::parse_method(text); });
  command.reference = body.optional_text("reference");
  command.external_id = body.optional_text("external_id");
  command.received_on = body.optional_date("received_on");
  std::vector<payment::Instruction> instructions;
  const bool given = body.list("allocations", false, kItemsMax, Code::kTooManyItems,
                               [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
                                 Fields fields(value, refusal, &at);
                                 payment::Instruction& instruction = instructions.emplace_back();
                                 instruction.invoice = fields.id<InvoiceId>("invoice");
                                 instruction.amount = fields.amount("amount", money.currency);
                                 fields.end();
                               });
  if (given) command.instructions = std::move(instructions);
  return command;
}

Command dispute_open(Fields& body, const ParseEnvironment& /*environment*/) {
  dispute::Open command;
  command.id = body.new_id<DisputeId>("id");
  command.invoice = body.id<InvoiceId>("invoice");
  if (const auto money = body.optional_money("amount")) {
    command.amount = money->minor;
    command.currency = money->currency;
  }
  command.reason = body.text("reason");
  command.opened_on = body.optional_date("opened_on");
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
