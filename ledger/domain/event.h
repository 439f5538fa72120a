// Every event and every command of the ledger, as two closed sums; what a decision returns; who is concerned.
#pragma once

#include <variant>

#include "ledger/domain/account.h"
#include "ledger/domain/credit_note.h"
#include "ledger/domain/customer.h"
#include "ledger/domain/dispute.h"
#include "ledger/domain/grouping.h"
#include "ledger/domain/hierarchy.h"
#include "ledger/domain/invoice.h"
#include "ledger/domain/payment.h"
#include "ledger/domain/receivables.h"
#include "ledger/domain/user.h"

namespace billing {

using Event =
    std::variant<customer::Created, account::Opened, account::Renamed, account::TermsChanged, account::ContactsChanged,
                 account::Closed, hierarchy::Moved, invoice::Drafted, invoice::LinesAdded, invoice::Discarded,
                 invoice::Issued, credit_note::Issued, payment::Recorded, receivables::CreditApplied, dispute::Opened,
                 dispute::Closed, grouping::Created, grouping::Renamed, grouping::GroupAdded, grouping::GroupRenamed,
                 grouping::GroupNested, grouping::AccountsAdded, grouping::AccountsRemoved, user::Invited, user::Edited,
                 user::RoleChanged, user::Suspended, user::Reinstated>;

using Command =
    std::variant<customer::Create, account::Open, account::Rename, account::ChangeTerms, account::ChangeContacts,
                 account::Close, hierarchy::Move, invoice::Draft, invoice::AddLines, invoice::Discard, invoice::Issue,
                 credit_note::Issue, payment::Record, dispute::Open, dispute::Close, grouping::Create, grouping::Rename,
                 grouping::AddGroup, grouping::RenameGroup, grouping::NestGroup, grouping::AddAccounts,
                 grouping::RemoveAccounts, user::Invite, user::Edit, user::ChangeRole, user::Suspend, user::Reinstate>;

// An event and where it belongs. The dates are those of domain.md: `document_date` is what the paper says,
// `posting_date` counts for the books; an event without money has neither.
struct StreamEvent {
  StreamId stream;
  CustomerId customer;
  Event event;
  std::optional<Date> document_date;
  std::optional<Date> posting_date;
  Currency currency;  // of the event's amounts; not valid() where there are none
};

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
