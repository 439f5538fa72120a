#include "ledger/domain/event.h"

#include <array>

#include "ledger/domain/state.h"

namespace billing {
namespace {

// In the order of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<Event>> kTypes{
    "customer.Created",      "account.Opened",         "account.Renamed",      "account.TermsChanged",
    "account.ContactsChanged", "account.Closed",       "hierarchy.Moved",      "invoice.Drafted",
    "invoice.LinesAdded",    "invoice.Discarded",      "invoice.Issued",       "credit_note.Issued",
    "payment.Recorded",      "receivables.CreditApplied", "dispute.Opened",    "dispute.Closed",
    "grouping.Created",      "grouping.Renamed",       "grouping.GroupAdded",  "grouping.GroupRenamed",
    "grouping.GroupNested",  "grouping.AccountsAdded", "grouping.AccountsRemoved", "user.Invited",
    "user.Edited",           "user.RoleChanged",       "user.Suspended",       "user.Reinstated"};

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace

std::string_view event_type(const Event& event) { return kTypes[event.index()]; }

Decision decide(const State& state, const Command& command, const Context& context) {
  return std::visit([&](const auto& one) { return decide(state, one, context); }, command);
}

void evolve(State& state, const StreamEvent& event) {
  std::visit([&](const auto& one) { evolve(state, one); }, event.event);
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
          [&](const account::Close& c) { return of(StreamKind::kAccount, c.id.uuid); },
          [&](const invoice::AddLines& c) { return of(StreamKind::kInvoice, c.id.uuid); },
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
          [&](const user::Edit& c) { return of(StreamKind::kUser, c.id.uuid); },
          [&](const user::ChangeRole& c) { return of(StreamKind::kUser, c.id.uuid); },
          [&](const user::Suspend& c) { return of(StreamKind::kUser, c.id.uuid); },
          [&](const user::Reinstate& c) { return of(StreamKind::kUser, c.id.uuid); },
          [](const auto&) { return std::optional<StreamId>(); }},
      command);
}

}  // namespace billing
