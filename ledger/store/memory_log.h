// A log in memory: for tests, and for a service that needs nothing kept.
#pragma once

#include <memory>

#include "ledger/store/log.h"

namespace billing::store {

// An empty log that is lost with the object. It keeps every rule of `Log` but durability; commit's only refusal is
// kInternal, for records that do not continue the chain.
std::unique_ptr<Log> make_memory_log();

}  // namespace billing::store
