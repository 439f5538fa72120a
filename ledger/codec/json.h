// An event as JSON, for the public feed and for exports. Nothing personal: persons appear by their id only.
#pragma once

#include <string>

#include "ledger/codec/envelope.h"

namespace billing::codec {

// One line of JSON without a line break. Ids are prefixed text, days ISO 8601, instants RFC 3339, amounts
// {"amount":"249.95","currency":"USD"}; an amount whose event names no currency is {"minor_units":"24995"}. Optional
// fields that are absent are left out, empty texts are written. docs/events-reference.md has a sample of each event. Any thread.
std::string to_json(const Envelope& envelope);
// The same, appended.
void append_json(const Envelope& envelope, std::string& out);

}  // namespace billing::codec
