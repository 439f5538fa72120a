#include "ops/instance.h"

#include <utility>

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
    : config_(config), clock_(config.time_zone), metrics_({kVersion, kRevision, kCompiler}), lines_(config.log) {}

Result<std::unique_ptr<Instance>> Instance::start(const Config& config, const std::function<void()>& before_serving) {
  const FreshStart fresh(config);
  std::unique_ptr<Instance> instance(new Instance(config));
  auto started = instance->open(before_serving);
  if (started) return instance;
  instance.reset();
  fresh.undo();
  return std::unexpected(std::move(started.error()));
}

Result<void> Instance::open(const std::function<void()>& before_serving) {
  // First of all: a port that another program has must not cost a folded log, nor leave one; and whoever asks is told how
  // far the start is.
  BILLING_CHECK(about("server.listen", start_server()));
  BILLING_CHECK(open_store());
  BILLING_CHECK(start_readers());
  BILLING_CHECK(about("store.data", start_control()));
  before_serving();
  serve_all();
  start_watch();
  return {};
}

Instance::~Instance() { stop(std::chrono::milliseconds(0)); }

void Instance::stop(std::chrono::milliseconds deadline) {
  drain();
  watch_.reset();
  control_.reset();
  if (end_waiting_) end_waiting_();
  if (past_) past_->stop();  // whoever waits for a past position is answered now
  if (server_) server_->stop(deadline);
  if (ledger_) ledger_->stop();
  metrics_.gather_from({});
  {
    const std::lock_guard lock(server_mutex_);
    server_.reset();
  }
  if (reads_) reads_->stop();
  if (publisher_) publisher_->stop();
  scrub_.reset();
  if (projector_) projector_->stop();
}

void Instance::hurry() {
  const std::lock_guard lock(server_mutex_);
  if (server_) server_->hurry();
}

Result<void> Instance::open_store() {
  opening_.begin("checking the ledger's files");
  BILLING_TRY(log, open_log(config_));
  log_ = std::move(log);
  if (config_.witness_is_default || same_device(config_.ledger_dir(), config_.witness_dir)) {
    log::warning("witness_on_same_device", "the witness of the ledger's head is on the ledger's own device: a lost disk loses "
                                           "both; set store.witness_dir to a directory elsewhere");
  }
  BILLING_TRY(keys, about("store.data", codec::PersonKeys::open(config_.keys_dir())));
  keys_ = std::move(keys);
  identity::AdminKeyOptions identity;
  identity.directory = config_.identity_dir();
  identity.key_file = config_.admin_key_file;
  identity.new_link = config_.new_admin_link;
  identity.now = [this] { return clock_.now(); };
  BILLING_TRY(admin_key, about("identity.admin_key_file or store.data", identity::AdminKey::open(identity)));
  identity_ = std::move(admin_key);
  opening_.begin("folding the ledger");
  Progress bar("folding the ledger", "events");
  service::LedgerOptions options;
  options.clock = config_.clock;
  options.single_queue_time_max = config_.queue_time_max;
  options.on_commit = [this](const service::CommitReport& report) {
    metrics_.commit({report.commands, report.events, report.bytes, report.decide, report.commit});
    lines_.commit(report);
  };
  options.on_writing = [](service::Writing now, const std::string& why) {
    switch (now) {
      case service::Writing::kFine: return log::info("store_writing", "the ledger is written again", {{"why", why}});
      case service::Writing::kFull: return log::error("store_full", "commands are refused for lack of space", {{"why", why}});
      case service::Writing::kFailed:
        return log::error("store_failed", "a write failed, commands are refused until the disk is sound again", {{"why", why}});
    }
  };
  options.on_follow_up_refused = [](const Error& error) {
    log::warning("follow_up_refused", "a command that the ledger itself gave was refused", {{"code", code_text(error.code)}});
  };
  BILLING_TRY(ledger, service::Ledger::open(*log_, *keys_, options, [&](Position done, Position head) {
                opening_.progress(done, head);
                if (!log::is_json()) bar.show(done, head);
              }));
  ledger_ = std::move(ledger);
  BILLING_CHECK(about("store.data", keys_->keep()));
  return about("clock", service::check_clock(config_.clock, ledger_->recorded(), clock_.now()));
}

