#include "ops/log/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "ops/log/logger.h"

namespace billing::ops::log {
namespace {

std::unique_ptr<Logger> logger;
bool json = false;

std::optional<Level> level_of(std::string_view text) {
  for (const auto one : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    if (level_name(one) == text) return one;
  }
  return std::nullopt;
}

bool write_to_standard_error(std::string_view line) {
  while (!line.empty()) {
    const auto bytes = ::write(STDERR_FILENO, line.data(), line.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return false;
    line.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

void write(Level level, std::string_view event, std::string_view message, Fields fields) {
  if (logger) logger->write(level, event, message, fields);
}

}  // namespace

bool is_level(std::string_view level) { return level_of(level).has_value(); }
bool is_format(std::string_view format) {
  constexpr std::array<std::string_view, 3> kFormats{"auto", "plain", "json"};
  return std::ranges::find(kFormats, format) != kFormats.end();
}

void open(std::string_view format, std::string_view level) {
  json = format == "json" || (format == "auto" && ::isatty(STDERR_FILENO) != 1);
  LoggerOptions options;
  options.json = json;
  options.write = write_to_standard_error;
  logger = std::make_unique<Logger>(std::move(options));
  set_level(level);
}
void close() { logger.reset(); }
bool is_json() { return json; }

void set_level(std::string_view level) {
  if (const auto one = level_of(level); one && logger) logger->set_level(*one);
}
void debug(std::string_view event, std::string_view message, Fields fields) { write(Level::kDebug, event, message, fields); }
void info(std::string_view event, std::string_view message, Fields fields) { write(Level::kInfo, event, message, fields); }
void warning(std::string_view event, std::string_view message, Fields fields) {
  write(Level::kWarning, event, message, fields);
}
void error(std::string_view event, std::string_view message, Fields fields) { write(Level::kError, event, message, fields); }
void access(Fields fields) {
  if (logger) logger->access(fields);
}
void settle() {
  if (logger) logger->settle();
}
std::uint64_t dropped_lines() { return logger ? logger->dropped() : 0; }

}  // namespace billing::ops::log
