#include "ledger/domain/customer.h"

#include "ledger/base/utf8.h"
#include "ledger/domain/state.h"

namespace billing::customer {

Decision decide(const billing::State& state, const Create& command, const Context& context) {
  const CustomerId id = command.id.nil() ? context.fresh_id<CustomerId>() : command.id;
  if (state.customers.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  if (!command.currency.valid()) return refuse(Code::kUnknownCurrency, {}, "/currency");
  BILLING_CHECK(check_text(command.name, kNameMax, "/name"));
  BILLING_CHECK(check_optional_text(command.external_id, kReferenceMax, "/external_id"));

  return std::vector<StreamEvent>{{.stream = {StreamKind::kCustomer, id.uuid},
                                   .customer = id,
                                   .event = Created{id, command.name, command.currency, command.external_id},
                                   .document_date = {},
                                   .posting_date = {},
                                   .currency = {}}};
}

void evolve(billing::State& state, const Created& event) {
  state.customers[event.id] = {event.id, event.name, event.currency, event.external_id};
}

}  // namespace billing::customer