void Instance::start_scrub() {
  if (config_.scrub_every.count() == 0) return;
  std::vector<Scrub::Check> small_files{
      [this]() -> Result<void> {
        BILLING_CHECK(codec::PersonKeys::open_copy(config_.keys_dir()));
        return {};
      },
      [this] { return identity::AdminKey::check_directory(config_.identity_dir()); }};
  scrub_ = std::make_unique<Scrub>(
      *log_, *tables_, std::move(small_files),
      ScrubOptions{config_.scrub_every, [](const std::string& what) {
                     log::error("file_damaged", "a file is damaged, found by reading it again; `billing verify` on the stopped "
                                "service tells all of it", {{"what", what}});
                   }});
}

Result<void> Instance::start_views() {
  std::string dropped;
  BILLING_TRY(tables, about("store.data", open_views(config_, &dropped)));
  if (!dropped.empty()) log::warning("views_dropped", "the views were damaged and are rebuilt from the ledger", {{"why", dropped}});
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
    log::warning("checkpoint_dropped", "a checkpoint of the views was damaged and is dropped",
                 {{"position", one.number}, {"why", one.reason}});
  }
  checkpoint_files_ = std::move(files);
  BILLING_TRY(checkpoints, views::ViewCheckpoints::open(*log_, *checkpoint_files_,
                                                        {.interval = config_.checkpoint_interval,
                                                         .kept_max = config_.checkpoints_max,
                                                         .on_problem = [](const std::string& what) {
                                                           log::warning("checkpoint_failed", what);
                                                         }}));
  checkpoints_ = std::move(checkpoints);
  views::PastOptions past;
  past.events_max = config_.past_events_max;
  past.bytes_max = config_.past_bytes_max;
  past_ = std::make_unique<views::PastViews>(*log_, keys_.get(), *views_, *checkpoints_, past);
  views::ProjectorOptions options;
  options.checkpoints = checkpoints_.get();
  options.now = [this] { return clock_.now(); };
  options.on_lag = [this](std::int64_t seconds) { on_lag(seconds); };
  options.on_trouble = [](const Error* error) {
    if (error == nullptr) return log::info("views_go_on", "the views are written again");
    log::error("views_failed", "the views cannot be written, it is tried again every second; reads may show older figures",
               {{"code", code_text(error->code)}, {"why", error->detail}});
  };
  options.on_failure = [this](const Error& error) {
    log::error("views_stopped", "the views have stopped, commands are refused until a restart",
               {{"code", code_text(error.code)}, {"why", error.detail}});
    ledger_->close({Code::kViewsBehind, "The views have stopped: the service must be restarted.", {}});
  };
  BILLING_TRY(projector, views::Projector::start(*log_, keys_.get(), *tables_, *views_, options));
  projector_ = std::move(projector);
  return {};
}

void Instance::on_lag(std::int64_t seconds) {
  const bool shed = seconds > config_.views_lag_seconds_max;
  ledger_->shed_load(shed);
  if (shed == std::exchange(shedding_, shed)) return;
  if (shed) log::warning("shedding_load", "the views are too far behind, commands are refused", {{"lag_seconds", seconds}});
  else log::info("shedding_load_ended", "the views have caught up", {{"lag_seconds", seconds}});
}

Result<void> Instance::start_readers() {
  opening_.begin("opening the views");
  BILLING_CHECK(start_views());
  start_scrub();
  if (config_.kafka == "none") return {};

  publisher::PublisherOptions kafka = publisher_options(config_);
  kafka.on_fork = [this](const std::string& why) {
    log::error("history_forked", "commands are refused, for what is written now would be a second history", {{"why", why}});
    ledger_->close({Code::kHistoryForked, why, {}});
  };
  if (!kafka.embedded) BILLING_CHECK(about("store.data", make_directory(config_.kafka_dir())));
  const auto notice = [](const publisher::Notice& one) {
    switch (one.severity) {
      case publisher::Notice::Severity::kInfo: return log::info("publisher_notice", one.text);
      case publisher::Notice::Severity::kWarning: return log::warning("publisher_notice", one.text);
      case publisher::Notice::Severity::kError: return log::error("publisher_notice", one.text);
    }
  };
  opening_.begin("comparing the ledger with the topic");
  BILLING_TRY(publisher, about("kafka.brokers", publisher::Publisher::start(*log_, kafka, notice)));
  publisher_ = std::move(publisher);
  // A store that is behind its topic must not take a single command. Brokers that are away cannot be asked: the log is the
  // backlog then, and the comparison comes when they are back.
  if (!kafka.embedded && !publisher_->await_compared(std::chrono::seconds(config_.kafka_start_wait_seconds))) {
    log::warning("topic_not_compared", "the brokers do not answer: commands are accepted before the topic was compared with the store");
  }
  return {};
}

