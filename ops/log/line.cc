#include "ops/log/line.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "ledger/base/utf8.h"
#include "ledger/codec/json_writer.h"

namespace billing::ops::log {
namespace {

// RFC 3339 in UTC with microseconds.
std::string time_text(std::chrono::system_clock::time_point time) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = micros / 1'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                     utc.tm_min, utc.tm_sec, micros % 1'000'000);
}

// At most kTextMax bytes of it, in valid UTF-8.
std::string fit(std::string_view text) {
  std::size_t size = std::min(text.size(), kTextMax);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  std::string out(text.substr(0, size));
  if (!valid_utf8(out)) std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) >= 0x80U; }, '?');
  return out;
}

void write_value(codec::JsonWriter& json, const Field::Value& value) {
  std::visit(
      [&json](const auto& one) {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::same_as<Kind, bool>) json.boolean(one);
        else if constexpr (std::same_as<Kind, std::string_view>) json.string(fit(one));
        else json.number(one);
      },
      value);
}

// Whether a text of a plain line needs quotes to be told from what stands beside it.
bool is_bare(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '=' && c != '\\'; });
}

}  // namespace

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kDebug: return "debug";
    case Level::kInfo: return "info";
    case Level::kWarning: return "warning";
    case Level::kError: return "error";
  }
  return {};
}

std::string json_line(const Line& line) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object();
  json.member("time", time_text(line.time));
  json.member("level", level_name(line.level));
  json.member("event", line.event);
  if (!line.message.empty()) json.member("message", fit(line.message));
  for (const Field& field : line.fields) {
    json.key(field.name);
    write_value(json, field.value);
  }
  json.end_object();
  return out;
}

std::string plain_line(const Line& line) {
  std::string out = fmt::format("{} {:<7} {}", time_text(line.time), level_name(line.level), line.event);
  if (!line.message.empty()) {
    std::string message = fit(line.message);
    std::ranges::replace_if(message, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, ' ');
    out += ": " + message;
  }
  for (const Field& field : line.fields) {
    out.append(1, ' ').append(field.name).append(1, '=');
    const auto* const text = std::get_if<std::string_view>(&field.value);
    if (text != nullptr && is_bare(*text)) {
      out += fit(*text);
    } else {
      codec::JsonWriter json(out);
      write_value(json, field.value);
    }
  }
  return out;
}

}  // namespace billing::ops::log
