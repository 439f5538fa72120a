// An event as it stands in the log: what happened, to which stream, when, by whom, with its balanced postings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/base/date.h"
#include "ledger/base/ids.h"
#include "ledger/domain/event.h"

namespace billing::codec {

struct Envelope {
  Position position = 0;
  StreamId stream;
  std::uint64_t version = 0;            // of the stream; the first event of a stream has 1
  CustomerId customer;
  std::uint64_t customer_sequence = 0;  // of the customer; gapless from 1
  Instant recorded;
  std::optional<Date> document_date;
  std::optional<Date> posting_date;
  std::string actor;
  std::string command_id;         // as the client gave it
  std::uint32_t index = 0;        // of this event within its command, from 0
  std::uint32_t count = 1;        // events of the command
  Currency currency;              // of the postings; not valid() where there are none
  Event event;
  std::vector<Posting> postings;  // the stored ones
};

}  // namespace billing::codec
