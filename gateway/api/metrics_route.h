// GET /metrics: the page of gateway/metrics.
#pragma once

#include <functional>
#include <string>

#include "gateway/api/guard.h"
#include "gateway/http/router.h"

namespace billing::api {

struct MetricsRoute {
  std::function<std::string()> page;  // e.g. Metrics::page; on the server's threads
  std::string content_type;
  bool is_public = false;  // everybody may read it
};

// Open to the bearer key, and to callers of this machine (a loopback address) that ask by a name of it (Host:
// localhost or a loopback address) and are not a proxy for others: no Forwarded, X-Forwarded-For, X-Real-IP or Via header. With `is_public` to everybody.
void add_metrics_route(http::Router& router, const Guard& guard, MetricsRoute route);

}  // namespace billing::api
