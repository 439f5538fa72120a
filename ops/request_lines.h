// What the log says of requests and commits: which were slow, refused by a limit, without a good key; and the access log.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/server.h"
#include "ledger/service/ledger.h"
#include "ops/config.h"

namespace billing::ops {

// The network of an address, as log lines name it: of IPv4 a /24, of IPv6 a /64, for the address of a client may be that of a
// person. "unknown" for what is no address.
std::string network_of(std::string_view address);

// Any thread; no call waits for the disk. A line names a route by its pattern: paths and queries may hold personal data.
class RequestLines {
 public:
  explicit RequestLines(const LogConfig& config) { set(config); }
  // What holds for requests and commits from now on.
  void set(const LogConfig& config);
  // A request that was answered.
  void request(const http::RequestLog& request) const;
  void commit(const service::CommitReport& report) const;

 private:
  std::atomic<bool> access_{false};
  std::atomic<std::int64_t> slow_request_us_{0};
  std::atomic<std::int64_t> slow_commit_us_{0};
};

}  // namespace billing::ops