Result<void> Instance::start_control() {
  ControlOptions options;
  options.data = config_.data;
  options.checkpoint = [this](const std::string& directory) { return log_->checkpoint(directory); };
  options.on_problem = [](const std::string& what) { log::warning("control_problem", what); };
  BILLING_TRY(control, Control::start(std::move(options)));
  control_ = std::move(control);
  return {};
}

Result<void> Instance::start_server() {
  http::Router router;
  api::add_starting_routes(router, [this] { return opening_.health(); });
  http::ServerOptions options;
  options.address = config_.address;
  options.port = config_.port;
  options.threads = config_.threads;
  options.connections_max = config_.connections_max;
  options.connections_per_address_max = config_.connections_per_address_max;
  options.trusted_proxies = config_.trusted_proxies;
  options.memory_bytes_max = config_.http_memory_bytes_max;
  options.memory_bytes_per_address_max = config_.http_memory_bytes_per_address_max;
  options.error_renderer = api::render_error;
  options.on_response = api::add_request_id;
  options.on_request = [this](const http::RequestLog& request) {
    metrics_.http_request(request.method, request.route, request.status,
                          std::chrono::microseconds(request.duration_us), request.long_poll);
    lines_.request(request);
  };
  server_ = std::make_unique<http::Server>(options, std::move(router));
  return server_->start();
}

void Instance::serve_all() {
  api_ = std::make_unique<api::Api>(api::ApiParts{*ledger_, *keys_, *identity_, clock_, {}});
  reads_ = std::make_unique<api::ReadPool>(config_.reads);
  http::Router router;
  api_->add_command_routes(router);
  end_waiting_ = api::add_read_routes(router, {*views_, *past_, *log_, *keys_, clock_, *reads_, api_->guard()});
  api::add_health_routes(router, [this] { return health(); });
  api::add_metrics_route(router, api_->guard(),
                         {[this] { return metrics_.page(); }, std::string(metrics::Metrics::kContentType),
                          config_.metrics_public});
  api::add_openapi_routes(router);
  api::add_welcome_routes(router, std::string(kVersion), [this] { return health(); });
  metrics_.gather_from([this] { return gather(); });
  server_->route_by(std::move(router));
}

void Instance::start_watch() {
  watch_ = std::make_unique<Watch>(Watched{
      .health = [this] { return health(); },
      .ledger = [this] { return ledger_->stats(); },
      .signs = [this] { return signs(); },
      .publisher = [this]() -> std::optional<publisher::State> {
        if (!publisher_) return std::nullopt;
        return publisher_->stats().state;
      }});
}

Signs Instance::signs() const {
  const service::LedgerStats writer = ledger_->stats();
  const views::ProjectorMetrics views = projector_->metrics();
  return {.commands_waiting = writer.single_queue,
          .commands_done = writer.accepted + writer.repeated + writer.refused + writer.shed,
          .events_waiting = views.lag_events,
          .views_batches = views.batches,
          .views_stopped = views.failure.has_value(),
          .http_silence = server_->silence()};
}

metrics::Gauges Instance::gather() const {
  return gauges_of({*log_, *tables_, *ledger_, *projector_, *views_, *past_, *checkpoints_, publisher_.get(), *server_,
                    *reads_, *identity_, books_, clock_.now(), config_.free_space_floor_bytes, scrub_.get(),
                    config_.http_memory_bytes_max});
}

api::Health Instance::health() const {
  api::Health health = health_of(*log_, *ledger_, *projector_, publisher_.get());
  health.draining = draining_;
  health.store_free_floor_bytes = config_.free_space_floor_bytes;
  health.views_lag_seconds_max = static_cast<double>(config_.views_lag_seconds_max);
  if (scrub_) health.scrub_problem = scrub_->stats().problem;
  return health;
}

std::string Instance::embedded_kafka() const { return publisher_ ? publisher_->embedded_bootstrap() : ""; }

}  // namespace billing::ops
