// The one table of commands: name to parser, for single routes and batch lines alike.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/api/fields.h"
#include "gateway/api/json_input.h"
#include "ledger/base/error.h"
#include "ledger/codec/envelope.h"
#include "ledger/codec/person_keys.h"
#include "ledger/domain/event.h"

namespace billing::api {

// What parsing needs beside the body. Any thread.
struct ParseEnvironment {
  const codec::PersonKeys& keys;  // the keyed hash of e-mail addresses
};

struct CommandKind {
  std::string_view name;  // "payment.record"
  Command (*parse)(Fields& body, const ParseEnvironment& environment);
  bool creates = false;  // it makes an object, or changes something
};

// All commands that a caller may give, by name.
std::span<const CommandKind> command_kinds();
// Null when there is none of that name.
const CommandKind* find_command(std::string_view name);

// Parses a body. `at` is where it stands in the text (null: it is the text). Errors: the first thing wrong with it,
// with its JSON pointer.
Result<Command> parse_command(const CommandKind& kind, JsonValue body, const ParseEnvironment& environment,
                              const JsonPath* at = nullptr);
// The same by name. Error also: kUnknownCommand.
Result<Command> parse_command(std::string_view name, JsonValue body, const ParseEnvironment& environment);

// An object that an event made. `home` is the object that it is read with: itself, but for a group (its grouping) and
// for what is under a payment (the payment).
struct NewObject {
  std::string_view prefix;  // of its id
  Uuid id;
  std::string_view home_prefix;
  Uuid home_id;
  std::string text() const { return id_text(prefix, id); }
  // Where it is read: "/v1/payments/pay_…".
  std::string place() const;
};
std::optional<NewObject> new_object(const Event& event);
// The first object that these events made. `events` are those of one command.
std::optional<NewObject> new_object(std::span<const codec::Envelope> events);

// The parsers, by kind of object (commands_*.cc).
namespace parse {
Command customer_create(Fields& body, const ParseEnvironment& environment);
Command account_open(Fields& body, const ParseEnvironment& environment);
Command account_rename(Fields& body, const ParseEnvironment& environment);
Command account_change_terms(Fields& body, const ParseEnvironment& environment);
Command account_change_contacts(Fields& body, const ParseEnvironment& environment);
Command account_change_address(Fields& body, const ParseEnvironment& environment);
Command account_change_role(Fields& body, const ParseEnvironment& environment);
Command account_unfreeze(Fields& body, const ParseEnvironment& environment);
Command account_close(Fields& body, const ParseEnvironment& environment);
Command hierarchy_move(Fields& body, const ParseEnvironment& environment);
Command invoice_draft(Fields& body, const ParseEnvironment& environment);
Command invoice_add_lines(Fields& body, const ParseEnvironment& environment);
Command invoice_replace_lines(Fields& body, const ParseEnvironment& environment);
Command invoice_discard(Fields& body, const ParseEnvironment& environment);
Command invoice_issue(Fields& body, const ParseEnvironment& environment);
Command invoice_void(Fields& body, const ParseEnvironment& environment);
Command invoice_write_off(Fields& body, const ParseEnvironment& environment);
Command invoice_recover(Fields& body, const ParseEnvironment& environment);
Command invoice_charge_late_fees(Fields& body, const ParseEnvironment& environment);
Command credit_note_issue(Fields& body, const ParseEnvironment& environment);
Command payment_record(Fields& body, const ParseEnvironment& environment);
Command payment_request(Fields& body, const ParseEnvironment& environment);
Command payment_progress(Fields& body, const ParseEnvironment& environment);
Command payment_reverse(Fields& body, const ParseEnvironment& environment);
Command payment_reallocate(Fields& body, const ParseEnvironment& environment);
Command payment_pay_out(Fields& body, const ParseEnvironment& environment);
Command payment_record_exchange_difference(Fields& body, const ParseEnvironment& environment);
Command refund_request(Fields& body, const ParseEnvironment& environment);
Command refund_progress(Fields& body, const ParseEnvironment& environment);
Command refund_settle(Fields& body, const ParseEnvironment& environment);
Command chargeback_open(Fields& body, const ParseEnvironment& environment);
Command chargeback_win(Fields& body, const ParseEnvironment& environment);
Command chargeback_lose(Fields& body, const ParseEnvironment& environment);
Command return_report(Fields& body, const ParseEnvironment& environment);
Command credit_hold(Fields& body, const ParseEnvironment& environment);
Command credit_transfer(Fields& body, const ParseEnvironment& environment);
Command credit_apply(Fields& body, const ParseEnvironment& environment);
Command deposit_receive(Fields& body, const ParseEnvironment& environment);
Command deposit_use(Fields& body, const ParseEnvironment& environment);
Command deposit_return(Fields& body, const ParseEnvironment& environment);
Command dispute_open(Fields& body, const ParseEnvironment& environment);
Command dispute_close(Fields& body, const ParseEnvironment& environment);
Command plan_agree(Fields& body, const ParseEnvironment& environment);
Command plan_cancel(Fields& body, const ParseEnvironment& environment);
Command method_add(Fields& body, const ParseEnvironment& environment);
Command method_remove(Fields& body, const ParseEnvironment& environment);
Command method_set_autopay(Fields& body, const ParseEnvironment& environment);
Command method_clear_autopay(Fields& body, const ParseEnvironment& environment);
Command books_begin_close(Fields& body, const ParseEnvironment& environment);
Command books_release_revenue(Fields& body, const ParseEnvironment& environment);
Command books_close(Fields& body, const ParseEnvironment& environment);
Command unbooked_report(Fields& body, const ParseEnvironment& environment);
Command unbooked_assign(Fields& body, const ParseEnvironment& environment);
Command unbooked_resolve(Fields& body, const ParseEnvironment& environment);
Command grouping_create(Fields& body, const ParseEnvironment& environment);
Command grouping_rename(Fields& body, const ParseEnvironment& environment);
Command grouping_add_group(Fields& body, const ParseEnvironment& environment);
Command grouping_rename_group(Fields& body, const ParseEnvironment& environment);
Command grouping_nest_group(Fields& body, const ParseEnvironment& environment);
Command grouping_add_accounts(Fields& body, const ParseEnvironment& environment);
Command grouping_remove_accounts(Fields& body, const ParseEnvironment& environment);
Command grouping_delete_group(Fields& body, const ParseEnvironment& environment);
Command grouping_delete(Fields& body, const ParseEnvironment& environment);
Command user_invite(Fields& body, const ParseEnvironment& environment);
Command user_edit(Fields& body, const ParseEnvironment& environment);
Command user_change_role(Fields& body, const ParseEnvironment& environment);
Command user_suspend(Fields& body, const ParseEnvironment& environment);
Command user_reinstate(Fields& body, const ParseEnvironment& environment);
}  // namespace parse

}  // namespace billing::api
