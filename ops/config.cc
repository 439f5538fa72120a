#include "ops/config.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "gateway/http/server.h"
#include "gateway/identity/admin_key.h"
#include "ledger/store/files.h"
#include "ledger/store/table_checkpoints.h"
#include "ops/clock.h"
#include "ops/log/log.h"

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

// Days of stages, e.g. "30,40,50": 1 to 10 of them, each later than the one before.
Result<std::vector<std::int32_t>> stage_days(const Settings& settings) {
  constexpr std::string_view kKey = "overdue.stage_days";
  constexpr std::size_t kStagesMax = 10;
  constexpr std::int32_t kDaysMax = 3'650;
  const std::string& text = settings.get(kKey);
  std::vector<std::int32_t> all;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (all.size() < kStagesMax) {
    std::int32_t days = 0;
    const auto [after, problem] = std::from_chars(at, end, days);
    if (problem != std::errc() || days < 1 || days > kDaysMax || (!all.empty() && days <= all.back())) break;
    all.push_back(days);
    if (after == end) return all;
    if (*after != ',') break;
    at = after + 1;
  }
  return wrong(settings, kKey, "1 to 10 ascending days from 1 to 3650 with commas, e.g. 30,40,50");
}

// "host:port" or "[IPv6 address]:port" as its two parts; nothing for another text.
std::optional<std::pair<std::string, std::uint16_t>> split_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  return std::pair(std::string(host), port);
}

bool is_ip_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return ::inet_pton(AF_INET, text.c_str(), parsed.data()) == 1 || ::inet_pton(AF_INET6, text.c_str(), parsed.data()) == 1;
}

constexpr bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_broker(std::string_view text) {
  const auto parts = split_port(text);
  if (!parts || parts->second == 0) return false;
  return is_ip_address(parts->first) || std::ranges::all_of(parts->first, is_name_char);
}

// host:port[,host:port]
bool is_broker_list(std::string_view text) {
  for (std::size_t begin = 0;;) {
    const auto comma = text.find(',', begin);
    if (!is_broker(text.substr(begin, comma - begin))) return false;
    if (comma == std::string_view::npos) return true;
    begin = comma + 1;
  }
}

// As Kafka takes it.
bool is_topic_name(std::string_view text) {
  return !text.empty() && text.size() <= 249 && text != "." && text != ".." && std::ranges::all_of(text, is_name_char);
}

Result<void> split_listen(const Settings& settings, Config& config) {
  const auto parts = split_port(settings.get("server.listen"));
  if (!parts || !is_ip_address(parts->first)) {
    return wrong(settings, "server.listen",
                 "an IP address and a port, e.g. 127.0.0.1:8080 or [::1]:8080; port 0 is any free one");
  }
  config.address = parts->first;
  config.port = parts->second;
  return {};
}

Result<void> check_kafka(const Settings& settings, const Config& config) {
  if (config.kafka != "none" && config.kafka != "embedded" && !is_broker_list(config.kafka)) {
    return wrong(settings, "kafka.brokers", "none, embedded, or host:port[,host:port]");
  }
  if (!is_topic_name(config.kafka_topic)) {
    return wrong(settings, "kafka.topic", "1 to 249 letters, digits, points, hyphens and underscores");
  }
  publisher::PublisherOptions options = publisher_options(config);
  options.embedded = options.embedded || config.kafka == "none";
  if (auto good = publisher::check(options); !good) {
    return refuse(Code::kConfiguration, "kafka.security or another setting of kafka: " + good.error().detail);
  }
  return {};
}

Result<void> check_directory(std::string_view setting, const std::string& path) {
  std::error_code problem;
  if (!std::filesystem::exists(path, problem) || std::filesystem::is_directory(path, problem)) return {};
  return refuse(Code::kConfiguration, fmt::format("{}: {} is not a directory", setting, path));
}

// An empty ledger beside what a ledger left is not a new one: its directory was lost, moved or not mounted.
Result<void> check_ledger_is_there(const Config& config) {
  std::error_code problem;
  if (std::filesystem::exists(config.ledger_dir() + "/CURRENT", problem)) return {};
  BILLING_CHECK(store::check_not_beheaded(config.ledger_dir()));
  // By their files: a file system of its own has a directory in it from the beginning.
  std::vector<std::string> traces{config.views_dir() + "/CURRENT", config.keys_dir() + "/person.keys", config.witness_dir + "/witness"};
  for (const auto& [position, directory] : store::checkpoint_directories(config.checkpoints_dir())) traces.push_back(directory);
  for (const std::string& left : traces) {
    if (!std::filesystem::exists(left, problem)) continue;
    return refuse(Code::kStorageFailure,
                  fmt::format("store.data: there is no ledger in {}, but {} is of one: put the ledger's directory back, or "
                              "begin anew with another store.data and an empty store.witness_dir",
                              config.ledger_dir(), left));
  }
  return {};
}

}  // namespace

