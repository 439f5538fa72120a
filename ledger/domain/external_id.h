// External ids: the ids that objects have in another system, unique per kind within a customer; those of customers in all.
#pragma once

#include "ledger/domain/state.h"

namespace billing {

// Whether `external_id` is free for the object `own` of this kind; an empty one always is. The customer is ignored for
// kCustomer. Error: kExternalIdTaken, whose detail is the holder's id.
Result<void> check_external_id(const State& state, StreamKind kind, CustomerId customer, const std::string& external_id,
                               const Uuid& own);
// Of evolve functions. In logs that are older than the rule the first holder keeps it.
void claim_external_id(State& state, StreamKind kind, CustomerId customer, const std::string& external_id, const Uuid& own);
// It is free again, if `own` holds it.
void release_external_id(State& state, StreamKind kind, CustomerId customer, const std::string& external_id,
                         const Uuid& own);

}  // namespace billing
