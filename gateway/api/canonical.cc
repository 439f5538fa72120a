// The hash by which a repeated command is told from another one under the same key.
#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "gateway/api/json_input.h"
#include "ledger/crypto/sha256.h"

namespace billing::api {
namespace {

void append_length(std::string& out, std::size_t length) {
  const auto number = static_cast<std::uint32_t>(length);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string& out, std::string_view text) {
  append_length(out, text.size());
  out += text;
}

void append_canonical(std::string& out, JsonValue value);

void append_members(std::string& out, JsonValue object) {
  constexpr std::size_t kInPlace = 24;
  std::array<const JsonNode*, kInPlace> few;
  std::vector<const JsonNode*> many;
  const std::size_t count = object.size();
  if (count > kInPlace) many.resize(count);
  const JsonNode** const members = count > kInPlace ? many.data() : few.data();
  const JsonNode* member = count > 0 ? object.first().node() : nullptr;
  for (std::size_t i = 0; i < count; ++i, member += member->extent) members[i] = member;
  std::sort(members, members + count, [](const JsonNode* a, const JsonNode* b) { return a->key < b->key; });
  for (std::size_t i = 0; i < count; ++i) {
    append_text(out, members[i]->key);
    append_canonical(out, JsonValue(members[i]));
  }
}

void append_canonical(std::string& out, JsonValue value) {
  out += static_cast<char>(value.kind());
  switch (value.kind()) {
    case JsonKind::kInteger:
    case JsonKind::kNumber: {
      const std::int64_t integer = value.integer();
      out.append(reinterpret_cast<const char*>(&integer), sizeof integer);
      break;
    }
    case JsonKind::kString: append_text(out, value.text()); break;
    case JsonKind::kArray: {
      append_length(out, value.size());
      JsonValue element = value.first();
      for (std::size_t i = 0; i < value.size(); ++i, element = element.next()) append_canonical(out, element);
      break;
    }
    case JsonKind::kObject:
      append_length(out, value.size());
      append_members(out, value);
      break;
    default: break;
  }
}

}  // namespace

std::array<std::uint8_t, 16> canonical_hash(std::string_view label, JsonValue value) {
  thread_local std::string canonical;
  canonical.clear();
  append_text(canonical, label);
  append_canonical(canonical, value);
  const crypto::Digest digest = crypto::sha256(canonical);
  // A large body must not keep its memory on this thread for ever.
  if (canonical.capacity() > 256 * 1024) std::string().swap(canonical);
  std::array<std::uint8_t, 16> cut;
  std::copy_n(digest.begin(), cut.size(), cut.begin());
  return cut;
}

}  // namespace billing::api
