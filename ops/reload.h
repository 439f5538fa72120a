// The settings of a running service, read again on SIGHUP.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ops/config.h"
#include "ops/settings.h"

namespace billing::ops {

// Reads file, environment and flags as at the start.
using ReadSettings = std::function<Result<Settings>()>;

class Reload {
 public:
  Reload(Settings started, ReadSettings read) : started_(started), applied_(std::move(started)), read_(std::move(read)) {}

  // Reads the settings again and logs which of them have changed, and which differ from those of the start and wait for a
  // restart. Returns what holds now, of which the caller takes what it can take while it runs: the settings `log.level`,
  // `log.access`, `log.slow_request_ms`, `log.slow_commit_ms`, `server.drain_seconds` and `server.stop_seconds_max`. Errors: kConfiguration; then nothing has changed.
  Result<Config> read();

 private:
  Settings started_;
  Settings applied_;
  ReadSettings read_;
};

// Logs which settings come from where; no values, for some are secrets.
void log_sources(const Settings& settings);

}  // namespace billing::ops
