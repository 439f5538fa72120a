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

struct Check {
  std::string_view name;
  Verdict verdict = Verdict::kPass;
  std::string detail;
};

// Whole seconds, rounded up, so that any lag shows.
std::string seconds_text(double seconds) {
  return std::to_string(static_cast<std::int64_t>(std::ceil(seconds))) + " s";
}

Check process_check(const Health& health) {
  if (health.stopping) return {"process", Verdict::kFail, "stopping"};
  if (health.starting) return {"process", Verdict::kFail, "starting: the log is being read"};
  return {"process", Verdict::kPass, "running"};
}

Check store_check(const Health& health) {
  if (health.store_read_only) return {"store", Verdict::kFail, "read-only: a write failed; restart after mending it"};
  const auto megabytes = [](std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; };
  if (health.store_free_bytes < health.store_free_floor_bytes) {
    return {"store", Verdict::kFail,
            "full: " + megabytes(health.store_free_bytes) + " free, at least " + megabytes(health.store_free_floor_bytes) +
                " needed (store.free_space_floor_mb); commands are refused until there is more"};
  }
  return {"store", Verdict::kPass,
          "writable, position " + std::to_string(health.position) + ", " +
              megabytes(health.store_free_bytes) + " free"};
}

Check views_check(const Health& health) {
  const std::string at = "position " + std::to_string(health.views_position) + " of " + std::to_string(health.position);
  if (health.views_failed) return {"views", Verdict::kFail, "stopped at " + at + ": commands are refused, restart the service"};
  if (health.views_rebuilding) return {"views", Verdict::kFail, "being rebuilt: " + at};
  if (health.views_lag_seconds > health.views_lag_seconds_max)
    return {"views", Verdict::kFail, seconds_text(health.views_lag_seconds) + " behind: " + at};
  return {"views", Verdict::kPass, at};
}

Check publisher_check(const PublisherHealth& publisher) {
  std::string detail = publisher.state;
  if (publisher.development_only) detail += " (development only)";
  if (publisher.lag_events > 0)
    detail += ", " + std::to_string(publisher.lag_events) + " events and " + seconds_text(publisher.lag_seconds) +
              " behind";
  const bool fine = !publisher.halted && !publisher.development_only && publisher.state == "publishing";
  return {"publisher", fine ? Verdict::kPass : Verdict::kWarn, std::move(detail)};
}

std::vector<Check> checks_of(const Health& health) {
  std::vector<Check> checks{process_check(health)};
  if (health.starting) return checks;
  checks.push_back(store_check(health));
  checks.push_back(views_check(health));
  if (health.publisher) checks.push_back(publisher_check(*health.publisher));
  return checks;
}

bool none_fails(const std::vector<Check>& checks) {
  return std::ranges::none_of(checks, [](const Check& check) { return check.verdict == Verdict::kFail; });
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
  json.key("checks");
  json.begin_array();
  for (const auto& check : checks) {
    json.begin_object();
    json.member("name", check.name);
    json.member("status", verdict_text(check.verdict));
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

}  // namespace billing::api
