// Payments: received, or asked of a provider; and their refunds.
#include "gateway/api/commands.h"
#include "gateway/api/parts.h"

namespace billing::api::parse {

Command payment_record(Fields& body, const ParseEnvironment& /*environment*/) {
  payment::Record command;
  command.id = body.new_id<PaymentId>("id");
  command.account = body.id<AccountId>("account");
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  command.method = read_method(body);
  command.reference = body.optional_text("reference");
  command.external_id = body.optional_text("external_id");
  command.received_on = body.optional_date("received_on");
  command.instructions = read_instructions(body, money.currency, false, true);
  command.settled = read_settlement(body);
  return command;
}

Command payment_request(Fields& body, const ParseEnvironment& /*environment*/) {
  payment::Request command;
  command.id = body.new_id<PaymentId>("id");
  command.account = body.id<AccountId>("account");
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  command.method = read_method(body);
  command.method_on_file = body.optional_id<MethodId>("method_on_file");
  command.reference = body.optional_text("reference");
  command.external_id = body.optional_text("external_id");
  command.instructions = read_instructions(body, money.currency, false);
  return command;
}

Command payment_progress(Fields& body, const ParseEnvironment& /*environment*/) {
  payment::Progress command;
  command.id = body.id<PaymentId>("payment");
  command.phase = body.parsed("phase", [](std::string_view text) { return payment::parse_phase(text); });
  command.provider_reference = body.optional_text("provider_reference");
  command.reason = body.optional_text("reason");
  command.on = body.optional_date("on");
  command.settled = read_settlement(body);
  command.amount = read_optional_money(body, "amount", command.currency);
  return command;
}

Command payment_reverse(Fields& body, const ParseEnvironment& /*environment*/) {
  payment::Reverse command;
  command.id = body.id<PaymentId>("payment");
  command.reason = body.text("reason");
  command.on = body.optional_date("on");
  return command;
}

Command payment_reallocate(Fields& body, const ParseEnvironment& /*environment*/) {
  payment::Reallocate command;
  command.id = body.id<PaymentId>("payment");
  command.currency = body.currency("currency");
  command.instructions = read_instructions(body, *command.currency, true).value_or(std::vector<payment::Instruction>{});
  command.on = body.optional_date("on");
  return command;
}

Command payment_pay_out(Fields& body, const ParseEnvironment& /*environment*/) {
  payment::PayOut command;
  command.id = body.id<PaymentId>("payment");
  command.fee = read_optional_money(body, "fee", command.currency).value_or(0);
  command.reference = body.optional_text("reference");
  command.on = body.optional_date("on");
  return command;
}

Command payment_record_exchange_difference(Fields& body, const ParseEnvironment& /*environment*/) {
  payment::RecordExchangeDifference command;
  command.id = body.id<PaymentId>("payment");
  command.kind = body.parsed("kind", [](std::string_view text) { return payment::parse_difference_kind(text); });
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  command.reference = body.optional_text("reference");
  command.on = body.optional_date("on");
  return command;
}

// An "adjustment" says which lines are credited; without one it is a goodwill line of the amount.
Command refund_request(Fields& body, const ParseEnvironment& /*environment*/) {
  refund::Request command;
  command.id = body.id<PaymentId>("payment");
  command.refund = body.new_id<RefundId>("id");
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  const auto with_adjustment = body.optional_flag("with_adjustment");
  const bool given = body.object("adjustment", false, [&](Fields& adjustment) {
    command.invoice = adjustment.optional_id<InvoiceId>("invoice");
    command.adjustment_lines = read_lines(adjustment, money.currency, true);
  });
  command.with_adjustment = with_adjustment.value_or(given);
  if (given && !command.with_adjustment)
    body.refuse_field(Code::kInvalidParameter, "with_adjustment", "An adjustment is given, so this cannot be false.");
  command.reason = body.optional_text("reason");
  return command;
}

Command refund_progress(Fields& body, const ParseEnvironment& /*environment*/) {
  refund::Progress command;
  command.id = body.id<PaymentId>("payment");
  command.refund = body.id<RefundId>("refund");
  command.phase = body.parsed("phase", [](std::string_view text) { return refund::parse_phase(text); });
  command.provider_reference = body.optional_text("provider_reference");
  command.reason = body.optional_text("reason");
  command.on = body.optional_date("on");
  return command;
}

Command refund_settle(Fields& body, const ParseEnvironment& /*environment*/) {
  refund::Settle command;
  command.id = body.id<PaymentId>("payment");
  command.refund = body.id<RefundId>("refund");
  command.netted = body.flag("netted");
  command.on = body.optional_date("on");
  return command;
}

}  // namespace billing::api::parse
