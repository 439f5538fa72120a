// The events that a topic has behind a log: what brings a store back that lost its end.
#pragma once

#include <chrono>
#include <functional>

#include "events/publisher/publisher.h"

namespace billing::publisher {

struct TailEvent {
  store::Record record;   // without its private part, which no topic has
  store::Hash hash{};     // of the chain
  bool personal = false;  // it had a private part
};

// Reads the topic with read_committed, from its beginning, and hands over the events behind `from`, in order, each once; none
// after the one for which `take` returned false. Returns the position of the topic's last event, 0 without one. Each must follow the one before by its position and hash, and have the hash that its bytes
// give; the first one must follow `from`. `progress(offset, end)` is called now and then. One thread. Errors: kConfiguration;
// kNotAnswered (brokers or topic away, a read that does not go on); kCorruptRecord (another history than `from`, or an event
// that does not follow; the detail names the position).
Result<Position> read_events_after(const Connection& connection, const store::Head& from,
                                   const std::function<bool(const TailEvent&)>& take,
                                   const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace billing::publisher
