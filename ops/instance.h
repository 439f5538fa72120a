// A running ledger service: every part of it, opened in order and closed in the opposite one.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "events/publisher/publisher.h"
#include "gateway/api/api.h"
#include "gateway/api/health.h"
#include "gateway/api/read_pool.h"
#include "gateway/http/server.h"
#include "gateway/metrics/metrics.h"
#include "ops/clock.h"
#include "ops/config.h"
#include "ops/control/control.h"
#include "ops/gauges.h"
#include "ops/liveness.h"
#include "ops/opening.h"
#include "ops/request_lines.h"
#include "ops/scrub.h"
#include "ops/store.h"
#include "ops/watch.h"
#include "projections/past_views.h"
#include "projections/projector.h"

namespace billing::ops {

class Instance {
 public:
  // Starts the server, which says at first that the service is starting; opens the store, folds the log, starts views and
  // publisher. Returns when requests are served. Errors: of the parts, with a detail that names the setting and says what to
  // do. A first start that fails leaves nothing behind.
  // `before_serving` is called when all is opened and no request is served yet.
  static Result<std::unique_ptr<Instance>> start(const Config& config, const std::function<void()>& before_serving);
  ~Instance();  // stop() with no time for requests in flight
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // From now on /readyz says that the service is about to stop; all is served as before.
  void drain() { draining_ = true; }
  // Answers what waits for news or a position, accepts no connection, lets requests in flight finish for at most `deadline`,
  // then stops everything, the readers last. Calling it again does nothing. One thread.
  void stop(std::chrono::milliseconds deadline);
  // A stop() that waits for requests, or is yet to come, waits no longer. Any thread.
  void hurry();

  std::uint16_t port() const { return server_->port(); }
  // Path of the one-time link that shows the admin key, while one waits.
  std::optional<std::string> first_login() const { return identity_->link_path(); }
  std::string embedded_kafka() const;
  // What the log says of requests and commits from now on. Any thread.
  void set(const LogConfig& config) { lines_.set(config); }

 private:
  explicit Instance(const Config& config);
  Result<void> open(const std::function<void()>& before_serving);
  Result<void> open_store();
  Result<void> start_readers();
  Result<void> start_views();
  void start_scrub();
  Result<void> start_control();
  Result<void> start_server();
  void serve_all();
  void start_watch();
  Signs signs() const;
  void on_lag(std::int64_t seconds);
  metrics::Gauges gather() const;
  api::Health health() const;

  const Config config_;
  SystemClock clock_;
  metrics::Metrics metrics_;
  RequestLines lines_;
  Opening opening_;
  std::atomic<bool> draining_{false};
  std::function<void()> end_waiting_;
  bool shedding_ = false;  // on the projector's thread
  mutable BookSums books_;
  std::unique_ptr<store::RocksLog> log_;
  std::unique_ptr<codec::PersonKeys> keys_;
  std::unique_ptr<store::RocksTables> tables_;
  std::unique_ptr<store::TableCheckpoints> checkpoint_files_;
  std::unique_ptr<identity::AdminKey> identity_;
  std::unique_ptr<service::Ledger> ledger_;
  std::unique_ptr<views::Views> views_;
  std::unique_ptr<views::ViewCheckpoints> checkpoints_;
  std::unique_ptr<views::PastViews> past_;
  std::unique_ptr<views::Projector> projector_;
  std::unique_ptr<Scrub> scrub_;
  std::unique_ptr<publisher::Publisher> publisher_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<api::ReadPool> reads_;
  std::unique_ptr<Control> control_;
  std::mutex server_mutex_;  // guards the end of server_ against hurry()
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Watch> watch_;
};

}  // namespace billing::ops
