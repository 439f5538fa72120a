// Every event and every command of the ledger, as two closed sums; what a decision returns; who is concerned.
#pragma once

#include <variant>

#include "ledger/domain/account.h"
#include "ledger/domain/books.h"
#include "ledger/domain/chargeback.h"
#include "ledger/domain/credit_note.h"
#include "ledger/domain/customer.h"
#include "ledger/domain/deposit.h"
#include "ledger/domain/dispute.h"
#include "ledger/domain/grouping.h"
#include "ledger/domain/hierarchy.h"
#include "ledger/domain/invoice.h"
#include "ledger/domain/method.h"
#include "ledger/domain/payment.h"
#include "ledger/domain/plan.h"
#include "ledger/domain/receivables.h"
#include "ledger/domain/refund.h"
#include "ledger/domain/unbooked.h"
#include "ledger/domain/user.h"

namespace billing {

// The special members of both sums are made once, in event.cc. Made anew in every file that copies an event they were
// the larger part of what is compiled.
using EventSum = std::variant<
    customer::Created, account::Opened, account::Renamed, account::TermsChanged, account::ContactsChanged,
    account::AddressChanged, account::RoleChanged, account::Frozen, account::Unfrozen, account::Closed, hierarchy::Moved,
    invoice::Drafted, invoice::LinesAdded, invoice::LinesReplaced, invoice::Discarded, invoice::Issued, invoice::Voided,
    invoice::WrittenOff, invoice::Recovered, credit_note::Issued, payment::Recorded, payment::Requested,
    payment::Progressed, payment::Succeeded, payment::Reversed, payment::Reallocated, payment::PaidOut,
    payment::ExchangeDifferenceRecorded, refund::Requested, refund::Progressed, refund::Succeeded, refund::Settled,
    chargeback::Opened, chargeback::Won, chargeback::Lost, chargeback::Returned, receivables::CreditApplied,
    receivables::CreditHeld, receivables::CreditTransferred, receivables::FollowUpDue, dispute::Opened,
    dispute::Closed, grouping::Created, grouping::Renamed, grouping::GroupAdded, grouping::GroupRenamed,
    grouping::GroupNested, grouping::AccountsAdded, grouping::AccountsRemoved, grouping::GroupDeleted, grouping::Deleted, user::Invited, user::Edited,
    user::RoleChanged, user::Suspended, user::Reinstated, books::PeriodClosing, books::RevenueReleased,
    books::PeriodClosed, deposit::Received, deposit::Used, deposit::Returned, plan::Agreed, plan::Cancelled,
    method::Added, method::Removed, method::AutopaySet, method::AutopayCleared, unbooked::Queued, unbooked::Resolved>;
struct Event : EventSum {
  using EventSum::EventSum;
  Event();
  Event(const Event&);
  Event(Event&&) noexcept;
  Event& operator=(const Event&);
  Event& operator=(Event&&) noexcept;
  ~Event();
};

using CommandSum = std::variant<
    customer::Create, account::Open, account::Rename, account::ChangeTerms, account::ChangeContacts,
    account::ChangeAddress, account::ChangeRole, account::Freeze, account::Unfreeze, account::Close, hierarchy::Move,
    invoice::Draft, invoice::AddLines, invoice::ReplaceLines, invoice::Discard, invoice::Issue, invoice::Void,
    invoice::WriteOff, invoice::Recover, invoice::ChargeLateFees, credit_note::Issue, payment::Record, payment::Request,
    payment::Progress, payment::Reverse, payment::Reallocate, payment::PayOut, payment::RecordExchangeDifference,
    refund::Request, refund::Progress, refund::Settle, chargeback::Open, chargeback::Win, chargeback::Lose,
    chargeback::Return, receivables::HoldCredit, receivables::TransferCredit, receivables::ApplyCredit, dispute::Open,
    dispute::Close, grouping::Create, grouping::Rename, grouping::AddGroup, grouping::RenameGroup, grouping::NestGroup,
    grouping::AddAccounts, grouping::RemoveAccounts, grouping::DeleteGroup, grouping::Delete, user::Invite, user::Edit, user::ChangeRole, user::Suspend,
    user::Reinstate, books::BeginClose, books::ReleaseRevenue, books::Close, deposit::Receive, deposit::Use,
    deposit::Return, plan::Agree, plan::Cancel, method::Add, method::Remove, method::SetAutopay, method::ClearAutopay,
    unbooked::Report, unbooked::Assign, unbooked::Resolve>;
struct Command : CommandSum {
  using CommandSum::CommandSum;
  Command();
  Command(const Command&);
  Command(Command&&) noexcept;
  Command& operator=(const Command&);
  Command& operator=(Command&&) noexcept;
  ~Command();
};

// An event and where it belongs. The dates are those of domain.md: `document_date` is what the paper says,
// `posting_date` counts for the books. An event without money has no posting date; where its day counts and it does not name
// one itself (drafts, the steps of a payment and of a refund), its document date is the operator's day on which it happened.
struct StreamEvent {
  StreamId stream;
  CustomerId customer;
  Event event;
  std::optional<Date> document_date;
  std::optional<Date> posting_date;
  Currency currency;  // of the event's amounts; not valid() where there are none
};

// An event without money, one whose day counts, and one with money: both dates of domain.md and the currency of its amounts.
StreamEvent fact(StreamId stream, CustomerId customer, Event event);
StreamEvent dated_fact(StreamId stream, CustomerId customer, Event event, Date day);
StreamEvent money_fact(StreamId stream, CustomerId customer, Event event, Date document_date, Date posting_date,
                       Currency currency);

// "invoice.Issued", "account.Renamed", …: the event's type as published.
std::string_view event_type(const Event& event);

// Balanced postings of an event, in the order of the table in docs/domain.md; empty for an event without money.
std::vector<Posting> postings_for(const Event& event);

// Decides a command on the state: the events that follow from it, or the one refusal that applies. Pure.
Decision decide(const State& state, const Command& command, const Context& context);

// Folds one event into the state. The event was decided on this state, so nothing here can fail.
void evolve(State& state, const StreamEvent& event);

// The stream whose version an If-Match header speaks of: the object that the command changes; none for new objects.
std::optional<StreamId> subject(const Command& command);

}  // namespace billing
