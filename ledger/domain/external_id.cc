#include "ledger/domain/external_id.h"

namespace billing {
namespace {

// The kind, the customer's 16 bytes but for customers, the external id.
std::string key_of(StreamKind kind, CustomerId customer, const std::string& external_id) {
  std::string key(1, static_cast<char>(kind));
  if (kind != StreamKind::kCustomer) key.append(customer.uuid.view());
  return key.append(external_id);
}

std::string id_text(StreamKind kind, const Uuid& id) {
  switch (kind) {
    case StreamKind::kCustomer: return CustomerId{id}.text();
    case StreamKind::kAccount: return AccountId{id}.text();
    case StreamKind::kInvoice: return InvoiceId{id}.text();
    case StreamKind::kCreditNote: return CreditNoteId{id}.text();
    default: return PaymentId{id}.text();
  }
}

}  // namespace

Result<void> check_external_id(const State& state, StreamKind kind, CustomerId customer, const std::string& external_id,
                               const Uuid& own) {
  if (external_id.empty()) return {};
  const auto held = state.external_ids.find(key_of(kind, customer, external_id));
  if (held == state.external_ids.end() || held->second == own) return {};
  return refuse(Code::kExternalIdTaken, id_text(kind, held->second), "/external_id");
}

void claim_external_id(State& state, StreamKind kind, CustomerId customer, const std::string& external_id, const Uuid& own) {
  if (!external_id.empty()) state.external_ids.emplace(key_of(kind, customer, external_id), own);
}

void release_external_id(State& state, StreamKind kind, CustomerId customer, const std::string& external_id,
                         const Uuid& own) {
  const auto held = state.external_ids.find(key_of(kind, customer, external_id));
  if (held != state.external_ids.end() && held->second == own) state.external_ids.erase(held);
}

}  // namespace billing
