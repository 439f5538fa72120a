#include "gateway/api/json_input.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "gateway/api/text.h"
#include "ledger/base/assert.h"

namespace billing::api {
namespace {

static_assert(simdjson::SIMDJSON_PADDING <= kJsonPadding);

// Below this many members every pair is compared, above it they are sorted.
constexpr std::size_t kPairwiseMax = 16;

std::unexpected<Error> refuse_text(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return refuse(Code::kTooDeep, "Arrays and objects may be nested 64 levels deep.");
    case simdjson::UTF8_ERROR: return refuse(Code::kMalformedBody, "The text is not UTF-8.");
    case simdjson::EMPTY: return refuse(Code::kMalformedBody, "There is no JSON value.");
    case simdjson::STRING_ERROR:
    case simdjson::UNCLOSED_STRING:
    case simdjson::UNESCAPED_CHARS: return refuse(Code::kMalformedBody, "A string is not written as JSON wants it.");
    case simdjson::NUMBER_ERROR:
      return refuse(Code::kMalformedBody, "A number is not written as JSON wants it, or out of range.");
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return refuse(Code::kBodyTooLarge, "The text is too large.");
    default: return refuse(Code::kMalformedBody, "The text is not one JSON value.");
  }
}

// Turns the library's tape into nodes. Recursion is bounded by the parser's depth limit.
class Flattener {
 public:
  explicit Flattener(std::vector<JsonNode>& nodes) : nodes_(nodes) {}

  // The library lets an empty array or object be one level deeper than its limit.
  bool too_deep() const { return deepest_ > kJsonDepthMax; }

  void add(std::string_view key, simdjson::dom::element element) {
    using Type = simdjson::dom::element_type;
    const std::size_t at = nodes_.size();
    nodes_.emplace_back().key = key;
    switch (element.type()) {
      case Type::ARRAY: add_array(at, element.get_array().value_unsafe()); break;
      case Type::OBJECT: add_object(at, element.get_object().value_unsafe()); break;
      case Type::INT64: set_integer(at, element.get_int64().value_unsafe()); break;
      case Type::STRING:
        nodes_[at].kind = JsonKind::kString;
        nodes_[at].text = element.get_string().value_unsafe();
        break;
      case Type::BOOL: nodes_[at].kind = element.get_bool().value_unsafe() ? JsonKind::kTrue : JsonKind::kFalse; break;
      case Type::UINT64:
        nodes_[at].kind = JsonKind::kNumber;
        nodes_[at].integer = static_cast<std::int64_t>(element.get_uint64().value_unsafe());
        break;
      case Type::DOUBLE: {
        const double number = element.get_double().value_unsafe();
        nodes_[at].kind = JsonKind::kNumber;
        std::memcpy(&nodes_[at].integer, &number, sizeof number);
        break;
      }
      case Type::NULL_VALUE: break;
    }
    nodes_[at].extent = static_cast<std::uint32_t>(nodes_.size() - at);
  }

 private:
  void set_integer(std::size_t at, std::int64_t value) {
    nodes_[at].kind = JsonKind::kInteger;
    nodes_[at].integer = value;
  }
  void add_array(std::size_t at, simdjson::dom::array array) {
    std::uint32_t count = 0;
    deepest_ = std::max(deepest_, ++depth_);
    for (const simdjson::dom::element child : array) {
      add({}, child);
      ++count;
    }
    --depth_;
    nodes_[at].kind = JsonKind::kArray;
    nodes_[at].count = count;
  }
  void add_object(std::size_t at, simdjson::dom::object object) {
    std::uint32_t count = 0;
    deepest_ = std::max(deepest_, ++depth_);
    for (const simdjson::dom::key_value_pair member : object) {
      add(member.key, member.value);
      ++count;
    }
    --depth_;
    nodes_[at].kind = JsonKind::kObject;
    nodes_[at].count = count;
  }

