// What a record of the topic looks like: header names, building and reading them, the hash of the chain.
// The table for readers is in README.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/date.h"
#include "ledger/base/error.h"
#include "ledger/store/log.h"

namespace billing::publisher {

struct Header {
  std::string_view name;  // always a constant
  std::string value;
};

// What the headers say about an event beyond the stored record itself.
struct Description {
  std::string id;    // ce_id
  std::string type;  // ce_type
  CustomerId customer;
  std::uint64_t customer_sequence = 0;
  Instant recorded;
};

// Reads the envelope of a stored record. Error: kCorruptRecord with the position. Any thread.
Result<Description> describe(const store::Record& record);

// A writer's announcement that it goes on behind `previous`.
struct Claim {
  std::uint64_t epoch = 0;
  std::string node;
  store::Head previous;
  Instant time;
};

std::vector<Header> event_headers(const store::Record& record, const store::Hash& hash, const Description& description,
                                  std::string_view source, std::uint64_t epoch);
std::vector<Header> claim_headers(const Claim& claim, std::string_view source);

// One record as read from the topic; views point into the message.
struct TopicRecord {
  enum class Kind : std::uint8_t { kEvent, kClaim, kForeign } kind = Kind::kForeign;
  std::int64_t offset = 0;
  std::string_view key;
  std::string_view value;
  std::uint64_t epoch = 0;
  // events
  store::Head head;  // position and ledger-hash
  store::Hash previous_hash{};
  store::Hash private_digest{};
  std::uint8_t format = 0;
  std::uint8_t flags = 0;
  std::uint64_t customer_sequence = 0;
  // claims
  std::string node;
  store::Head previous;
  std::string fault;  // of a foreign record: what is missing or malformed
};

// `header(name)` gives a header's value or nullopt.
using HeaderLookup = std::optional<std::string_view> (*)(const void* message, std::string_view name);
// Fills everything but offset, key and value.
void read_headers(const void* message, HeaderLookup header, TopicRecord& record);

// The hash of the chain at an event, recomputed from what the topic holds.
store::Hash recomputed_hash(const TopicRecord& event);

// Lower-case hexadecimal digits.
std::string hash_text(const store::Hash& hash);

}  // namespace billing::publisher
