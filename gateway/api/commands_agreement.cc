// What was agreed with a payer, plans and payment methods on file; and the operator's accounting periods.
#include <limits>

#include "gateway/api/commands.h"
#include "gateway/api/parts.h"

namespace billing::api::parse {

Command plan_agree(Fields& body, const ParseEnvironment& /*environment*/) {
  plan::Agree command;
  command.id = body.new_id<PlanId>("id");
  command.account = body.id<AccountId>("account");
  command.kind = body.parsed("kind", [](std::string_view text) { return plan::parse_kind(text); });
  const Money money = body.money("amount");
  command.amount = money.minor;
  command.currency = money.currency;
  body.list("instalments", true, plan::kInstalmentsMax, Code::kTooManyItems,
            [&](JsonValue value, const JsonPath& at, Refusal& refusal) {
              Fields fields(value, refusal, &at);
              plan::Instalment& instalment = command.instalments.emplace_back();
              instalment.due = fields.date("due");
              instalment.amount = fields.amount("amount", money.currency);
              fields.end();
            });
  command.invoices = body.ids<InvoiceId>("invoices", false, kItemsMax);
  command.note = body.optional_text("note");
  return command;
}

Command plan_cancel(Fields& body, const ParseEnvironment& /*environment*/) {
  plan::Cancel command;
  command.id = body.id<PlanId>("plan");
  command.reason = body.text("reason");
  return command;
}

Command method_add(Fields& body, const ParseEnvironment& /*environment*/) {
  method::Add command;
  command.id = body.new_id<MethodId>("id");
  command.account = body.id<AccountId>("account");
  command.kind = read_method(body, "kind");
  command.token = body.text("token");
  command.brand = body.text("brand");
  command.last_four = body.text("last_four");
  command.expires = body.optional_month("expires");
  return command;
}

Command method_remove(Fields& body, const ParseEnvironment& /*environment*/) {
  return method::Remove{body.id<MethodId>("payment_method")};
}

Command method_set_autopay(Fields& body, const ParseEnvironment& /*environment*/) {
  method::SetAutopay command;
  command.id = body.id<MethodId>("payment_method");
  const auto days = body.optional_integer("days_before_due", 0, std::numeric_limits<int>::max());
  command.days_before_due = static_cast<int>(days.value_or(0));
  command.at_most = read_optional_money(body, "at_most", command.currency);
  return command;
}

Command method_clear_autopay(Fields& body, const ParseEnvironment& /*environment*/) {
  return method::ClearAutopay{body.id<AccountId>("account")};
}

Command books_begin_close(Fields& body, const ParseEnvironment& /*environment*/) {
  return books::BeginClose{body.month("period")};
}

Command books_release_revenue(Fields& body, const ParseEnvironment& /*environment*/) {
  books::ReleaseRevenue command;
  command.customer = body.id<CustomerId>("customer");
  command.period = body.month("period");
  return command;
}

Command books_close(Fields& body, const ParseEnvironment& /*environment*/) {
  return books::Close{body.month("period")};
}

}  // namespace billing::api::parse
