// Strict reading of JSON bodies and lines: RFC 8259, UTF-8, bounded depth, no key twice.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::api {

// Levels of arrays and objects within each other.
inline constexpr std::size_t kJsonDepthMax = 64;
// Bytes after a text that the parser may read (never past, and it does not matter what they are).
inline constexpr std::size_t kJsonPadding = 64;

enum class JsonKind : std::uint8_t { kNull, kFalse, kTrue, kInteger, kNumber, kString, kArray, kObject };

// A value and, in the same array right behind it, the values inside it.
struct JsonNode {
  std::string_view key;     // of a member of an object
  std::string_view text;    // of a string, without its escapes
  std::int64_t integer = 0;  // of kInteger
  std::uint32_t extent = 1;  // nodes of this value, itself included
  std::uint32_t count = 0;   // elements or members
  JsonKind kind = JsonKind::kNull;
};

// A value of a parsed text. Valid until its parser parses again.
class JsonValue {
 public:
  explicit JsonValue(const JsonNode* node) : node_(node) {}
  JsonKind kind() const { return node_->kind; }
  bool is(JsonKind kind) const { return node_->kind == kind; }
  std::string_view key() const { return node_->key; }
  std::string_view text() const { return node_->text; }
  std::int64_t integer() const { return node_->integer; }
  std::size_t size() const { return node_->count; }
  // The first element or member; only when size() > 0. `next` only while there are more.
  JsonValue first() const { return JsonValue(node_ + 1); }
  JsonValue next() const { return JsonValue(node_ + node_->extent); }
  const JsonNode* node() const { return node_; }

 private:
  const JsonNode* node_;
};

// Reuses its memory: one per thread, used for one text after the other. Not thread-safe.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(const JsonParser&) = delete;
  JsonParser& operator=(const JsonParser&) = delete;

  // Parses one whole text. Errors: kMalformedBody (not JSON, not UTF-8, something after the value, a number out of
  // range), kTooDeep, kDuplicateKey with the pointer of the second member (the text was JSON otherwise).
  Result<JsonValue> parse(std::string_view text);
  // The same without a copy, for a text that has kJsonPadding readable bytes behind it.
  Result<JsonValue> parse_padded(std::string_view text);
  // Adds a member with a string to the object that was parsed last, whose JsonValues are invalid after it: take root()
  // again. Both views must live as long as its values are used. False when the last text was no object or has this key.
  bool add_member(std::string_view key, std::string_view text);

  // What was parsed last, with the members added since. Only after a parse that succeeded.
  JsonValue root() const;

  // The parser of this thread.
  static JsonParser& of_thread();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::api
