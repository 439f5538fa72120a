#include "ops/log/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

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

}  // namespace

bool set_level(std::string_view level) {
  for (const auto one : {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err}) {
    const auto name = spdlog::level::to_string_view(one);
    if (std::string_view(name.data(), name.size()) == level) {
      logger().set_level(one);
      return true;
    }
  }
  return false;
}
void info(std::string_view text) { logger().info(text); }
void warning(std::string_view text) { logger().warn(text); }
void error(std::string_view text) { logger().error(text); }

}  // namespace billing::ops::log
