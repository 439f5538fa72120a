#include "ledger/domain/event.h"

#include <array>

#include "ledger/domain/free_credit.h"
#include "ledger/domain/movements.h"
#include "ledger/domain/overdue.h"
#include "ledger/domain/state.h"

namespace billing {
namespace {

// In the order of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<EventSum>> kTypes{
    "customer.Created", "account.Opened", "account.Renamed", "account.TermsChanged", "account.ContactsChanged",
    "account.AddressChanged", "account.RoleChanged", "account.Frozen", "account.Unfrozen", "account.Closed",
    "hierarchy.Moved", "invoice.Drafted", "invoice.LinesAdded", "invoice.LinesReplaced", "invoice.Discarded",
    "invoice.Issued", "invoice.Voided", "invoice.WrittenOff", "invoice.Recovered", "credit_note.Issued",
    "payment.Recorded", "payment.Requested", "payment.Progressed", "payment.Succeeded", "payment.Reversed",
    "payment.Reallocated", "payment.PaidOut", "payment.ExchangeDifferenceRecorded", "payment.RefundRequested",
    "payment.RefundProgressed", "payment.RefundSucceeded", "payment.RefundSettled", "payment.ChargebackOpened",
    "payment.ChargebackWon", "payment.ChargebackLost", "payment.Returned", "receivables.CreditApplied",
    "receivables.CreditHeld", "receivables.CreditTransferred", "receivables.FollowUpDue", "dispute.Opened",
    "dispute.Closed", "grouping.Created", "grouping.Renamed", "grouping.GroupAdded", "grouping.GroupRenamed",
    "grouping.GroupNested", "grouping.AccountsAdded", "grouping.AccountsRemoved", "grouping.GroupDeleted", "grouping.Deleted", "user.Invited", "user.Edited",
    "user.RoleChanged", "user.Suspended", "user.Reinstated", "books.PeriodClosing", "books.RevenueReleased",
    "books.PeriodClosed", "deposit.Received", "deposit.Used", "deposit.Returned", "plan.Agreed", "plan.Cancelled",
    "method.Added", "method.Removed", "method.AutopaySet", "method.AutopayCleared", "unbooked.Queued",
    "unbooked.Resolved"};

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace

Event::Event() = default;
Event::Event(const Event&) = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(const Event&) = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

Command::Command() = default;
Command::Command(const Command&) = default;
Command::Command(Command&&) noexcept = default;
Command& Command::operator=(const Command&) = default;
Command& Command::operator=(Command&&) noexcept = default;
Command::~Command() = default;

StreamEvent fact(StreamId stream, CustomerId customer, Event event) {
  return {.stream = stream,
          .customer = customer,
          .event = std::move(event),
          .document_date = {},
          .posting_date = {},
          .currency = {}};
}

StreamEvent dated_fact(StreamId stream, CustomerId customer, Event event, Date day) {
  StreamEvent dated = fact(stream, customer, std::move(event));
  dated.document_date = day;
  return dated;
}

StreamEvent money_fact(StreamId stream, CustomerId customer, Event event, Date document_date, Date posting_date,
                       Currency currency) {
  return {.stream = stream,
          .customer = customer,
          .event = std::move(event),
          .document_date = document_date,
          .posting_date = posting_date,
          .currency = currency};
}

std::string_view event_type(const Event& event) { return kTypes[event.index()]; }

Decision decide(const State& state, const Command& command, const Context& context) {
  auto events = std::visit([&](const auto& one) { return decide(state, one, context); }, command);
  if (events) receivables::apply_free_credit(state, *events, context);
  return events;
}

void evolve(State& state, const StreamEvent& event) {
  std::visit([&](const auto& one) { evolve(state, one); }, event.event);
  const std::vector<Movement> movements = movements_of(event.event);
  for (const Movement& movement : movements) {
    const auto& [source, id, from, to, on, amount] = movement;
    if (from && from->is_credit()) state.queues[from->account].credit_by_day.add(on, -amount);
    if (to && to->is_credit()) state.queues[to->account].credit_by_day.add(on, amount);
    apply(movement.source == CreditSource::kPayment ? state.payments.at(PaymentId{movement.source_id}).money
                                                    : state.credit_notes.at(CreditNoteId{movement.source_id}).credit,
          movement);
  }
  overdue::note_paid(state, event.event, movements);
  state.versions[event.stream]++;
  state.customer_sequences[event.customer]++;
}

std::optional<StreamId> subject(const Command& command) {
  const auto of = [](StreamKind kind, const Uuid& id) { return std::optional(StreamId{kind, id}); };
  return std::visit(
      Overloaded{
          [&](const account::Rename& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const account::ChangeTerms& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const account::ChangeContacts& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const account::ChangeAddress& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const account::ChangeRole& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const account::Freeze& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const account::Unfreeze& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const account::Close& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const invoice::AddLines& c) { return of(StreamKind::kInvoice, c.id.uuid); },
          [&](const invoice::ReplaceLines& c) { return of(StreamKind::kInvoice, c.id.uuid); },
          [&](const invoice::Void& c) { return of(StreamKind::kInvoice, c.id.uuid); },
          [&](const invoice::WriteOff& c) { return of(StreamKind::kInvoice, c.id.uuid); },
          [&](const invoice::Recover& c) { return of(StreamKind::kInvoice, c.id.uuid); },
          [&](const payment::Progress& c) { return of(StreamKind::kPayment, c.id.uuid); },
          [&](const payment::Reverse& c) { return of(StreamKind::kPayment, c.id.uuid); },
          [&](const payment::Reallocate& c) { return of(StreamKind::kPayment, c.id.uuid); },
          [&](const payment::PayOut& c) { return of(StreamKind::kPayment, c.id.uuid); },
          [&](const payment::RecordExchangeDifference& c) { return of(StreamKind::kPayment, c.id.uuid); },
          [&](const refund::Request& c) { return of(StreamKind::kPayment, c.id.uuid); },
          [&](const refund::Progress& c) { return of(StreamKind::kPayment, c.id.uuid); },
          [&](const refund::Settle& c) { return of(StreamKind::kPayment, c.id.uuid); },
          [&](const receivables::HoldCredit& c) { return of(StreamKind::kReceivables, c.account.uuid); },
          [&](const receivables::ApplyCredit& c) { return of(StreamKind::kReceivables, c.account.uuid); },
          [&](const deposit::Use& c) { return of(StreamKind::kDeposit, c.id.uuid); },
          [&](const deposit::Return& c) { return of(StreamKind::kDeposit, c.id.uuid); },
          [&](const plan::Cancel& c) { return of(StreamKind::kPlan, c.id.uuid); },
          [&](const method::Remove& c) { return of(StreamKind::kMethod, c.id.uuid); },
          [&](const method::SetAutopay& c) { return of(StreamKind::kMethod, c.id.uuid); },
          [&](const unbooked::Assign& c) { return of(StreamKind::kUnbooked, c.id.uuid); },
          [&](const unbooked::Resolve& c) { return of(StreamKind::kUnbooked, c.id.uuid); },
          [&](const invoice::Discard& c) { return of(StreamKind::kInvoice, c.id.uuid); },
          [&](const invoice::Issue& c) {
            return c.draft ? of(StreamKind::kInvoice, c.header.id.uuid) : std::nullopt;
          },
          [&](const dispute::Close& c) { return of(StreamKind::kDispute, c.id.uuid); },
          [&](const grouping::Rename& c) { return of(StreamKind::kGrouping, c.id.uuid); },
          [&](const grouping::AddGroup& c) { return of(StreamKind::kGrouping, c.id.uuid); },
          [&](const grouping::RenameGroup& c) { return of(StreamKind::kGrouping, c.id.uuid); },
          [&](const grouping::NestGroup& c) { return of(StreamKind::kGrouping, c.id.uuid); },
          [&](const grouping::AddAccounts& c) { return of(StreamKind::kGrouping, c.id.uuid); },
          [&](const grouping::RemoveAccounts& c) { return of(StreamKind::kGrouping, c.id.uuid); },
          [&](const grouping::DeleteGroup& c) { return of(StreamKind::kGrouping, c.id.uuid); },
          [&](const grouping::Delete& c) { return of(StreamKind::kGrouping, c.id.uuid); },
          [&](const user::Edit& c) { return of(StreamKind::kUser, c.id.uuid); },
          [&](const user::ChangeRole& c) { return of(StreamKind::kUser, c.id.uuid); },
          [&](const user::Suspend& c) { return of(StreamKind::kUser, c.id.uuid); },
          [&](const user::Reinstate& c) { return of(StreamKind::kUser, c.id.uuid); },
          [](const auto&) { return std::optional<StreamId>(); }},
      command);
}

}  // namespace billing
