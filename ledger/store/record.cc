#include "ledger/store/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

namespace billing::store {
namespace {

constexpr std::size_t kHeaderBytes = 2 + 32;
constexpr std::uint8_t kHeadVersion = 1;

void put_u32(std::string& out, std::uint32_t value) {
  const char bytes[4] = {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
                         static_cast<char>(value)};
  out.append(bytes, sizeof bytes);
}

void put_u64(std::string& out, std::uint64_t value) {
  put_u32(out, static_cast<std::uint32_t>(value >> 32));
  put_u32(out, static_cast<std::uint32_t>(value));
}

std::uint32_t get_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

std::uint64_t get_u64(std::string_view bytes) {
  return (std::uint64_t{get_u32(bytes)} << 32) | get_u32(bytes.substr(4));
}

std::string_view view(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

// Takes a length and as many bytes from the front of `rest`; false when they are not there.
bool take_part(std::string_view& rest, std::string& part) {
  if (rest.size() < 4) return false;
  const std::size_t size = get_u32(rest);
  rest.remove_prefix(4);
  if (rest.size() < size) return false;
  part.assign(rest.substr(0, size));
  rest.remove_prefix(size);
  return true;
}

// The 16 bytes of a UUID of version 7 in its text form of 36 characters; nothing for any other text.
std::optional<std::string> uuid_v7_bytes(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return {};
  std::string digits;
  for (const std::size_t i : {0U, 9U, 14U, 19U, 24U}) digits += text.substr(i, i == 0 ? 8 : i == 24 ? 12 : 4);
  auto bytes = crypto::from_hex(digits);
  if (!bytes || (static_cast<std::uint8_t>((*bytes)[6]) >> 4) != 7) return {};
  return *std::move(bytes);
}

}  // namespace

Hash private_digest(const Record& record) {
  return record.private_part.empty() ? Hash{} : crypto::sha256(record.private_part);
}

Hash record_hash(const Record& record) {
  return crypto::Sha256()
      .update(record.previous_hash)
      .update(record.format)
      .update(record.flags)
      .update(record.public_part)
      .update(private_digest(record))
      .finish();
}

std::string command_key(const Uuid& tenant, std::string_view id) {
  std::string key(tenant.view());
  if (const auto bytes = uuid_v7_bytes(id)) return key + *bytes;
  const Hash digest = crypto::sha256(id);
  return key.append(view(digest).substr(0, 16));
}

std::string position_key(Position position) {
  std::string key;
  put_u64(key, position);
  return key;
}

Result<Position> parse_position_key(std::string_view key) {
  if (key.size() != 8) return refuse(Code::kCorruptRecord, "a key of the log has not eight bytes");
  return get_u64(key);
}

void encode_record(const Record& record, std::string& out) {
  out.push_back(static_cast<char>(record.format));
  out.push_back(static_cast<char>(record.flags));
  out.append(view(record.previous_hash));
  put_u32(out, static_cast<std::uint32_t>(record.public_part.size()));
  out.append(record.public_part);
  put_u32(out, static_cast<std::uint32_t>(record.private_part.size()));
  out.append(record.private_part);
}

Result<void> decode_record(Position position, std::string_view value, Record& record) {
  const auto corrupt = [&](std::string_view why) {
    return refuse(Code::kCorruptRecord, fmt::format("the record at position {} cannot be read: {}", position, why));
  };
  if (value.size() < kHeaderBytes) return corrupt("it is shorter than its header");
  record.position = position;
  record.format = static_cast<std::uint8_t>(value[0]);
  record.flags = static_cast<std::uint8_t>(value[1]);
  if (record.format != kRecordFormat) return corrupt(fmt::format("its format {} is unknown", record.format));
  std::memcpy(record.previous_hash.data(), value.data() + 2, record.previous_hash.size());
  value.remove_prefix(kHeaderBytes);
  if (!take_part(value, record.public_part)) return corrupt("its public part is cut short");
  if (!take_part(value, record.private_part)) return corrupt("its private part is cut short");
  if (!value.empty()) return corrupt("bytes follow its end");
  return {};
}

std::string encode_command(const CommandEntry& entry) {
  std::string value;
  put_u64(value, entry.first_position);
  put_u32(value, entry.count);
  value.append(reinterpret_cast<const char*>(entry.body_hash.data()), entry.body_hash.size());
  return value;
}

Result<CommandEntry> decode_command(std::string_view key, std::string_view value) {
  if (value.size() != 28) return refuse(Code::kCorruptRecord, "an entry of the command index has not 28 bytes");
  CommandEntry entry;
  entry.key = key;
  entry.first_position = get_u64(value);
  entry.count = get_u32(value.substr(8));
  std::memcpy(entry.body_hash.data(), value.data() + 12, entry.body_hash.size());
  return entry;
}

std::string encode_head(const Head& head) {
  std::string value(1, static_cast<char>(kHeadVersion));
  put_u64(value, head.position);
  value.append(view(head.hash));
  return value;
}

Result<Head> decode_head(std::string_view value) {
  if (value.size() != 41 || static_cast<std::uint8_t>(value[0]) != kHeadVersion) {
    return refuse(Code::kCorruptRecord, "the head's row has an unknown form");
  }
  Head head;
  head.position = get_u64(value.substr(1));
  std::memcpy(head.hash.data(), value.data() + 9, head.hash.size());
  return head;
}

Result<Head> chain_after(const Head& head, std::span<const Record> records) {
  Head next = head;
  for (const Record& record : records) {
    if (record.position != next.position + 1 || record.previous_hash != next.hash) {
      return refuse(Code::kInternal, fmt::format("the record at position {} does not continue the chain after {}",
                                                 record.position, next.position));
    }
    if (record.format != kRecordFormat) return refuse(Code::kInternal, "a record has an unknown format");
    if (record.public_part.size() > kRecordBytesMax || record.private_part.size() > kRecordBytesMax) {
      return refuse(Code::kInternal, fmt::format("the record at position {} is too large", record.position));
    }
    next = {record.position, record_hash(record)};
  }
  return next;
}

}  // namespace billing::store
