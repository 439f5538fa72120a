#include "gateway/api/routes_commands.h"

#include <optional>
#include <string>
#include <utility>

#include "gateway/api/commands.h"
#include "gateway/api/headers.h"
#include "gateway/api/orders.h"
#include "gateway/api/problem.h"
#include "ledger/base/assert.h"
#include "ledger/codec/json.h"
#include "ledger/codec/json_writer.h"

namespace billing::api {
namespace {

constexpr std::chrono::seconds kCommandDeadline{20};  // below the server's own for a request

constexpr PathField kAccount{"account_id", "account"};
constexpr PathField kInvoice{"invoice_id", "invoice"};
constexpr PathField kDraft{"invoice_id", "draft"};
constexpr PathField kPayment{"payment_id", "payment"};
constexpr PathField kRefund{"refund_id", "refund"};
constexpr PathField kChargeback{"chargeback_id", "chargeback"};
constexpr PathField kUnbooked{"unbooked_id", "unbooked"};
constexpr PathField kDeposit{"deposit_id", "deposit"};
constexpr PathField kPlan{"plan_id", "plan"};
constexpr PathField kMethod{"method_id", "payment_method"};
constexpr PathField kPeriod{"period", "period"};
constexpr PathField kDispute{"dispute_id", "dispute"};
constexpr PathField kGrouping{"grouping_id", "grouping"};
constexpr PathField kGroup{"group_id", "group"};
constexpr PathField kUser{"user_id", "user"};

constexpr auto kRoutes = std::to_array<CommandRoute>({
    {"/v1/customers", "customer.create", {}},
    {"/v1/accounts", "account.open", {}},
    {"/v1/accounts/{account_id}/rename", "account.rename", {kAccount}},
    {"/v1/accounts/{account_id}/terms", "account.change_terms", {kAccount}},
    {"/v1/accounts/{account_id}/contacts", "account.change_contacts", {kAccount}},
    {"/v1/accounts/{account_id}/address", "account.change_address", {kAccount}},
    {"/v1/accounts/{account_id}/role", "account.change_role", {kAccount}},
    {"/v1/accounts/{account_id}/unfreeze", "account.unfreeze", {kAccount}},
    {"/v1/accounts/{account_id}/close", "account.close", {kAccount}},
    {"/v1/accounts/{account_id}/move", "hierarchy.move", {kAccount}},
    {"/v1/accounts/{account_id}/late-fees", "invoice.charge_late_fees", {kAccount}},
    {"/v1/accounts/{account_id}/credit/hold", "credit.hold", {kAccount}},
    {"/v1/accounts/{account_id}/credit/transfer", "credit.transfer", {kAccount}},
    {"/v1/accounts/{account_id}/credit/apply", "credit.apply", {kAccount}},
    {"/v1/accounts/{account_id}/autopay/clear", "method.clear_autopay", {kAccount}},
    {"/v1/invoices", "invoice.issue", {}},
    {"/v1/invoices/drafts", "invoice.draft", {}},
    {"/v1/invoices/{invoice_id}/lines", "invoice.add_lines", {kInvoice}},
    {"/v1/invoices/{invoice_id}/lines/replace", "invoice.replace_lines", {kInvoice}},
    {"/v1/invoices/{invoice_id}/issue", "invoice.issue", {kDraft}},
    {"/v1/invoices/{invoice_id}/discard", "invoice.discard", {kInvoice}},
    {"/v1/invoices/{invoice_id}/void", "invoice.void", {kInvoice}},
    {"/v1/invoices/{invoice_id}/write-off", "invoice.write_off", {kInvoice}},
    {"/v1/invoices/{invoice_id}/recover", "invoice.recover", {kInvoice}},
    {"/v1/credit-notes", "credit_note.issue", {}},
    {"/v1/payments", "payment.record", {}},
    {"/v1/payments/requests", "payment.request", {}},
    {"/v1/payments/{payment_id}/progress", "payment.progress", {kPayment}},
    {"/v1/payments/{payment_id}/reverse", "payment.reverse", {kPayment}},
    {"/v1/payments/{payment_id}/reallocate", "payment.reallocate", {kPayment}},
    {"/v1/payments/{payment_id}/pay-out", "payment.pay_out", {kPayment}},
    {"/v1/payments/{payment_id}/exchange-difference", "payment.record_exchange_difference", {kPayment}},
    {"/v1/payments/{payment_id}/refunds", "refund.request", {kPayment}},
    {"/v1/payments/{payment_id}/refunds/{refund_id}/progress", "refund.progress", {kPayment, kRefund}},
    {"/v1/payments/{payment_id}/refunds/{refund_id}/settle", "refund.settle", {kPayment, kRefund}},
    {"/v1/payments/{payment_id}/chargebacks", "chargeback.open", {kPayment}},
    {"/v1/payments/{payment_id}/chargebacks/{chargeback_id}/win", "chargeback.win", {kPayment, kChargeback}},
    {"/v1/payments/{payment_id}/chargebacks/{chargeback_id}/lose", "chargeback.lose", {kPayment, kChargeback}},
    {"/v1/payments/{payment_id}/returns", "return.report", {kPayment}},
    {"/v1/receipts", "unbooked.report", {}},
    {"/v1/unbooked/{unbooked_id}/assign", "unbooked.assign", {kUnbooked}},
    {"/v1/unbooked/{unbooked_id}/resolve", "unbooked.resolve", {kUnbooked}},
    {"/v1/deposits", "deposit.receive", {}},
    {"/v1/deposits/{deposit_id}/use", "deposit.use", {kDeposit}},
    {"/v1/deposits/{deposit_id}/return", "deposit.return", {kDeposit}},
    {"/v1/plans", "plan.agree", {}},
    {"/v1/plans/{plan_id}/cancel", "plan.cancel", {kPlan}},
    {"/v1/payment-methods", "method.add", {}},
    {"/v1/payment-methods/{method_id}/remove", "method.remove", {kMethod}},
    {"/v1/payment-methods/{method_id}/autopay", "method.set_autopay", {kMethod}},
    {"/v1/periods/{period}/begin-close", "books.begin_close", {kPeriod}},
    {"/v1/periods/{period}/release", "books.release_revenue", {kPeriod}},
    {"/v1/periods/{period}/close", "books.close", {kPeriod}},
    {"/v1/disputes", "dispute.open", {}},
    {"/v1/disputes/{dispute_id}/close", "dispute.close", {kDispute}},
    {"/v1/groupings", "grouping.create", {}},
    {"/v1/groupings/{grouping_id}/rename", "grouping.rename", {kGrouping}},
    {"/v1/groupings/{grouping_id}/groups", "grouping.add_group", {kGrouping}},
    {"/v1/groupings/{grouping_id}/groups/{group_id}/rename", "grouping.rename_group", {kGrouping, kGroup}},
    {"/v1/groupings/{grouping_id}/groups/{group_id}/nest", "grouping.nest_group", {kGrouping, kGroup}},
    {"/v1/groupings/{grouping_id}/groups/{group_id}/accounts", "grouping.add_accounts", {kGrouping, kGroup}},
    {"/v1/groupings/{grouping_id}/groups/{group_id}/accounts/remove", "grouping.remove_accounts", {kGrouping, kGroup}},
    {"/v1/groupings/{grouping_id}/groups/{group_id}/delete", "grouping.delete_group", {kGrouping, kGroup}},
    {"/v1/groupings/{grouping_id}/delete", "grouping.delete", {kGrouping}},
    {"/v1/users", "user.invite", {}},
    {"/v1/users/{user_id}/edit", "user.edit", {kUser}},
    {"/v1/users/{user_id}/role", "user.change_role", {kUser}},
    {"/v1/users/{user_id}/suspend", "user.suspend", {kUser}},
    {"/v1/users/{user_id}/reinstate", "user.reinstate", {kUser}},
});

// The body with the path's ids in it, as a line of a batch would have it.
Result<JsonValue> read_body(JsonParser& parser, const CommandRoute& route, const http::Request& request) {
  const bool named_by_path = !route.fields.front().field.empty();
  BILLING_TRY(body, parser.parse(request.body.empty() && named_by_path ? std::string_view("{}") : request.body));
  if (!body.is(JsonKind::kObject)) return body;
  for (const auto& [parameter, field] : route.fields) {
    if (field.empty()) continue;
    if (!parser.add_member(field, request.param(parameter)))
      return refuse(Code::kUnknownField, "The path says which object is meant.", "/" + std::string(field));
  }
  return parser.root();
}

// `makes`: the command, which the ledger has taken, makes an object.
http::Response answer(bool makes, const Result<service::Receipt>& result) {
  if (!result) return problem(result.error());
  const service::Receipt& receipt = *result;
  const bool made = has_made(makes, receipt);
  http::Response response;
  response.status = made ? 201 : 200;
  response.content_type = "application/json";
  response.headers = {{"ETag", etag(receipt.version)}, {"Ledger-Position", std::to_string(receipt.last)}};
  codec::JsonWriter json(response.body);
  json.begin_object();
  json.member("position", receipt.last);
  json.member("version", receipt.version);
  json.member("repeated", receipt.repeated);
  if (const auto object = made ? new_object(receipt.events) : std::nullopt) {
    json.member("id", object->text());
    response.headers.emplace_back("Location", object->place());
  }
  json.key("events");
  json.begin_array();
  for (const codec::Envelope& envelope : receipt.events) json.raw(codec::to_json(envelope));
  json.end_array();
  json.end_object();
  return response;
}

Result<void> check_expected_version(const service::Order& order) {
  if (!order.expected_version || subject(order.command)) return {};
  return refuse(Code::kMalformedRequest, "If-Match names a version of the object that is changed; here there is none.");
}

Result<std::pair<service::Order, bool>> read_order(const CommandRoute& route, const CommandKind& kind,
                                                   const CommandService& service,
                                                   const identity::Principal& principal,
                                                   const http::Request& request) {
  BILLING_TRY(key, idempotency_key(request));
  BILLING_TRY(version, if_match(request));
  BILLING_TRY(body, read_body(JsonParser::of_thread(), route, request));
  BILLING_TRY(command, parse_command(kind, body, {service.keys}));
  const bool made = makes_object(kind, command);
  const OrderScope scope{principal, service.clock.now(), service.clock.today(),
                         std::chrono::steady_clock::now() + kCommandDeadline};
  service::Order order = make_order(kind, std::move(command), key, scope);
  order.expected_version = version;
  BILLING_CHECK(check_expected_version(order));
  return std::pair(std::move(order), made);
}

AuthorizedHandler command_handler(const CommandRoute& route, const CommandService& service) {
  const CommandKind* const kind = find_command(route.command);
  BILLING_ASSERT(kind != nullptr);
  return [&route, kind, service](const identity::Principal& principal, http::Request request, http::Reply reply) {
    auto read = read_order(route, *kind, service, principal, request);
    if (!read) return reply(problem(read.error()));
    service.ledger.execute(std::move(read->first),
                           [made = read->second, reply = std::move(reply)](Result<service::Receipt> result) {
                             // Not here: the writer has the next commands to decide.
                             reply([made, result = std::move(result)] { return answer(made, result); });
                           });
  };
}

}  // namespace

std::span<const CommandRoute> command_routes() { return kRoutes; }

void add_command_routes(http::Router& router, const Guard& guard, const CommandService& service, Batches& batches) {
  for (const CommandRoute& route : kRoutes) router.add("POST", route.pattern, guard.wrap(command_handler(route, service)));
  router.add_stream("POST", kBatchPattern,
                    guard.wrap_stream([&batches](const identity::Principal& principal, http::Request /*request*/,
                                                 std::shared_ptr<http::Exchange> exchange) {
                      batches.serve(principal, std::move(exchange));
                    }),
                    {.memory_bytes = Batches::kMemoryBytes});
}

}  // namespace billing::api
