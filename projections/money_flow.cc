#include "projections/money_flow.h"

#include "projections/overloaded.h"

namespace billing::views {
namespace {

using Allocations = std::vector<AllocationChange>;
using Credits = std::vector<CreditChange>;

AllocationChange of_payment(PaymentId id, const std::vector<Allocation>& allocations, bool reopens = false) {
  return {AllocationSource::kPayment, id.uuid, reopens, &allocations};
}

AllocationSource allocation_source(CreditSource source) {
  return source == CreditSource::kPayment ? AllocationSource::kPayment : AllocationSource::kCreditNote;
}

Credits taken(const Takeback& takeback) {
  Credits changes;
  for (const CreditPart& part : takeback.credits) {
    changes.push_back({part.account, part.source, part.source_id, -part.amount});
  }
  return changes;
}

Credits rest_of_payment(AccountId account, PaymentId id, std::int64_t amount) {
  if (amount == 0) return {};
  return {{account, CreditSource::kPayment, id.uuid, amount}};
}

Credits transferred(const receivables::CreditTransferred& event) {
  Credits changes;
  for (const CreditPart& part : event.parts) {
    changes.push_back({event.from_account, part.source, part.source_id, -part.amount});
    changes.push_back({event.to_account, part.source, part.source_id, part.amount});
  }
  return changes;
}

Credits left_of_note(const credit_note::Issued& event) {
  Credits changes;
  for (const Share& share : event.unapplied) {
    changes.push_back({share.account, CreditSource::kCreditNote, event.id.uuid, share.amount});
  }
  return changes;
}

Credits applied(const receivables::CreditApplied& event) {
  std::int64_t sum = 0;
  for (const Allocation& allocation : event.allocations) sum += allocation.amount;
  return {{event.account, event.source, event.source_id, -sum}};
}

}  // namespace

std::vector<AllocationChange> allocation_changes(const Event& event) {
  return std::visit(
      Overloaded{
          [](const payment::Recorded& e) -> Allocations { return {of_payment(e.id, e.allocations)}; },
          [](const payment::Succeeded& e) -> Allocations { return {of_payment(e.id, e.allocations)}; },
          [](const payment::Reversed& e) -> Allocations { return {of_payment(e.id, e.takeback.reopened, true)}; },
          [](const payment::Reallocated& e) -> Allocations {
            return {of_payment(e.id, e.released, true), of_payment(e.id, e.allocations)};
          },
          [](const refund::Succeeded& e) -> Allocations { return {of_payment(e.id, e.takeback.reopened, true)}; },
          [](const chargeback::Opened& e) -> Allocations { return {of_payment(e.id, e.takeback.reopened, true)}; },
          [](const chargeback::Won& e) -> Allocations { return {of_payment(e.id, e.allocations)}; },
          [](const chargeback::Returned& e) -> Allocations { return {of_payment(e.id, e.takeback.reopened, true)}; },
          [](const credit_note::Issued& e) -> Allocations {
            return {{AllocationSource::kCreditNote, e.id.uuid, false, &e.allocations}};
          },
          [](const receivables::CreditApplied& e) -> Allocations {
            return {{allocation_source(e.source), e.source_id, false, &e.allocations}};
          },
          [](const deposit::Used& e) -> Allocations {
            return {{AllocationSource::kDeposit, e.id.uuid, false, &e.allocations}};
          },
          [](const invoice::WrittenOff& e) -> Allocations {
            return {{AllocationSource::kWriteOff, e.id.uuid, false, &e.allocations}};
          },
          [](const invoice::Recovered& e) -> Allocations {
            return {{AllocationSource::kWriteOff, e.id.uuid, true, &e.allocations}};
          },
          [](const auto&) -> Allocations { return {}; }},
      event);
}

std::vector<CreditChange> credit_changes(const Event& event) {
  return std::visit(
      Overloaded{[](const payment::Recorded& e) { return rest_of_payment(e.account, e.id, e.unapplied); },
                 [](const payment::Succeeded& e) { return rest_of_payment(e.account, e.id, e.unapplied); },
                 [](const chargeback::Won& e) { return rest_of_payment(e.account, e.id, e.unapplied); },
                 [](const payment::Reallocated& e) { return rest_of_payment(e.account, e.id, e.unapplied_change); },
                 [](const payment::Reversed& e) { return taken(e.takeback); },
                 [](const refund::Succeeded& e) { return taken(e.takeback); },
                 [](const chargeback::Opened& e) { return taken(e.takeback); },
                 [](const chargeback::Returned& e) { return taken(e.takeback); },
                 [](const credit_note::Issued& e) { return left_of_note(e); },
                 [](const receivables::CreditApplied& e) { return applied(e); },
                 [](const receivables::CreditTransferred& e) { return transferred(e); },
                 [](const auto&) { return Credits{}; }},
      event);
}

}  // namespace billing::views
