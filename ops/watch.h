// A thread that looks at a running service every second and logs what has changed; and tells a watchdog that it goes on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "events/publisher/publisher.h"
#include "gateway/api/health.h"
#include "ledger/service/ledger.h"
#include "ops/liveness.h"

namespace billing::ops {

// What it looks at; each called on its thread.
struct Watched {
  std::function<api::Health()> health;
  std::function<service::LedgerStats()> ledger;
  std::function<Signs()> signs;
  std::function<std::optional<publisher::State>()> publisher;  // none: nothing is published
};

class Watch {
 public:
  explicit Watch(Watched watched);
  ~Watch();  // ends the thread
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  void run();
  void look();
  void look_at_space(const api::Health& health);
  void look_at_commands(const service::LedgerStats& stats);
  void look_at_publisher();
  void look_at_parts();

  const Watched watched_;
  const std::optional<std::chrono::microseconds> watchdog_;
  const std::chrono::microseconds every_;
  Liveness liveness_;
  std::string_view hanging_;  // the part that hung at the last look
  bool space_is_low_ = false;
  std::map<Code, std::uint64_t> refused_;  // of each limit, until now
  std::optional<publisher::State> publisher_;
  int looks_ = 0;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace billing::ops
