// Every event as a line of JSON, as the feed shows them.
#pragma once

#include "gateway/documents/journal.h"

namespace billing::documents {

// Writes every event up to the head of now as NDJSON (codec/json.h); personal data is not in it. Returns how many.
// Any thread. Errors: the sink's; kStorageFailure; kCorruptRecord with the position.
Result<std::uint64_t> export_events(const store::Log& log, const Sink& sink, const OnProgress& progress = {});

}  // namespace billing::documents
