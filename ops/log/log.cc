#include "ops/log/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <optional>

namespace billing::ops::log {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> one = [] {
    auto made = spdlog::stderr_color_mt("billing");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *one;
}

std::optional<spdlog::level::level_enum> level_of(std::string_view text) {
  for (const auto one : {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err}) {
    const auto name = spdlog::level::to_string_view(one);
    if (std::string_view(name.data(), name.size()) == text) return one;
  }
  return std::nullopt;
}

}  // namespace

bool is_level(std::string_view level) { return level_of(level).has_value(); }
void set_level(std::string_view level) {
  if (const auto one = level_of(level)) logger().set_level(*one);
}
void info(std::string_view text) { logger().info(text); }
void warning(std::string_view text) { logger().warn(text); }
void error(std::string_view text) { logger().error(text); }

}  // namespace billing::ops::log
