#include "ledger/domain/customer.h"

#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/external_id.h"
#include "ledger/domain/state.h"

namespace billing::customer {
namespace {

// It begins the numbers of the customer's documents.
bool is_legal_entity(std::string_view text) {
  return text.size() <= 8 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

}  // namespace

Decision decide(const billing::State& state, const Create& command, const Context& context) {
  const CustomerId id = command.id.nil() ? context.fresh_id<CustomerId>() : command.id;
  if (state.customers.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  if (!command.currency.valid()) return refuse(Code::kUnknownCurrency, {}, "/currency");
  BILLING_CHECK(check_text(command.name, kNameMax, "/name"));
  BILLING_CHECK(check_optional_text(command.external_id, kReferenceMax, "/external_id"));
  BILLING_CHECK(check_external_id(state, StreamKind::kCustomer, id, command.external_id, id.uuid));

  if (!is_legal_entity(command.legal_entity)) {
    return refuse(Code::kInvalidText, "at most 8 capitals and digits", "/legal_entity");
  }

  return std::vector{fact({StreamKind::kCustomer, id.uuid}, id,
                          Created{id, command.name, command.currency, command.external_id, command.legal_entity})};
}

void evolve(billing::State& state, const Created& event) {
  state.customers[event.id] = {event.id, event.name, event.currency, event.external_id, event.legal_entity};
  claim_external_id(state, StreamKind::kCustomer, event.id, event.external_id, event.id.uuid);
}

}  // namespace billing::customer
