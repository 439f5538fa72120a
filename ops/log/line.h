// One log line: its level, event, message and typed fields, and its form as text. The one place that escapes.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace billing::ops::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError };
std::string_view level_name(Level level);

// A named value of a line. The views live for the call that gets them only.
struct Field {
  using Value = std::variant<bool, std::int64_t, std::uint64_t, std::string_view>;
  std::string_view name;  // snake_case; none of "time", "level", "event", "message"
  Value value;

  Field(std::string_view n, bool v) : name(n), value(v) {}
  template <std::signed_integral Number>
  Field(std::string_view n, Number v) : name(n), value(static_cast<std::int64_t>(v)) {}
  template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>)
  Field(std::string_view n, Number v) : name(n), value(static_cast<std::uint64_t>(v)) {}
  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}  // else it would be a bool
};
using Fields = std::initializer_list<Field>;

struct Line {
  std::chrono::system_clock::time_point time;
  Level level = Level::kInfo;
  std::string_view event;
  std::string_view message;
  Fields fields;
};

// The longest text of a field or message, in bytes; what is longer is cut.
inline constexpr std::size_t kTextMax = 1024;

// Without an end of line, and never with one inside: a text cannot begin a line of its own. What is not valid UTF-8 is
// written with "?" for its bytes beyond ASCII.
std::string json_line(const Line& line);
std::string plain_line(const Line& line);

}  // namespace billing::ops::log
