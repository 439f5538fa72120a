#include "ops/request_lines.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "ops/log/log.h"

namespace billing::ops {

std::string network_of(std::string_view address) {
  const std::string text(address);
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> shown{};
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  const bool six = ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
  if (six && std::memcmp(bytes.data(), kMapped.data(), kMapped.size()) != 0) {
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return ::inet_ntop(AF_INET6, bytes.data(), shown.data(), shown.size()) == nullptr ? "unknown" : std::string(shown.data()) + "/64";
  }
  if (!six && ::inet_pton(AF_INET, text.c_str(), bytes.data() + kMapped.size()) != 1) return "unknown";
  bytes.back() = 0;
  return ::inet_ntop(AF_INET, bytes.data() + kMapped.size(), shown.data(), shown.size()) == nullptr
             ? "unknown"
             : std::string(shown.data()) + "/24";
}

void RequestLines::set(const LogConfig& config) {
  access_ = config.access;
  slow_request_us_ = config.slow_request_ms * 1'000;
  slow_commit_us_ = config.slow_commit_ms * 1'000;
}

void RequestLines::request(const http::RequestLog& request) const {
  // Made only for a line that is written: nearly all requests have none.
  std::string network;
  const auto name_network = [&] {
    if (network.empty()) network = network_of(request.address);
  };
  if (access_) {
    name_network();
    log::access({{"request_id", request.id},
                 {"method", request.method},
                 {"route", request.route},
                 {"status", request.status},
                 {"code", request.code},
                 {"bytes_in", request.bytes_in},
                 {"bytes_out", request.bytes_out},
                 {"duration_us", request.duration_us},
                 {"address", network},
                 {"key", request.caller}});
  }
  const auto told = [&](auto write, std::string_view event, std::string_view message) {
    name_network();
    write(event, message, {{"request_id", request.id},
                           {"method", request.method},
                           {"route", request.route},
                           {"status", request.status},
                           {"code", request.code},
                           {"address", network},
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