Result<Config> interpret(const Settings& settings) {
  Config config;
  BILLING_CHECK(split_listen(settings, config));
  BILLING_TRY(threads, number(settings, "server.threads", 1, 64));
  BILLING_TRY(connections, number(settings, "server.connections_max", 1, 1'000'000));
  BILLING_TRY(drain, number(settings, "server.drain_seconds", 0, 3'600));
  BILLING_TRY(stop_max, number(settings, "server.stop_seconds_max", 0, 3'600));
  BILLING_TRY(per_address, number(settings, "server.connections_per_address_max", 1, 1'000'000));
  BILLING_TRY(memory_mb, number(settings, "server.memory_mb", 1, 1'000'000));
  BILLING_TRY(address_mb, number(settings, "server.memory_per_address_mb", 1, 1'000'000));
  BILLING_TRY(queue_ms, number(settings, "server.queue_ms_max", 1, 30'000));
  if (!http::check_trusted_proxies(settings.get("server.trusted_proxies"))) {
    return wrong(settings, "server.trusted_proxies", "IP addresses and prefixes, e.g. 127.0.0.0/8,::1,192.0.2.7");
  }
  BILLING_TRY(floor_mb, number(settings, "store.free_space_floor_mb", 0, 1'000'000));
  BILLING_TRY(replication, number(settings, "kafka.replication_factor", 1, 32));
  BILLING_TRY(min_insync, number(settings, "kafka.min_insync", 1, 32));
  BILLING_TRY(embedded_port, number(settings, "kafka.embedded_port", 0, 65'535));
  BILLING_TRY(scrub_hours, number(settings, "store.scrub_hours", 0, 8'760));
  BILLING_TRY(ahead_days, number(settings, "clock.ahead_days_max", 0, 36'500));
  BILLING_TRY(behind_hours, number(settings, "clock.behind_hours_max", 0, 876'000));
  BILLING_TRY(start_wait, number(settings, "kafka.start_wait_seconds", 0, 600));
  BILLING_TRY(lag, number(settings, "views.lag_seconds_max", 1, 86'400));
  BILLING_TRY(interval, number(settings, "views.checkpoint_interval", 1, 1'000'000'000));
  BILLING_TRY(checkpoints, number(settings, "views.checkpoints_max", 1, 1'024));
  BILLING_TRY(past_events, number(settings, "views.past_events_max", 1, 1'000'000'000));
  BILLING_TRY(past_mb, number(settings, "views.past_memory_mb", 1, 1'000'000));
  BILLING_TRY(read_threads, number(settings, "reads.threads", 1, 64));
  BILLING_TRY(report_threads, number(settings, "reads.report_threads", 1, 64));
  BILLING_TRY(reads_waiting, number(settings, "reads.waiting_max", 1, 1'000'000));
  BILLING_TRY(reports_waiting, number(settings, "reads.report_waiting_max", 1, 1'000'000));
  BILLING_TRY(feed_threads, number(settings, "reads.feed_threads", 1, 64));
  BILLING_TRY(feed_waiting, number(settings, "reads.feed_waiting_max", 1, 1'000'000));
  BILLING_TRY(flows, number(settings, "reads.flows_max", 1, 100'000));
  BILLING_TRY(read_seconds, number(settings, "reads.seconds_max", 1, 25));
  BILLING_TRY(stages, stage_days(settings));
  BILLING_TRY(flag_from, number(settings, "overdue.billing_flag_from", 1, static_cast<std::int64_t>(stages.size())));
  BILLING_TRY(new_link, truth(settings, "identity.new_link"));
  BILLING_TRY(metrics_public, truth(settings, "metrics.public"));
  BILLING_TRY(access, truth(settings, "log.access"));
  BILLING_TRY(slow_request, number(settings, "log.slow_request_ms", 0, 3'600'000));
  BILLING_TRY(slow_commit, number(settings, "log.slow_commit_ms", 0, 3'600'000));
  if (min_insync > replication) return wrong(settings, "kafka.min_insync", "at most the replication factor");
  if (!SystemClock::knows(settings.get("operator.time_zone"))) {
    return wrong(settings, "operator.time_zone", "a name of the IANA time zone database, e.g. Europe/Berlin");
  }
  if (settings.get("store.data").empty()) return wrong(settings, "store.data", "a directory");
  config.threads = static_cast<unsigned>(threads);
  config.connections_max = static_cast<std::size_t>(connections);
  config.drain = std::chrono::seconds(drain);
  config.stop_max = std::chrono::seconds(stop_max);
  config.connections_per_address_max = static_cast<std::size_t>(per_address);
  config.queue_time_max = std::chrono::milliseconds(queue_ms);
  config.trusted_proxies = settings.get("server.trusted_proxies");
  config.http_memory_bytes_max = static_cast<std::size_t>(memory_mb) << 20U;
  config.http_memory_bytes_per_address_max = static_cast<std::size_t>(address_mb) << 20U;
  config.data = settings.get("store.data");
  config.witness_dir = settings.get("store.witness_dir");
  config.witness_is_default = config.witness_dir.empty();
  if (config.witness_is_default) config.witness_dir = config.data + "/witness";
  config.free_space_floor_bytes = static_cast<std::uint64_t>(floor_mb) << 20U;
  config.time_zone = settings.get("operator.time_zone");
  config.stage_days = std::move(stages);
  config.billing_flag_from = static_cast<int>(flag_from);
  config.kafka = settings.get("kafka.brokers");
  config.kafka_topic = settings.get("kafka.topic");
  config.scrub_every = std::chrono::hours(scrub_hours);
  constexpr std::int64_t kHourMicros = 3'600'000'000;
  config.clock = {static_cast<std::int64_t>(ahead_days) * 24 * kHourMicros, static_cast<std::int64_t>(behind_hours) * kHourMicros};
  config.kafka_start_wait_seconds = static_cast<int>(start_wait);
  config.kafka_embedded_port = static_cast<std::uint16_t>(embedded_port);
  config.kafka_replication_factor = static_cast<int>(replication);
  config.kafka_min_insync = static_cast<int>(min_insync);
  config.kafka_source = settings.get("kafka.source");
  config.kafka_security = settings.kafka_security();
  config.admin_key_file = settings.get("identity.admin_key_file");
  config.new_admin_link = new_link;
  config.metrics_public = metrics_public;
  config.log = {settings.get("log.level"), settings.get("log.format"), access, slow_request, slow_commit};
  config.views_lag_seconds_max = lag;
  config.checkpoint_interval = static_cast<std::uint64_t>(interval);
  config.checkpoints_max = static_cast<std::size_t>(checkpoints);
  config.past_events_max = static_cast<std::uint64_t>(past_events);
  config.past_bytes_max = static_cast<std::size_t>(past_mb) << 20U;
  config.reads.quick = {static_cast<unsigned>(read_threads), static_cast<std::size_t>(reads_waiting)};
  config.reads.report = {static_cast<unsigned>(report_threads), static_cast<std::size_t>(reports_waiting)};
  config.reads.feed = {static_cast<unsigned>(feed_threads), static_cast<std::size_t>(feed_waiting)};
  config.reads.flows_max = static_cast<std::size_t>(flows);
  config.reads.deadline = std::chrono::seconds(read_seconds);
  if (!log::is_level(config.log.level)) return wrong(settings, "log.level", "debug, info, warning or error");
  if (!log::is_format(config.log.format)) return wrong(settings, "log.format", "auto, plain or json");
  BILLING_CHECK(check_kafka(settings, config));
  return config;
}

Result<void> check_files(const Config& config) {
  BILLING_CHECK(check_directory("store.data", config.data));
  BILLING_CHECK(check_directory("store.witness_dir", config.witness_dir));
  BILLING_CHECK(check_ledger_is_there(config));
  if (config.admin_key_file.empty()) return {};
  if (auto good = identity::AdminKey::check_key_file(config.admin_key_file); !good) {
    return refuse(good.error().code, "identity.admin_key_file: " + good.error().detail);
  }
  return {};
}

publisher::PublisherOptions publisher_options(const Config& config) {
  publisher::PublisherOptions options;
  options.embedded = config.kafka == "embedded";
  options.embedded_port = config.kafka_embedded_port;
  options.connection.brokers = options.embedded ? "" : config.kafka;
  options.connection.topic = config.kafka_topic;
  options.connection.security = config.kafka_security;
  options.replication_factor = config.kafka_replication_factor;
  options.min_insync = config.kafka_min_insync;
  options.source = config.kafka_source;
  options.hint_directory = options.embedded ? "" : config.kafka_dir();
  return options;
}

}  // namespace billing::ops
