// The settings as typed values, each checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "events/publisher/publisher.h"
#include "gateway/api/read_pool.h"
#include "ledger/service/ledger.h"
#include "ops/settings.h"

namespace billing::ops {

struct LogConfig {
  std::string level;
  std::string format;
  bool access = false;
  std::int64_t slow_request_ms = 1'000;
  std::int64_t slow_commit_ms = 500;
};

struct Config {
  std::string address;
  std::uint16_t port = 0;
  unsigned threads = 2;
  std::size_t connections_max = 4096;
  std::chrono::seconds drain{2};
  std::chrono::seconds stop_max{30};
  std::size_t connections_per_address_max = 256;
  std::string trusted_proxies;
  std::chrono::milliseconds queue_time_max{1'000};
  std::size_t http_memory_bytes_max = 0;
  std::size_t http_memory_bytes_per_address_max = 0;
  std::string data;
  std::string witness_dir;
  bool witness_is_default = false;
  std::uint64_t free_space_floor_bytes = 0;
  std::string time_zone;
  std::vector<std::int32_t> stage_days;  // ascending
  int billing_flag_from = 0;
  std::string kafka;  // "none", "embedded" or brokers
  std::string kafka_topic;
  int kafka_start_wait_seconds = 5;
  std::chrono::hours scrub_every{24};  // 0: never
  service::ClockLimits clock;
  std::uint16_t kafka_embedded_port = 0;
  int kafka_replication_factor = 3;
  int kafka_min_insync = 2;
  std::string kafka_source;
  std::map<std::string, std::string> kafka_security;
  std::string admin_key_file;
  bool new_admin_link = false;
  bool metrics_public = false;
  LogConfig log;
  std::int64_t views_lag_seconds_max = 5;
  std::uint64_t checkpoint_interval = 0;  // events
  std::size_t checkpoints_max = 0;
  std::uint64_t past_events_max = 0;
  std::size_t past_bytes_max = 0;
  api::ReadPoolOptions reads;

  std::string ledger_dir() const { return data + "/ledger"; }
  std::string views_dir() const { return data + "/views"; }
  std::string checkpoints_dir() const { return data + "/view-checkpoints"; }
  std::string keys_dir() const { return data + "/keys"; }
  std::string identity_dir() const { return data + "/identity"; }
  std::string kafka_dir() const { return data + "/kafka"; }
};

// Errors: kConfiguration, naming the setting, its value's source and what it takes.
Result<Config> interpret(const Settings& settings);

// What `serve` asks of the files that a configuration names, before it makes any: the admin key file holds a key and is
// nobody else's to read, directories are directories, and where a ledger's views, keys or witness are its log is. Changes nothing. Errors: kConfiguration, kStorageFailure, with the
// setting's name.
Result<void> check_files(const Config& config);

// The publisher of this configuration, whose `kafka` is not "none".
publisher::PublisherOptions publisher_options(const Config& config);

}  // namespace billing::ops
