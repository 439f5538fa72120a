#include "ops/backup/recorded.h"

#include <fmt/format.h>

#include "ledger/codec/codec.h"

namespace billing::ops {

Result<codec::Envelope> event_at(const store::Log& log, Position position) {
  Result<codec::Envelope> event = refuse(Code::kCorruptRecord, fmt::format("position {}: there is no event", position));
  BILLING_CHECK(log.read(position, 1, [&](const store::Record& record) {
    event = codec::decode(record, nullptr);
    return false;
  }));
  return event;
}

Result<Instant> recorded_at(const store::Log& log, Position position) {
  BILLING_TRY(event, event_at(log, position));
  return event.recorded;
}

Result<Position> position_at(const store::Log& log, Instant instant) {
  Position before = 0;  // recorded at the instant or before it
  Position after = log.head().position + 1;
  while (after - before > 1) {
    const Position middle = before + (after - before) / 2;
    BILLING_TRY(recorded, recorded_at(log, middle));
    (recorded <= instant ? before : after) = middle;
  }
  return before;
}

}  // namespace billing::ops
