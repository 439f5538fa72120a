#include "ops/reload.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ops/log/log.h"

namespace billing::ops {
namespace {

constexpr std::array<std::string_view, 6> kAtRunTime{"log.level",          "log.access",           "log.slow_request_ms",
                                                     "log.slow_commit_ms", "server.drain_seconds", "server.stop_seconds_max"};

}  // namespace

Result<Config> Reload::read() {
  BILLING_TRY(settings, read_());
  BILLING_TRY(config, interpret(settings));
  for (const Setting& setting : all_settings()) {
    const bool now = std::ranges::find(kAtRunTime, setting.key) != kAtRunTime.end();
    const Settings& before = now ? applied_ : started_;
    if (settings.get(setting.key) == before.get(setting.key)) continue;
    const std::string& from = before.get(setting.key);
    const std::string& to = settings.get(setting.key);
    if (now) log::info("setting_changed", "a setting has changed", {{"key", setting.key}, {"from", from}, {"to", to}});
    else log::warning("setting_waits", "a setting differs and waits for a restart", {{"key", setting.key}, {"from", from}, {"to", to}});
  }
  if (settings.kafka_security() != started_.kafka_security()) {
    log::warning("setting_waits", "a setting differs and waits for a restart", {{"key", "kafka.security"}});
  }
  applied_ = std::move(settings);
  return config;
}

void log_sources(const Settings& settings) {
  std::string of_file;
  std::string of_environment;
  std::string of_flags;
  for (const Setting& setting : all_settings()) {
    const std::string_view source = settings.source(setting.key);
    std::string* const list = source.starts_with("file ")          ? &of_file
                              : source.starts_with("environment ") ? &of_environment
                              : source.starts_with("flag ")        ? &of_flags
                                                                   : nullptr;
    if (list != nullptr) list->append(list->empty() ? "" : ",").append(setting.key);
  }
  log::info("settings", "where the settings come from; the others are defaults",
            {{"file", of_file}, {"environment", of_environment}, {"flags", of_flags}});
}

}  // namespace billing::ops
