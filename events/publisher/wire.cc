#include "events/publisher/wire.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

namespace billing::publisher {
namespace {

std::optional<std::uint64_t> parse_number(std::optional<std::string_view> text) {
  if (!text || text->empty()) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> parse_hex(std::optional<std::string_view> text) {
  if (!text || text->size() != 2 * N) return std::nullopt;
  const auto bytes = crypto::from_hex(*text);
  if (!bytes) return std::nullopt;
  std::array<std::uint8_t, N> out{};
  std::transform(bytes->begin(), bytes->end(), out.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

// Takes `value` into `out`, or notes the header's name as the record's fault.
template <class T, class U>
bool take(const std::optional<T>& value, U& out, std::string_view name, TopicRecord& record) {
  if (value) {
    out = *value;
    return true;
  }
  record.fault = "the header " + std::string(name) + " is missing or malformed";
  return false;
}

}  // namespace

std::string hash_text(const store::Hash& hash) { return crypto::hex(std::span<const std::uint8_t>(hash)); }

std::vector<Header> event_headers(const store::Record& record, const store::Hash& hash, const Description& description,
                                  std::string_view source, std::uint64_t epoch) {
  const std::array<std::uint8_t, 2> format{record.format, record.flags};
  std::vector<Header> headers;
  headers.reserve(15);
  headers.push_back({"content-type", "application/protobuf"});
  headers.push_back({"ce_specversion", "1.0"});
  headers.push_back({"ce_id", description.id});
  headers.push_back({"ce_type", description.type});
  headers.push_back({"ce_source", std::string(source)});
  headers.push_back({"ce_subject", description.customer.text()});
  headers.push_back({"ce_time", description.recorded.text()});
  headers.push_back({"ledger-position", std::to_string(record.position)});
  headers.push_back({"ledger-epoch", std::to_string(epoch)});
  headers.push_back({"ledger-format", crypto::hex(std::span<const std::uint8_t>(format))});
  headers.push_back({"ledger-previous-hash", hash_text(record.previous_hash)});
  headers.push_back({"ledger-private-digest", hash_text(store::private_digest(record))});
  headers.push_back({"ledger-hash", hash_text(hash)});
  headers.push_back({"ledger-customer-sequence", std::to_string(description.customer_sequence)});
  return headers;
}

std::vector<Header> claim_headers(const Claim& claim, std::string_view source) {
  return {{"ce_specversion", "1.0"},
          {"ce_id", "claim/" + std::to_string(claim.epoch) + "/" + claim.node},
          {"ce_type", "billing.ledger.Claimed.v1"},
          {"ce_source", std::string(source)},
          {"ce_time", claim.time.text()},
          {"ledger-claim", "1"},
          {"ledger-epoch", std::to_string(claim.epoch)},
          {"ledger-node", claim.node},
          {"ledger-previous-position", std::to_string(claim.previous.position)},
          {"ledger-previous-hash", hash_text(claim.previous.hash)}};
}

void read_headers(const void* message, HeaderLookup header, TopicRecord& record) {
  const auto number = [&](std::string_view name, std::uint64_t& out) {
    return take(parse_number(header(message, name)), out, name, record);
  };
  const auto hash = [&](std::string_view name, store::Hash& out) {
    return take(parse_hex<32>(header(message, name)), out, name, record);
  };
  record.kind = TopicRecord::Kind::kForeign;
  record.fault.clear();
  if (!number("ledger-epoch", record.epoch)) return;
  if (!hash("ledger-previous-hash", record.previous_hash)) return;
  if (header(message, "ledger-claim")) {
    if (!number("ledger-previous-position", record.previous.position)) return;
    record.previous.hash = record.previous_hash;
    record.node = std::string(header(message, "ledger-node").value_or(""));
    record.kind = TopicRecord::Kind::kClaim;
    return;
  }
  std::array<std::uint8_t, 2> format{};
  if (!number("ledger-position", record.head.position) || !hash("ledger-hash", record.head.hash)) return;
  if (!hash("ledger-private-digest", record.private_digest)) return;
  if (!take(parse_hex<2>(header(message, "ledger-format")), format, "ledger-format", record)) return;
  if (!number("ledger-customer-sequence", record.customer_sequence)) return;
  record.format = format[0];
  record.flags = format[1];
  record.kind = TopicRecord::Kind::kEvent;
}

store::Hash recomputed_hash(const TopicRecord& event) {
  return crypto::Sha256()
      .update(event.previous_hash)
      .update(event.format)
      .update(event.flags)
      .update(event.value)
      .update(event.private_digest)
      .finish();
}

}  // namespace billing::publisher
