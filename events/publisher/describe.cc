#include "events/publisher/wire.h"
#include "ledger/codec/codec.h"

namespace billing::publisher {

Result<Description> describe(const store::Record& record) {
  BILLING_TRY(envelope, codec::decode(record, nullptr));
  Description description;
  // The object's own id and version: the same whatever happens to the log, so a reader may use it to detect repeats.
  const std::string_view kind = stream_kind_text(envelope.stream.kind);
  description.id.reserve(kind.size() + 48);
  description.id.append(kind).append("/").append(base32(envelope.stream.id)).append("/");
  description.id.append(std::to_string(envelope.version));
  description.type.append("billing.").append(event_type(envelope.event)).append(".v1");
  description.customer = envelope.customer;
  description.customer_sequence = envelope.customer_sequence;
  description.recorded = envelope.recorded;
  return description;
}

}  // namespace billing::publisher
