// POST /v1/batches: commands as NDJSON of any length, decided in order, answered in order while they come in.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "gateway/api/clock.h"
#include "gateway/api/commands.h"
#include "gateway/http/exchange.h"
#include "gateway/identity/principal.h"
#include "ledger/service/ledger.h"

namespace billing::api {

class BatchPacer;
struct BatchShared;

struct BatchLimits {
  std::size_t line_bytes_max = 1U << 20U;
  std::size_t lines_waiting_max = 1'024;       // read, not yet answered; then reading stops
  std::size_t bytes_waiting_max = 1U << 20U;   // of such lines
  std::size_t unsent_bytes_max = 512U << 10U;  // of answers that the client has not taken; then reading stops
  std::chrono::milliseconds line_deadline{60'000};     // from a line's first byte to its last, while we read
  std::chrono::milliseconds command_deadline{30'000};  // from its last byte to its decision
  std::chrono::milliseconds blocked_max{30'000};       // the ledger takes no more for so long: lines are refused
  std::chrono::milliseconds retry_every{5};
};

// Serves any number of batches; each is bounded by the limits. Stop the HTTP server before it goes.
class Batches {
 public:
  // What one batch may keep, by the default limits: lines that wait, the one that comes in, and answers.
  static constexpr std::size_t kMemoryBytes = 3U << 20U;
  // The arguments must outlive it, and the ledger's last answer too.
  Batches(service::Ledger& ledger, const codec::PersonKeys& keys, const Clock& clock, BatchLimits limits = {});
  ~Batches();
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;

  // Answers 200 and goes on until the body ends. Each line {"id","command","body"} is a command of its own; a bad one
  // gets a problem line and the others go on. Returns at once; any thread.
  void serve(const identity::Principal& principal, std::shared_ptr<http::Exchange> exchange);

 private:
  std::unique_ptr<BatchPacer> pacer_;  // goes last: its runs use the rest
  std::unique_ptr<BatchShared> shared_;
};

}  // namespace billing::api
