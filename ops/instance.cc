#include "ops/instance.h"

#include <fmt/format.h>

#include "gateway/api/health.h"
#include "gateway/api/metrics_route.h"
#include "gateway/api/openapi.h"
#include "gateway/api/problem.h"
#include "gateway/api/read_api.h"
#include "gateway/api/welcome.h"
#include "ops/fresh_start.h"
#include "ops/log/log.h"
#include "ops/progress.h"
#include "ops/version.h"
#include "projections/verify.h"

namespace billing::ops {

Instance::Instance(const Config& config)
    : config_(config), clock_(config.time_zone), metrics_({kVersion, kRevision, kCompiler}) {}

Result<std::unique_ptr<Instance>> Instance::start(const Config& config) {
  const FreshStart fresh(config);
  std::unique_ptr<Instance> instance(new Instance(config));
  auto started = instance->open();
  if (started) return instance;
  instance.reset();
  fresh.undo();
  return std::unexpected(std::move(started.error()));
}

Result<void> Instance::open() {
  // First of all: a port that another program has must not cost a folded log, nor leave one.
  BILLING_CHECK(about("server.listen", http::check_bindable(config_.address, config_.port)));
  BILLING_CHECK(open_store());
  BILLING_CHECK(start_readers());
  return about("server.listen", start_server());
}

Instance::~Instance() {
  if (past_) past_->stop();  // whoever waits for a past position is answered now
  if (server_) server_->stop();
  if (ledger_) ledger_->stop();
  metrics_.gather_from({});
  server_.reset();
  if (reads_) reads_->stop();
  if (publisher_) publisher_->stop();
  if (projector_) projector_->stop();
}

Result<void> Instance::open_store() {
  BILLING_TRY(log, open_log(config_));
  log_ = std::move(log);
  if (config_.witness_is_default || same_device(config_.ledger_dir(), config_.witness_dir)) {
    log::warning("the witness of the ledger's head is on the ledger's own device: a lost disk loses both; "
                 "set store.witness_dir to a directory elsewhere");
  }
  BILLING_CHECK(about("store.data", make_directory(config_.keys_dir())));
  BILLING_TRY(keys, about("store.data", codec::PersonKeys::open(config_.keys_dir())));
  keys_ = std::move(keys);
  identity::AdminKeyOptions identity;
  identity.directory = config_.identity_dir();
  identity.key_file = config_.admin_key_file;
  identity.new_link = config_.new_admin_link;
  identity.now = [this] { return clock_.now(); };
  BILLING_TRY(admin_key, about("identity.admin_key_file or store.data", identity::AdminKey::open(identity)));
  identity_ = std::move(admin_key);
  Progress progress("folding the ledger", "events");
  service::LedgerOptions options;
  options.on_commit = [this](const service::CommitReport& report) {
    metrics_.commit({report.commands, report.events, report.bytes, report.decide, report.commit});
  };
  options.on_writing = [](service::Writing now, const std::string& why) {
    switch (now) {
      case service::Writing::kFine: return log::info("the ledger is written again: " + why);
      case service::Writing::kFull: return log::error("commands are refused for lack of space: " + why);
      case service::Writing::kFailed:
        return log::error("a write failed, commands are refused until a restart: " + why);
    }
  };
  BILLING_TRY(ledger, service::Ledger::open(*log_, *keys_, options, [&](Position done, Position head) {
                progress.show(done, head);
              }));
  ledger_ = std::move(ledger);
  return {};
}

Result<void> Instance::start_views() {
  std::string dropped;
  BILLING_TRY(tables, about("store.data", open_views(config_, &dropped)));
  if (!dropped.empty()) log::warning("the views were damaged and are rebuilt from the ledger: " + dropped);
  tables_ = std::move(tables);
  BILLING_TRY(seen, views::checkpoint(*tables_->snapshot()));
  if (auto good = views::check_seen(*log_, seen); !good) {
    return refuse(good.error().code, "store.data: the views in " + config_.views_dir() + ": " + good.error().detail);
  }
  views_ = std::make_unique<views::Views>(
      *log_, keys_.get(), *tables_, views::OverdueSteps{config_.stage_days, config_.billing_flag_from});
  std::vector<store::DroppedCheckpoint> damaged;
  BILLING_TRY(files, about("store.data", open_checkpoints(config_, *tables_, &damaged)));
  for (const store::DroppedCheckpoint& one : damaged) {
    log::warning(fmt::format("the checkpoint of the views at position {} was damaged and is dropped: {}", one.number,
                             one.reason));
  }
  checkpoint_files_ = std::move(files);
  BILLING_TRY(checkpoints, views::ViewCheckpoints::open(*log_, *checkpoint_files_,
                                                        {.interval = config_.checkpoint_interval,
                                                         .kept_max = config_.checkpoints_max,
                                                         .on_problem = [](const std::string& what) { log::warning(what); }}));
  checkpoints_ = std::move(checkpoints);
  views::PastOptions past;
  past.events_max = config_.past_events_max;
  past.bytes_max = config_.past_bytes_max;
  past_ = std::make_unique<views::PastViews>(*log_, keys_.get(), *views_, *checkpoints_, past);
  views::ProjectorOptions options;
  options.checkpoints = checkpoints_.get();
  options.now = [this] { return clock_.now(); };
  options.on_lag = [this](std::int64_t seconds) { ledger_->shed_load(seconds > config_.views_lag_seconds_max); };
  options.on_failure = [this](const Error& error) {
    log::error("the views have stopped: " + error.detail);
    ledger_->close({Code::kViewsBehind, "The views have stopped: the service must be restarted.", {}});
  };
  BILLING_TRY(projector, views::Projector::start(*log_, keys_.get(), *tables_, *views_, options));
  projector_ = std::move(projector);
  return {};
}

Result<void> Instance::start_readers() {
  BILLING_CHECK(start_views());
  if (config_.kafka == "none") return {};

  const publisher::PublisherOptions kafka = publisher_options(config_);
  if (!kafka.embedded) BILLING_CHECK(about("store.data", make_directory(config_.kafka_dir())));
  const auto notice = [](const publisher::Notice& one) {
    switch (one.severity) {
      case publisher::Notice::Severity::kInfo: log::info(one.text); break;
      case publisher::Notice::Severity::kWarning: log::warning(one.text); break;
      case publisher::Notice::Severity::kError: log::error(one.text); break;
    }
  };
  BILLING_TRY(publisher, about("kafka.brokers", publisher::Publisher::start(*log_, kafka, notice)));
  publisher_ = std::move(publisher);
  return {};
}

Result<void> Instance::start_server() {
  api_ = std::make_unique<api::Api>(api::ApiParts{*ledger_, *keys_, *identity_, clock_, {}});
  reads_ = std::make_unique<api::ReadPool>(config_.reads);
  http::Router router;
  api_->add_command_routes(router);
  api::add_read_routes(router, {*views_, *past_, *log_, *keys_, clock_, *reads_, api_->guard()});
  api::add_health_routes(router, [this] { return health(); });
  api::add_metrics_route(router, api_->guard(),
                         {[this] { return metrics_.page(); }, std::string(metrics::Metrics::kContentType),
                          config_.metrics_public});
  api::add_openapi_routes(router);
  api::add_welcome_routes(router, std::string(kVersion), [this] { return health(); });
  http::ServerOptions options;
  options.address = config_.address;
  options.port = config_.port;
  options.threads = config_.threads;
  options.connections_max = config_.connections_max;
  options.connections_per_address_max = config_.connections_max;
  options.error_renderer = api::render_error;
  options.on_request = [this](const http::RequestLog& request) {
    metrics_.http_request(request.method, request.route, request.status,
                          std::chrono::microseconds(request.duration_us), request.long_poll);
  };
  server_ = std::make_unique<http::Server>(options, std::move(router));
  metrics_.gather_from([this] { return gather(); });
  return server_->start();
}

metrics::Gauges Instance::gather() const {
  return gauges_of({*log_, *tables_, *ledger_, *projector_, *views_, *past_, *checkpoints_, publisher_.get(), *server_,
                    *reads_, *identity_, books_, clock_.now(), config_.free_space_floor_bytes});
}

api::Health Instance::health() const {
  api::Health health = health_of(*log_, *ledger_, *projector_, publisher_.get());
  health.store_free_floor_bytes = config_.free_space_floor_bytes;
  health.views_lag_seconds_max = static_cast<double>(config_.views_lag_seconds_max);
  return health;
}

std::string Instance::embedded_kafka() const { return publisher_ ? publisher_->embedded_bootstrap() : ""; }

}  // namespace billing::ops
