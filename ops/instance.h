// A running ledger service: every part of it, opened in order and closed in the opposite one.
#pragma once

#include <memory>
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
#include "ops/gauges.h"
#include "ops/store.h"
#include "projections/past_views.h"
#include "projections/projector.h"

namespace billing::ops {

class Instance {
 public:
  // Opens the store, folds the log, starts views, publisher and server. Returns when requests are served. Errors: of
  // the parts, with a detail that names the setting and says what to do. A first start that fails leaves nothing behind.
  static Result<std::unique_ptr<Instance>> start(const Config& config);
  // Answers what waits, then stops everything, the readers last.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  std::uint16_t port() const { return server_->port(); }
  // Path of the one-time link that shows the admin key, while one waits.
  std::optional<std::string> first_login() const { return identity_->link_path(); }
  std::string embedded_kafka() const;

 private:
  explicit Instance(const Config& config);
  Result<void> open();
  Result<void> open_store();
  Result<void> start_readers();
  Result<void> start_views();
  Result<void> start_server();
  metrics::Gauges gather() const;
  api::Health health() const;

  const Config config_;
  SystemClock clock_;
  metrics::Metrics metrics_;
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
  std::unique_ptr<publisher::Publisher> publisher_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<api::ReadPool> reads_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace billing::ops
