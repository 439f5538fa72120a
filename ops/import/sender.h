// Sends a file of commands to POST /v1/batches, over and over until every one has its answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ops/import/command_file.h"
#include "ops/import/meter.h"
#include "ops/import/refused.h"
#include "ops/import/state.h"

namespace billing::import {

struct SenderOptions {
  std::string host;
  std::uint16_t port = 0;
  std::string key;             // the bearer key
  unsigned in_flight_max = 4'096;
  unsigned retry_seconds_max = 300;
  std::string state_file;
  std::string acks_file;  // empty: none
};

// What one answer line says.
struct Answer {
  std::string id;
  bool accepted = false;
  bool repeated = false;
  std::uint64_t position = 0;
  int status = 0;
  RowRefusal refusal;
};
// Error: kMalformedBody when the line is no answer.
Result<Answer> parse_answer(std::string_view line);

// Sends from where `state` is and keeps it up to date, on the disk at least once a second. Answers come in order; a
// command that the service could not take now (503, 504, 500) ends the stream, which begins again with it after a
// pause. `stop` ends it once what was sent is answered. Errors: kForbidden or kUnauthenticated kinds at once,
// kShuttingDown when stopped or given up, kStorageFailure.
Result<void> send_commands(const SenderOptions& options, CommandFile& commands, RefusedFile& refused, ImportState& state,
                           const std::atomic<bool>& stop, Meter& meter);

}  // namespace billing::import
