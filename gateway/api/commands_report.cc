// What a bank or provider reports: chargebacks, returns, receipts; and the queue of what could not be booked.
#include "gateway/api/commands.h"
#include "gateway/api/parts.h"

namespace billing::api::parse {

Command chargeback_open(Fields& body, const ParseEnvironment& /*environment*/) {
  chargeback::Open command;
  command.id = body.id<PaymentId>("payment");
  command.chargeback = body.new_id<ChargebackId>("id");
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  command.code = body.text("code");
  command.reference = body.optional_text("reference");
  command.on = body.optional_date("on");
  return command;
}

Command chargeback_win(Fields& body, const ParseEnvironment& /*environment*/) {
  chargeback::Win command;
  command.id = body.id<PaymentId>("payment");
  command.chargeback = body.id<ChargebackId>("chargeback");
  command.on = body.optional_date("on");
  return command;
}

Command chargeback_lose(Fields& body, const ParseEnvironment& /*environment*/) {
  chargeback::Lose command;
  command.id = body.id<PaymentId>("payment");
  command.chargeback = body.id<ChargebackId>("chargeback");
  command.on = body.optional_date("on");
  return command;
}

Command return_report(Fields& body, const ParseEnvironment& /*environment*/) {
  chargeback::Return command;
  command.id = body.id<PaymentId>("payment");
  command.return_id = body.new_id<ReturnId>("id");
  command.amount = read_optional_money(body, "amount", command.currency);
  command.code = body.text("code");
  command.reference = body.optional_text("reference");
  command.on = body.optional_date("on");
  return command;
}

Command unbooked_report(Fields& body, const ParseEnvironment& /*environment*/) {
  unbooked::Report command;
  command.id = body.new_id<UnbookedId>("id");
  command.customer = body.optional_id<CustomerId>("customer").value_or(CustomerId{});
  command.account_number = body.optional_text("account_number");
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  command.method = read_method(body);
  command.reference = body.optional_text("reference");
  command.on = body.optional_date("on");
  return command;
}

Command unbooked_assign(Fields& body, const ParseEnvironment& /*environment*/) {
  unbooked::Assign command;
  command.id = body.id<UnbookedId>("unbooked");
  command.account = body.id<AccountId>("account");
  return command;
}

Command unbooked_resolve(Fields& body, const ParseEnvironment& /*environment*/) {
  unbooked::Resolve command;
  command.id = body.id<UnbookedId>("unbooked");
  command.how = body.text("how");
  return command;
}

}  // namespace billing::api::parse
