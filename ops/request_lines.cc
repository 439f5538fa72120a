#include "ops/request_lines.h"

#include "ops/log/log.h"

namespace billing::ops {

void RequestLines::set(const LogConfig& config) {
  access_ = config.access;
  slow_request_us_ = config.slow_request_ms * 1'000;
  slow_commit_us_ = config.slow_commit_ms * 1'000;
}

void RequestLines::request(const http::RequestLog& request) const {
  if (access_) {
    log::access({{"request_id", request.id},
                 {"method", request.method},
                 {"route", request.route},
                 {"status", request.status},
                 {"code", request.code},
                 {"bytes_in", request.bytes_in},
                 {"bytes_out", request.bytes_out},
                 {"duration_us", request.duration_us},
                 {"address", request.address},
                 {"key", request.caller}});
  }
  const auto told = [&request](auto write, std::string_view event, std::string_view message) {
    write(event, message, {{"request_id", request.id},
                           {"method", request.method},
                           {"route", request.route},
                           {"status", request.status},
                           {"code", request.code},
                           {"address", request.address},
                           {"duration_us", request.duration_us}});
  };
  if (request.status == 401) told(log::warning, "key_refused", "a request had no good key");
  // /readyz that says no refuses nobody.
  const bool refused = !request.code.empty() && (request.status == 429 || request.status == 503);
  if (refused) told(log::warning, "request_refused_by_limit", "a request was refused for now");
  if (request.status == 500) told(log::error, "request_failed", "a request met a defect or a broken store");
  // How long a client chose to wait, to send or to take says nothing about the service.
  if (request.long_poll || request.stream || request.duration_us <= slow_request_us_) return;
  told(log::warning, "request_slow", "a request took longer than log.slow_request_ms");
}

void RequestLines::commit(const service::CommitReport& report) const {
  if (report.commit.count() <= slow_commit_us_) return;
  log::warning("commit_slow", "a synced write took longer than log.slow_commit_ms",
               {{"duration_us", report.commit.count()},
                {"commands", report.commands},
                {"events", report.events},
                {"bytes", report.bytes}});
}

}  // namespace billing::ops