  std::vector<JsonNode>& nodes_;
  std::size_t depth_ = 0;
  std::size_t deepest_ = 0;
};

// A key that `object` has twice, or nullptr.
const std::string_view* repeated_key(JsonValue object, std::vector<std::string_view>& keys, std::string_view& found) {
  keys.clear();
  JsonValue member = object.first();
  for (std::size_t i = 0; i < object.size(); ++i, member = member.next()) keys.push_back(member.key());
  if (keys.size() > kPairwiseMax) {
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice == keys.end()) return nullptr;
    found = *twice;
    return &found;
  }
  for (std::size_t i = 1; i < keys.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (keys[i] == keys[j]) {
        found = keys[i];
        return &found;
      }
  return nullptr;
}

// The pointer of the first object that has a key twice, completed with that key. Empty: there is none.
std::string duplicate_pointer(JsonValue value, std::vector<std::string_view>& keys) {
  const bool object = value.is(JsonKind::kObject);
  if ((!object && !value.is(JsonKind::kArray)) || value.size() == 0) return {};
  std::string pointer;
  if (std::string_view found; object && repeated_key(value, keys, found) != nullptr) {
    pointer += '/';
    append_pointer_segment(pointer, found);
    return pointer;
  }
  JsonValue child = value.first();
  for (std::size_t i = 0; i < value.size(); ++i, child = child.next()) {
    if (!child.is(JsonKind::kObject) && !child.is(JsonKind::kArray)) continue;
    const std::string below = duplicate_pointer(child, keys);
    if (below.empty()) continue;
    pointer += '/';
    object ? append_pointer_segment(pointer, child.key()) : append_number(pointer, i);
    return pointer + below;
  }
  return {};
}

}  // namespace

struct JsonParser::Impl {
  simdjson::dom::parser parser;
  std::vector<JsonNode> nodes;
  std::vector<std::string_view> keys;
  std::string copy;

  Impl() {
    // The library counts one level more than we do. The rest of the capacity follows from the first text.
    const auto error = parser.allocate(4096, kJsonDepthMax + 1);
    BILLING_ASSERT(error == simdjson::SUCCESS);
  }
};

JsonParser::JsonParser() : impl_(std::make_unique<Impl>()) {}
JsonParser::~JsonParser() = default;

JsonValue JsonParser::root() const { return JsonValue(impl_->nodes.data()); }

JsonParser& JsonParser::of_thread() {
  thread_local JsonParser parser;
  return parser;
}

Result<JsonValue> JsonParser::parse(std::string_view text) {
  impl_->copy.reserve(text.size() + kJsonPadding);
  impl_->copy.assign(text);
  return parse_padded(impl_->copy);
}

Result<JsonValue> JsonParser::parse_padded(std::string_view text) {
  impl_->nodes.clear();
  const auto document = impl_->parser.parse(text.data(), text.size(), false);
  if (document.error() != simdjson::SUCCESS) return refuse_text(document.error());
  Flattener flattener(impl_->nodes);
  flattener.add({}, document.value_unsafe());
  if (flattener.too_deep()) return refuse_text(simdjson::DEPTH_ERROR);
  const JsonValue root(impl_->nodes.data());
  if (std::string pointer = duplicate_pointer(root, impl_->keys); !pointer.empty())
    return refuse(Code::kDuplicateKey, "Each key of an object may be given once.", std::move(pointer));
  return root;
}

bool JsonParser::add_member(std::string_view key, std::string_view text) {
  if (impl_->nodes.empty() || impl_->nodes.front().kind != JsonKind::kObject) return false;
  const JsonValue root(impl_->nodes.data());
  if (root.size() > 0) {
    JsonValue member = root.first();
    for (std::size_t i = 0; i < root.size(); ++i, member = member.next())
      if (member.key() == key) return false;
  }
  JsonNode& node = impl_->nodes.emplace_back();
  node.key = key;
  node.text = text;
  node.kind = JsonKind::kString;
  ++impl_->nodes.front().extent;
  ++impl_->nodes.front().count;
  return true;
}

}  // namespace billing::api
