#include "gateway/api/health.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/api/problem.h"
#include "ledger/codec/json_writer.h"

namespace billing::api {
namespace {

enum class Verdict : std::uint8_t { kPass, kWarn, kFail };
std::string_view verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return "pass";
    case Verdict::kWarn: return "warn";
    case Verdict::kFail: return "fail";
  }
  return {};
}

// In the order in which they count for the service as a whole.
enum class PartState : std::uint8_t { kReady, kDegraded, kFailed, kStarting, kDraining };
std::string_view state_text(PartState state) {
  switch (state) {
    case PartState::kReady: return "ready";
    case PartState::kDegraded: return "degraded";
    case PartState::kFailed: return "failed";
    case PartState::kStarting: return "starting";
    case PartState::kDraining: return "draining";
  }
  return {};
}

struct Check {
  std::string_view name;
  Verdict verdict = Verdict::kPass;
  PartState state = PartState::kReady;
  std::string detail;
};

// Whole seconds, rounded up, so that any lag shows.
std::string seconds_text(double seconds) {
  return std::to_string(static_cast<std::int64_t>(std::ceil(seconds))) + " s";
}

Check process_check(const Health& health) {
  if (health.draining) return {"process", Verdict::kFail, PartState::kDraining, "draining: it answers what it has, then stops"};
  if (health.starting) return {"process", Verdict::kFail, PartState::kStarting, "starting: " + health.starting_with};
  return {"process", Verdict::kPass, PartState::kReady, "running"};
}

Check store_check(const Health& health) {
  const auto megabytes = [](std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; };
  if (health.store_free_bytes < health.store_free_floor_bytes) {
    return {"store", Verdict::kFail, PartState::kDegraded,
            "full: " + megabytes(health.store_free_bytes) + " free, at least " + megabytes(health.store_free_floor_bytes) +
                " needed (store.free_space_floor_mb); commands are refused until there is more"};
  }
  if (health.store_read_only) {
    return {"store", Verdict::kFail, PartState::kFailed, "read-only: a write failed; it is opened anew as soon as the disk is sound"};
  }
  return {"store", Verdict::kPass, PartState::kReady,
          "writable, position " + std::to_string(health.position) + ", " +
              megabytes(health.store_free_bytes) + " free"};
}

Check views_check(const Health& health) {
  const std::string at = "position " + std::to_string(health.views_position) + " of " + std::to_string(health.position);
  if (health.views_failed) {
    return {"views", Verdict::kFail, PartState::kFailed, "stopped at " + at + ": commands are refused, restart the service"};
  }
  if (health.views_failing) {
    return {"views", Verdict::kFail, PartState::kDegraded, "cannot be written since " + at + ": they go on as soon as the disk is sound"};
  }
  if (health.views_rebuilding) return {"views", Verdict::kFail, PartState::kStarting, "being rebuilt: " + at};
  if (health.views_lag_seconds > health.views_lag_seconds_max)
    return {"views", Verdict::kFail, PartState::kDegraded, seconds_text(health.views_lag_seconds) + " behind: " + at};
  return {"views", Verdict::kPass, PartState::kReady, at};
}

Check publisher_check(const PublisherHealth& publisher) {
  std::string detail = publisher.state;
  if (publisher.development_only) detail += " (development only)";
  if (publisher.lag_events > 0)
    detail += ", " + std::to_string(publisher.lag_events) + " events and " + seconds_text(publisher.lag_seconds) +
              " behind";
  if (publisher.forked) {
    return {"publisher", Verdict::kFail, PartState::kFailed, "the topic has another history than the store, or another writer: commands are refused"};
  }
  const bool fine = !publisher.halted && !publisher.development_only && publisher.state == "publishing";
  const bool waits = publisher.development_only || publisher.state == "publishing" || publisher.state == "waiting";
  const PartState state = fine               ? PartState::kReady
                          : publisher.halted ? PartState::kFailed
                          : waits            ? PartState::kDegraded
                                             : PartState::kStarting;
  return {"publisher", fine ? Verdict::kPass : Verdict::kWarn, state, std::move(detail)};
}

std::vector<Check> checks_of(const Health& health) {
  std::vector<Check> checks{process_check(health)};
  if (health.starting) return checks;
  checks.push_back(store_check(health));
  checks.push_back(views_check(health));
  if (health.publisher) checks.push_back(publisher_check(*health.publisher));
  if (health.scrub_problem) checks.push_back({"scrub", Verdict::kWarn, PartState::kDegraded, *health.scrub_problem});
  return checks;
}

bool none_fails(const std::vector<Check>& checks) {
  return std::ranges::none_of(checks, [](const Check& check) { return check.verdict == Verdict::kFail; });
}

PartState state_of(const std::vector<Check>& checks) {
  PartState worst = PartState::kReady;
  for (const Check& check : checks) {
    if (check.verdict != Verdict::kPass) worst = std::max(worst, check.verdict == Verdict::kFail ? check.state : PartState::kDegraded);
  }
  return worst;
}

http::Response readiness(const Health& health) {
  const auto checks = checks_of(health);
  const bool ready = none_fails(checks);
  http::Response response;
  response.status = ready ? 200 : 503;
  response.content_type = "application/json";
  codec::JsonWriter json(response.body);
  json.begin_object();
  json.member("status", ready ? "ready" : "not_ready");
  json.member("state", state_text(state_of(checks)));
  if (health.starting && health.starting_of > 0) {
    json.key("progress");
    json.begin_object();
    json.member("done", health.starting_done);
    json.member("of", health.starting_of);
    json.end_object();
  }
  json.key("checks");
  json.begin_array();
  for (const auto& check : checks) {
    json.begin_object();
    json.member("name", check.name);
    json.member("status", verdict_text(check.verdict));
    json.member("state", state_text(check.state));
    json.member("detail", check.detail);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  add_security_headers(response);
  return response;
}

}  // namespace

bool is_ready(const Health& health) { return none_fails(checks_of(health)); }

void add_health_routes(http::Router& router, HealthSource source) {
  router.add("GET", "/livez", [](const http::Request& /*request*/, const http::Reply& reply) {
    http::Response response;
    response.content_type = "application/json";
    response.body = R"({"status":"alive"})";
    add_security_headers(response);
    reply(std::move(response));
  });
  router.add("GET", "/readyz",
             [source = std::move(source)](const http::Request& /*request*/, const http::Reply& reply) {
               reply(readiness(source()));
             });
}

void add_starting_routes(http::Router& router, HealthSource source) {
  add_health_routes(router, std::move(source));
  // Streams, so that no body is waited for.
  const auto starting = [](const http::Request& /*request*/, const std::shared_ptr<http::Exchange>& exchange) {
    exchange->reply(problem(Error{Code::kStarting, "Ask /readyz how far it is.", {}}));
  };
  for (const std::string_view method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    router.add_stream(method, "/", starting);
    router.add_stream(method, "/{path*}", starting);
  }
}

}  // namespace billing::api
