// Envelopes for tests, made by visiting the field lists: every event, with every field filled or with random values. They are
// made in sample_events.cc, once for each event: in every test file that was the larger part of what is compiled.
#pragma once

#include <tuple>

#include "ledger/codec/fields.h"

namespace billing::codec {

// kFull: readable values, no default anywhere. kRandom: anything that may be stored, extremes, empty and absent values among
// them.
enum class Fill : std::uint8_t { kFull, kRandom };
template <class E>
Envelope make_sample(Fill fill, std::uint64_t seed);
// Every field of the envelope and of the event has a value that is not its default.
template <class E>
Envelope full_sample();
// The sample of tests/fixtures and docs/events-reference.md: as full_sample, with postings and dates on events that move money.
template <class E>
Envelope fixture_sample(std::uint32_t edition = kEdition);

// Calls visit.operator()<E>() for every event type.
template <class Visit>
void for_each_event_type(const Visit& visit) {
#define X(event, number, edition, type, payload) visit.template operator()<event>();
  BILLING_CODEC_EVENTS(X)
#undef X
}

inline auto parts(const Envelope& e) {
  return std::tie(e.position, e.stream, e.version, e.customer, e.customer_sequence, e.recorded, e.document_date,
                  e.posting_date, e.actor, e.command_id, e.index, e.count, e.currency, e.event, e.postings);
}

}  // namespace billing::codec
