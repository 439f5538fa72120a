// Where in a log an instant lies.
#pragma once

#include "ledger/base/date.h"
#include "ledger/codec/envelope.h"
#include "ledger/store/log.h"

namespace billing::ops {

// The event at this position of the log, without personal data. Errors: kCorruptRecord, kStorageFailure.
Result<codec::Envelope> event_at(const store::Log& log, Position position);

// When it was recorded. Errors: as event_at.
Result<Instant> recorded_at(const store::Log& log, Position position);

// The newest position whose event was recorded at the instant or before it; 0 when all are newer. Recorded times never fall
// from one event to the next. Errors: as event_at.
Result<Position> position_at(const store::Log& log, Instant instant);

}  // namespace billing::ops
