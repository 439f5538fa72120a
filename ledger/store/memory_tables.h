// Tables in memory: for tests, and for views that need nothing kept.
#pragma once

#include <memory>

#include "ledger/store/tables.h"

namespace billing::store {

// Empty tables that are lost with the object. Taking a snapshot is cheap; the first write after it copies the rows, so
// these are for small sets or for few snapshots.
std::unique_ptr<Tables> make_memory_tables();

}  // namespace billing::store
