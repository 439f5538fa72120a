#include "gateway/api/commands.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/base/assert.h"

namespace billing::api {
namespace {

constexpr bool kCreates = true;
constexpr auto kCommands = std::to_array<CommandKind>({
    {"account.change_address", parse::account_change_address},
    {"account.change_contacts", parse::account_change_contacts},
    {"account.change_role", parse::account_change_role},
    {"account.change_terms", parse::account_change_terms},
    {"account.close", parse::account_close},
    {"account.open", parse::account_open, kCreates},
    {"account.rename", parse::account_rename},
    {"account.unfreeze", parse::account_unfreeze},
    {"books.begin_close", parse::books_begin_close},
    {"books.close", parse::books_close},
    {"books.release_revenue", parse::books_release_revenue},
    {"chargeback.lose", parse::chargeback_lose},
    {"chargeback.open", parse::chargeback_open, kCreates},
    {"chargeback.win", parse::chargeback_win},
    {"credit.apply", parse::credit_apply},
    {"credit.hold", parse::credit_hold},
    {"credit.transfer", parse::credit_transfer},
    {"credit_note.issue", parse::credit_note_issue, kCreates},
    {"customer.create", parse::customer_create, kCreates},
    {"deposit.receive", parse::deposit_receive, kCreates},
    {"deposit.return", parse::deposit_return},
    {"deposit.use", parse::deposit_use},
    {"dispute.close", parse::dispute_close},
    {"dispute.open", parse::dispute_open, kCreates},
    {"grouping.add_accounts", parse::grouping_add_accounts},
    {"grouping.add_group", parse::grouping_add_group, kCreates},
    {"grouping.create", parse::grouping_create, kCreates},
    {"grouping.delete", parse::grouping_delete},
    {"grouping.delete_group", parse::grouping_delete_group},
    {"grouping.nest_group", parse::grouping_nest_group},
    {"grouping.remove_accounts", parse::grouping_remove_accounts},
    {"grouping.rename", parse::grouping_rename},
    {"grouping.rename_group", parse::grouping_rename_group},
    {"hierarchy.move", parse::hierarchy_move},
    {"invoice.add_lines", parse::invoice_add_lines},
    {"invoice.charge_late_fees", parse::invoice_charge_late_fees, kCreates},
    {"invoice.discard", parse::invoice_discard},
    {"invoice.draft", parse::invoice_draft, kCreates},
    {"invoice.issue", parse::invoice_issue, kCreates},
    {"invoice.recover", parse::invoice_recover},
    {"invoice.replace_lines", parse::invoice_replace_lines},
    {"invoice.void", parse::invoice_void},
    {"invoice.write_off", parse::invoice_write_off},
    {"method.add", parse::method_add, kCreates},
    {"method.clear_autopay", parse::method_clear_autopay},
    {"method.remove", parse::method_remove},
    {"method.set_autopay", parse::method_set_autopay},
    {"payment.pay_out", parse::payment_pay_out},
    {"payment.progress", parse::payment_progress},
    {"payment.reallocate", parse::payment_reallocate},
    {"payment.record", parse::payment_record, kCreates},
    {"payment.record_exchange_difference", parse::payment_record_exchange_difference},
    {"payment.request", parse::payment_request, kCreates},
    {"payment.reverse", parse::payment_reverse},
    {"plan.agree", parse::plan_agree, kCreates},
    {"plan.cancel", parse::plan_cancel},
    {"refund.progress", parse::refund_progress},
    {"refund.request", parse::refund_request, kCreates},
    {"refund.settle", parse::refund_settle},
    {"return.report", parse::return_report, kCreates},
    {"unbooked.assign", parse::unbooked_assign, kCreates},
    {"unbooked.report", parse::unbooked_report, kCreates},
    {"unbooked.resolve", parse::unbooked_resolve},
    {"user.change_role", parse::user_change_role},
    {"user.edit", parse::user_edit},
    {"user.invite", parse::user_invite, kCreates},
    {"user.reinstate", parse::user_reinstate},
    {"user.suspend", parse::user_suspend},
});
// The commands that the ledger gives itself: account::Freeze, when a check of the books fails.
constexpr std::size_t kWithinTheLedger = 1;
static_assert(std::ranges::is_sorted(kCommands, {}, &CommandKind::name));
static_assert(kCommands.size() + kWithinTheLedger == std::variant_size_v<CommandSum>);

constexpr auto kCollections = std::to_array<std::pair<std::string_view, std::string_view>>({
    {CustomerId::prefix(), "/v1/customers/"},
    {AccountId::prefix(), "/v1/accounts/"},
    {InvoiceId::prefix(), "/v1/invoices/"},
    {CreditNoteId::prefix(), "/v1/credit-notes/"},
    {PaymentId::prefix(), "/v1/payments/"},
    {DisputeId::prefix(), "/v1/disputes/"},
    {GroupingId::prefix(), "/v1/groupings/"},
    {UserId::prefix(), "/v1/users/"},
    {DepositId::prefix(), "/v1/deposits/"},
    {PlanId::prefix(), "/v1/plans/"},
    {MethodId::prefix(), "/v1/payment-methods/"},
    {UnbookedId::prefix(), "/v1/unbooked/"},
});

template <class AnyId>
NewObject made(AnyId id) {
  return {AnyId::prefix(), id.uuid, AnyId::prefix(), id.uuid};
}
template <class AnyId, class HomeId>
NewObject made_in(AnyId id, HomeId home) {
  return {AnyId::prefix(), id.uuid, HomeId::prefix(), home.uuid};
}

// One overload for each event that makes an object; the others make none.
struct NewObjectOf {
  std::optional<NewObject> operator()(const customer::Created& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const account::Opened& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const invoice::Drafted& event) const { return made(event.header.id); }
  std::optional<NewObject> operator()(const invoice::Issued& event) const { return made(event.header.id); }
  std::optional<NewObject> operator()(const credit_note::Issued& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const payment::Recorded& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const payment::Requested& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const refund::Requested& event) const { return made_in(event.refund, event.id); }
  std::optional<NewObject> operator()(const chargeback::Opened& event) const {
    return made_in(event.chargeback, event.id);
  }
  std::optional<NewObject> operator()(const chargeback::Returned& event) const {
    return made_in(event.return_id, event.id);
  }
  std::optional<NewObject> operator()(const dispute::Opened& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const grouping::Created& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const grouping::GroupAdded& event) const {
    return made_in(event.group, event.id);
  }
  std::optional<NewObject> operator()(const user::Invited& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const deposit::Received& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const plan::Agreed& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const method::Added& event) const { return made(event.id); }
  std::optional<NewObject> operator()(const unbooked::Queued& event) const { return made(event.id); }
  template <class Other>
  std::optional<NewObject> operator()(const Other& /*event*/) const {
    return std::nullopt;
  }
};

}  // namespace

std::span<const CommandKind> command_kinds() { return kCommands; }

const CommandKind* find_command(std::string_view name) {
  const auto found = std::ranges::lower_bound(kCommands, name, {}, &CommandKind::name);
  return found != kCommands.end() && found->name == name ? &*found : nullptr;
}

Result<Command> parse_command(const CommandKind& kind, JsonValue body, const ParseEnvironment& environment,
                              const JsonPath* at) {
  Refusal refusal;
  Fields fields(body, refusal, at);
  if (refusal.any()) return std::unexpected(refusal.take());
  Command command = kind.parse(fields, environment);
  fields.end();
  if (refusal.any()) return std::unexpected(refusal.take());
  return command;
}

Result<Command> parse_command(std::string_view name, JsonValue body, const ParseEnvironment& environment) {
  const CommandKind* const kind = find_command(name);
  if (kind == nullptr) return refuse(Code::kUnknownCommand, "The list of commands is in the API's description.");
  return parse_command(*kind, body, environment);
}

std::string NewObject::place() const {
  const auto found =
      std::ranges::find(kCollections, home_prefix, &std::pair<std::string_view, std::string_view>::first);
  BILLING_ASSERT(found != kCollections.end());
  return std::string(found->second) + id_text(home_prefix, home_id);
}

std::optional<NewObject> new_object(const Event& event) { return std::visit(NewObjectOf{}, event); }

std::optional<NewObject> new_object(std::span<const codec::Envelope> events) {
  for (const codec::Envelope& envelope : events)
    if (auto object = new_object(envelope.event)) return object;
  return std::nullopt;
}

}  // namespace billing::api
