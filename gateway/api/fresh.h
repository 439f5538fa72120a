// New random ids, made many at a time.
#pragma once

#include "ledger/base/date.h"
#include "ledger/base/ids.h"

namespace billing::api {

// A version 7 UUID from the time and this thread's supply of random bytes. Any thread.
Uuid fresh_uuid(Instant now);

}  // namespace billing::api
