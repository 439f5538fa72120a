// Is the process alive, is the service ready: for load balancers and orchestrators, without a key.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "gateway/http/router.h"

namespace billing::api {

struct PublisherHealth {
  std::string state;              // the name of its state, as in its metrics
  std::uint64_t lag_events = 0;
  double lag_seconds = 0;
  bool halted = false;            // needs an operator
  bool forked = false;            // the topic has another history or another writer: commands are refused
  bool development_only = false;  // the broker inside this process
};

// What readiness is judged by; plain values, no secrets.
struct Health {
  bool starting = false;  // the parts are being opened; the rest does not count yet
  std::string starting_with{};        // what is being done, e.g. "folding the ledger"
  std::uint64_t starting_done = 0;    // of it
  std::uint64_t starting_of = 0;      // 0: not known
  bool draining = false;  // asked to stop: answers what it has and gets no more
  bool store_read_only = false;     // a write failed; nothing is written until the store is reopened
  std::uint64_t store_free_bytes = 0;
  std::uint64_t store_free_floor_bytes = 0;  // with less nothing is written
  std::uint64_t position = 0;       // of the log
  std::uint64_t views_position = 0;
  double views_lag_seconds = 0;
  double views_lag_seconds_max = 5;  // views that are further behind make the writer refuse commands
  bool views_failing = false;       // they cannot be written now
  bool views_failed = false;        // the projector has stopped
  bool views_rebuilding = false;
  std::optional<std::string> scrub_problem{};  // a file that is not as it was written
  std::optional<PublisherHealth> publisher = std::nullopt;  // none: publishing is not configured
};
// What /readyz says of it.
bool is_ready(const Health& health);
// Called on the server's threads, several at a time; must not block.
using HealthSource = std::function<Health()>;

// Adds GET /livez (200 as long as requests are served) and GET /readyz: 200 or 503 and
// {"status":"ready","state":"ready","checks":[{"name":"store","status":"pass","state":"ready","detail":"…"}]}. "warn" does
// not make it unready: a publisher that cannot reach its brokers loses nothing and refuses nobody. `state` is starting,
// ready, degraded (goes on with less, or mends by itself), draining or failed (needs an operator); on top that of the
// service: of what makes it unready, else degraded when a check warns. While it starts, "progress":{"done":1,"of":9} says
// how far that is.
void add_health_routes(http::Router& router, HealthSource source);

// The routes of a service that starts: those of health, and 503 kStarting for all else.
void add_starting_routes(http::Router& router, HealthSource source);

}  // namespace billing::api
