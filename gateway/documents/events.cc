#include "gateway/documents/events.h"

#include "gateway/documents/log_walk.h"
#include "ledger/codec/json.h"

namespace billing::documents {

Result<std::uint64_t> export_events(const store::Log& log, const Sink& sink, const OnProgress& progress) {
  std::uint64_t events = 0;
  Pieces pieces(sink);
  const auto line = [&](const codec::Envelope& envelope) {
    codec::append_json(envelope, pieces.text());
    pieces.text() += '\n';
    ++events;
    return pieces.pass();
  };
  BILLING_CHECK(walk(log, log.head().position, line, progress));
  BILLING_CHECK(pieces.flush());
  return events;
}

}  // namespace billing::documents
