#include "ops/config.h"

#include <fmt/format.h>

#include <charconv>

#include "ops/clock.h"

namespace billing::ops {
namespace {

std::unexpected<Error> wrong(const Settings& settings, std::string_view key, std::string_view takes) {
  return refuse(Code::kConfiguration, fmt::format("{} = \"{}\" ({}): it takes {}", key, settings.get(key),
                                                  settings.source(key), takes));
}

Result<std::int64_t> number(const Settings& settings, std::string_view key, std::int64_t low, std::int64_t high) {
  const std::string& text = settings.get(key);
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    return wrong(settings, key, fmt::format("a whole number from {} to {}", low, high));
  }
  return value;
}

Result<bool> truth(const Settings& settings, std::string_view key) {
  const std::string& text = settings.get(key);
  if (text != "true" && text != "false") return wrong(settings, key, "true or false");
  return text == "true";
}

Result<void> split_listen(const Settings& settings, Config& config) {
  const std::string& listen = settings.get("server.listen");
  const auto colon = listen.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) {
    const auto [end, problem] = std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
    if (problem == std::errc() && end == listen.data() + listen.size() && colon > 0) {
      config.address = listen.substr(0, colon);
      if (config.address.front() == '[' && config.address.back() == ']') {
        config.address = config.address.substr(1, config.address.size() - 2);
      }
      config.port = port;
      return {};
    }
  }
  return wrong(settings, "server.listen", "address:port, e.g. 127.0.0.1:8080 or [::1]:8080; port 0 is any free one");
}

}  // namespace

Result<Config> interpret(const Settings& settings) {
  Config config;
  BILLING_CHECK(split_listen(settings, config));
  BILLING_TRY(threads, number(settings, "server.threads", 1, 64));
  BILLING_TRY(connections, number(settings, "server.connections_max", 1, 1'000'000));
  BILLING_TRY(floor_mb, number(settings, "store.free_space_floor_mb", 0, 1'000'000));
  BILLING_TRY(replication, number(settings, "kafka.replication_factor", 1, 32));
  BILLING_TRY(min_insync, number(settings, "kafka.min_insync", 1, 32));
  BILLING_TRY(lag, number(settings, "views.lag_seconds_max", 1, 86'400));
  BILLING_TRY(interval, number(settings, "views.checkpoint_interval", 1, 1'000'000'000));
  BILLING_TRY(checkpoints, number(settings, "views.checkpoints_max", 1, 1'024));
  BILLING_TRY(past_events, number(settings, "views.past_events_max", 1, 1'000'000'000));
  BILLING_TRY(past_mb, number(settings, "views.past_memory_mb", 1, 1'000'000));
  BILLING_TRY(new_link, truth(settings, "identity.new_link"));
  BILLING_TRY(metrics_public, truth(settings, "metrics.public"));
  if (min_insync > replication) return wrong(settings, "kafka.min_insync", "at most the replication factor");
  if (!SystemClock::knows(settings.get("operator.time_zone"))) {
    return wrong(settings, "operator.time_zone", "a name of the IANA time zone database, e.g. Europe/Berlin");
  }
  if (settings.get("store.data").empty()) return wrong(settings, "store.data", "a directory");
  config.threads = static_cast<unsigned>(threads);
  config.connections_max = static_cast<std::size_t>(connections);
  config.data = settings.get("store.data");
  config.witness_dir = settings.get("store.witness_dir");
  config.witness_is_default = config.witness_dir.empty();
  if (config.witness_is_default) config.witness_dir = config.data + "/witness";
  config.free_space_floor_bytes = static_cast<std::uint64_t>(floor_mb) << 20U;
  config.time_zone = settings.get("operator.time_zone");
  config.kafka = settings.get("kafka.brokers");
  config.kafka_topic = settings.get("kafka.topic");
  config.kafka_transactional_id = settings.get("kafka.transactional_id");
  config.kafka_replication_factor = static_cast<int>(replication);
  config.kafka_min_insync = static_cast<int>(min_insync);
  config.kafka_source = settings.get("kafka.source");
  config.kafka_security = settings.kafka_security();
  config.admin_key_file = settings.get("identity.admin_key_file");
  config.new_admin_link = new_link;
  config.metrics_public = metrics_public;
  config.log_level = settings.get("log.level");
  config.views_lag_seconds_max = lag;
  config.checkpoint_interval = static_cast<std::uint64_t>(interval);
  config.checkpoints_max = static_cast<std::size_t>(checkpoints);
  config.past_events_max = static_cast<std::uint64_t>(past_events);
  config.past_bytes_max = static_cast<std::size_t>(past_mb) << 20U;
  return config;
}

}  // namespace billing::ops
