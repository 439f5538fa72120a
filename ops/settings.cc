#include "ops/settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <toml++/toml.h>

#include "ledger/base/assert.h"

namespace billing::ops {
namespace {

constexpr auto kSettings = std::to_array<Setting>({
    {"server.listen", "--listen", "127.0.0.1:8080", "address and port of the API and the portal"},
    {"server.threads", "--threads", "2", "threads that serve HTTP (1 to 64)"},
    {"server.connections_max", "--connections-max", "4096", "open connections; one more is answered 503"},
    {"server.connections_per_address_max", "--connections-per-address-max", "256",
     "open connections of one address (of IPv6: of a /64); one more is answered 503"},
    {"server.trusted_proxies", "--trusted-proxies", "127.0.0.0/8,::1",
     "addresses and prefixes of reverse proxies, for which the limits of one address do not hold"},
    {"server.memory_mb", "--memory-mb", "256",
     "MiB of bodies of requests and answers in memory at one time, answers in three quarters of it; one that does not fit is "
     "answered 503. Besides them a connection takes up to 96 KiB (64 KiB of input, 16 of a head, 16 of a body), mostly 4"},
    {"server.memory_per_address_mb", "--memory-per-address-mb", "32", "MiB of such bodies of one address; one that does not fit is answered 503"},
    {"server.queue_ms_max", "--queue-ms-max", "1000",
     "commands are refused with 503 while those before them have waited for longer"},
    {"server.drain_seconds", "--drain-seconds", "2",
     "asked to stop, /readyz says draining for so long (0 to 3600) and all is served, so that a load balancer looks elsewhere"},
    {"server.stop_seconds_max", "--stop-seconds-max", "30", "requests in flight are then waited for so long at most (0 to 3600)"},
    {"store.data", "--data", "./billing-data", "directory of the ledger, its views and its keys"},
    {"store.witness_dir", "--witness-dir", "",
     "directory for the witness of the ledger's head, best on another device; empty: <data>/witness"},
    {"store.free_space_floor_mb", "--free-space-floor-mb", "64",
     "commands are refused while the disk has less free space than this"},
    {"store.scrub_hours", "--scrub-hours", "24",
     "what the service uses on disk is read again within so many hours, to notice a disk that forgets; 0: never"},
    {"clock.ahead_days_max", "--clock-ahead-days-max", "366",
     "commands are refused when the clock is so many days after the last event; 0: never"},
    {"clock.behind_hours_max", "--clock-behind-hours-max", "24",
     "commands are refused when the clock is so many hours before the last event; 0: never"},
    {"operator.time_zone", "--time-zone", "UTC", "the operator's time zone: which day it is, e.g. America/New_York"},
    {"overdue.stage_days", "--overdue-stage-days", "30,40,50",
     "days overdue from which each stage counts, 1 to 10 of them, ascending"},
    {"overdue.billing_flag_from", "--overdue-billing-flag-from", "2", "the stage from which on the billing flag is set"},
    {"kafka.brokers", "--kafka", "none", "none, embedded (development only), or host:port[,host:port]"},
    {"kafka.topic", "--kafka-topic", "billing.events", "topic of the events; one partition"},
    {"kafka.start_wait_seconds", "--kafka-start-wait-seconds", "5",
     "a start waits so long at most until the topic was compared with the store"},
    {"kafka.embedded_port", "--kafka-embedded-port", "9092",
     "port of the embedded broker on 127.0.0.1; when it is taken, and for 0, any free one"},
    {"kafka.replication_factor", "--kafka-replication-factor", "3", "when the topic is created (1 on a single broker)"},
    {"kafka.min_insync", "--kafka-min-insync", "2", "when the topic is created (1 on a single broker)"},
    {"kafka.source", "--kafka-source", "/billing", "ce_source of the published events"},
    {"identity.admin_key_file", "--admin-key-file", "",
     "file with the bearer key (mode 0600), made when it is not there; empty: a first-login link is printed"},
    {"identity.new_link", "--new-admin-link", "false", "true: print a first-login link; opening it replaces the key, or shows the key file's"},
    {"metrics.public", "--metrics-public", "false",
     "true: /metrics needs no key from anywhere; false: none from this machine alone, asked as localhost or 127.0.0.1"},
    {"log.level", "--log-level", "info", "debug, info, warning or error"},
    {"log.format", "--log-format", "auto", "plain, json (one object a line), or auto: plain on a terminal, else json"},
    {"log.access", "--log-access", "false", "true: a line for each request, by route, without paths and queries"},
    {"log.slow_request_ms", "--log-slow-request-ms", "1000",
     "a request that takes longer gets a line; long polls and streams do not (0 to 3600000; 0: every one)"},
    {"log.slow_commit_ms", "--log-slow-commit-ms", "500", "a synced write that takes longer gets a line (0 to 3600000; 0: every one)"},
    {"views.lag_seconds_max", "--views-lag-seconds-max", "5",
     "new commands are refused while the views are further behind"},
    {"views.checkpoint_interval", "--views-checkpoint-interval", "262144",
     "events between two checkpoints of the views, from which questions as of a past position begin"},
    {"views.checkpoints_max", "--views-checkpoints-max", "16",
     "checkpoints of the views; with more the interval doubles and every second one goes"},
    {"views.past_events_max", "--views-past-events-max", "4194304",
     "events that a question as of a past position may fold"},
    {"views.past_memory_mb", "--views-past-memory-mb", "1024",
     "memory for the rows of such a question; two are kept"},
    {"reads.threads", "--reads-threads", "2", "threads that read the views for short questions (1 to 64)"},
    {"reads.report_threads", "--reads-report-threads", "1",
     "threads for reports (1 to 64), of low priority: fewer than the machine has cores"},
    {"reads.waiting_max", "--reads-waiting-max", "1024", "short questions that wait for a thread; one more is answered 503"},
    {"reads.report_waiting_max", "--reads-report-waiting-max", "64",
     "reports that wait for a thread; one more is answered 503"},
    {"reads.feed_threads", "--reads-feed-threads", "1", "threads for /v1/events (1 to 64), of low priority"},
    {"reads.feed_waiting_max", "--reads-feed-waiting-max", "64",
     "questions to /v1/events that wait for a thread; one more is answered 503"},
    {"reads.flows_max", "--reads-flows-max", "32",
     "CSV reports that are sent at one time, to one address a quarter of them; one more is answered 503"},
    {"reads.seconds_max", "--reads-seconds-max", "20",
     "time of a read, or of a piece of a CSV, its wait included (1 to 25); beyond it is answered 504"},
});
constexpr std::string_view kKafkaSecurity = "kafka.security";

const Setting* find(std::string_view key) {
  const auto found = std::ranges::find(kSettings, key, &Setting::key);
  return found == kSettings.end() ? nullptr : &*found;
}

bool looks_secret(std::string_view name) {
  return std::ranges::any_of(std::array<std::string_view, 4>{"password", "secret", "token", "key.pem"},
                             [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// A scalar as text; nothing for tables and arrays.
std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto text = node.value<std::string>()) return text;
  if (node.is_boolean()) return *node.value<bool>() ? "true" : "false";
  if (node.is_integer()) return std::to_string(*node.value<std::int64_t>());
  return std::nullopt;
}

}  // namespace

std::span<const Setting> all_settings() { return kSettings; }

std::string environment_name(const Setting& setting) {
  std::string name = "BILLING_";
  for (const char c : setting.key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

const std::string& Settings::get(std::string_view key) const {
  const auto found = values_.find(key);
  BILLING_ASSERT(found != values_.end());
  return found->second.text;
}
const std::string& Settings::source(std::string_view key) const {
  const auto found = values_.find(key);
  BILLING_ASSERT(found != values_.end());
  return found->second.source;
}

Result<Settings> Settings::load(const std::optional<std::string>& file,
                                const std::map<std::string, std::string, std::less<>>& flags) {
  Settings settings;
  for (const Setting& one : kSettings) settings.values_[std::string(one.key)] = {std::string(one.fallback), "default"};
  if (file) BILLING_CHECK(settings.read_file(*file));
  BILLING_CHECK(settings.read_environment());
  for (const auto& [key, value] : flags) {
    BILLING_ASSERT(find(key) != nullptr);
    settings.values_[key] = {value, "flag " + std::string(find(key)->flag)};
  }
  return settings;
}

Result<void> Settings::read_file(const std::string& file) {
  toml::table root;
  try {
    root = toml::parse_file(file);
  } catch (const toml::parse_error& problem) {
    return refuse(Code::kConfiguration,
                  fmt::format("{}:{}: {}", file, problem.source().begin.line, problem.description()));
  }
  for (const auto& [section_name, section] : root) {
    const std::string prefix(section_name.str());
    const toml::table* table = section.as_table();
    if (table == nullptr) {
      return refuse(Code::kConfiguration, fmt::format("{}:{}: \"{}\" belongs into a section, e.g. [server]", file,
                                                      section.source().begin.line, prefix));
    }
    for (const auto& [name, node] : *table) {
      const std::string key = prefix + "." + std::string(name.str());
      if (key == kKafkaSecurity && node.is_table()) {
        for (const auto& [rd_name, rd_node] : *node.as_table()) {
          const auto text = scalar_text(rd_node);
          if (!text) {
            return refuse(Code::kConfiguration, fmt::format("{}:{}: kafka.security.\"{}\" takes a text, a number or a truth value; quote "
                                                            "a key that has points",
                                                            file, rd_node.source().begin.line, std::string(rd_name.str())));
          }
          kafka_security_[std::string(rd_name.str())] = *text;
        }
        continue;
      }
      const auto text = scalar_text(node);
      if (find(key) == nullptr || !text) {
        return refuse(Code::kConfiguration,
                      fmt::format("{}:{}: there is no setting \"{}\"; `billing config print` lists them", file,
                                  node.source().begin.line, key));
      }
      values_[key] = {*text, fmt::format("file {}:{}", file, node.source().begin.line)};
    }
  }
  return {};
}

Result<void> Settings::read_environment() {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    if (!pair.starts_with("BILLING_")) continue;
    const auto equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    // Of the tests, and of --config.
    if (name == "BILLING_TEST_DATA" || name == "BILLING_BINARY" || name == "BILLING_CONFIG") continue;
    const auto setting = std::ranges::find_if(kSettings, [&](const Setting& one) { return environment_name(one) == name; });
    if (setting == kSettings.end()) {
      return refuse(Code::kConfiguration, fmt::format("the environment variable {} is no setting", name));
    }
    values_[std::string(setting->key)] = {std::string(pair.substr(equals + 1)), fmt::format("environment {}", name)};
  }
  return {};
}

std::string Settings::print() const {
  std::string out;
  std::string section;
  for (const Setting& one : kSettings) {
    const std::string_view key = one.key;
    const std::string head(key.substr(0, key.find('.')));
    if (head != section) {
      out += fmt::format("{}[{}]\n", section.empty() ? "" : "\n", head);
      section = head;
    }
    const std::string& value = get(key);
    out += fmt::format("# {} ({}, {})\n{} = {}\n", one.help, environment_name(one), one.flag,
                       key.substr(key.find('.') + 1), toml_text(value));
    if (source(key) != "default") out += fmt::format("#   from {}\n", source(key));
  }
  if (!kafka_security_.empty()) {
    out += "\n[kafka.security]\n";
    for (const auto& [name, value] : kafka_security_) {
      out += fmt::format("{} = {}\n", toml_text(name), toml_text(looks_secret(name) ? "***" : value));
    }
  }
  return out;
}

}  // namespace billing::ops
