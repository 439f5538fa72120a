// A customer: tenant, unit of consistency and Kafka key. Owns a forest of accounts in one currency.
#pragma once

#include "ledger/domain/types.h"

namespace billing {
struct StreamEvent;
using Decision = Result<std::vector<StreamEvent>>;
}  // namespace billing

namespace billing::customer {

struct State {
  CustomerId id;
  std::string name;
  Currency currency;
  std::string external_id;
  std::string legal_entity;  // whose number series its documents take; empty: the operator itself
};

struct Created {
  CustomerId id;
  std::string name;
  Currency currency;
  std::string external_id;
  std::string legal_entity;
  friend bool operator==(const Created&, const Created&) = default;
};

struct Create {
  CustomerId id;  // nil: taken from the context
  std::string name;
  Currency currency;
  std::string external_id;
  std::string legal_entity{};  // capitals and digits, at most 8
};

Decision decide(const billing::State& state, const Create& command, const Context& context);
void evolve(billing::State& state, const Created& event);

}  // namespace billing::customer
