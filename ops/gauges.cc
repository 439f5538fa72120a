#include "ops/gauges.h"

#include <algorithm>

#include "ops/log/log.h"
#include "projections/limited_rows.h"

namespace billing::ops {
namespace {

metrics::StoreGauges store_gauges(std::string name, const store::StoreStats& stats) {
  metrics::StoreGauges gauges;
  gauges.database = std::move(name);
  gauges.memtable_bytes = stats.memtable_bytes;
  gauges.live_sst_bytes = stats.live_sst_bytes;
  gauges.wal_bytes = stats.wal_bytes;
  gauges.block_cache_bytes = stats.block_cache_bytes;
  gauges.pending_compaction_bytes = stats.pending_compaction_bytes;
  gauges.free_bytes = stats.free_bytes;
  gauges.estimated_keys = stats.estimated_keys;
  gauges.running_flushes = stats.running_flushes;
  gauges.running_compactions = stats.running_compactions;
  gauges.background_errors = stats.background_errors;
  gauges.write_slowed = stats.write_slowed;
  gauges.write_stopped = stats.write_stopped;
  gauges.read_only = stats.read_only;
  return gauges;
}

metrics::WriterGauges writer_gauges(const service::LedgerStats& stats) {
  metrics::WriterGauges gauges;
  gauges.single_queue = stats.single_queue;
  gauges.single_queue_max = stats.single_queue_max;
  gauges.bulk_queue = stats.bulk_queue;
  gauges.bulk_queue_max = stats.bulk_queue_max;
  gauges.position = stats.position;
  gauges.commits = stats.commits;
  gauges.accepted = stats.accepted;
  gauges.repeated = stats.repeated;
  gauges.refused = stats.refused;
  gauges.shed = stats.shed;
  gauges.breaches = stats.breaches;
  gauges.accounts_frozen = stats.accounts_frozen;
  for (const auto& [code, count] : stats.refusals) gauges.refusals.emplace_back(code_text(code), count);
  return gauges;
}

metrics::PublisherGauges publisher_gauges(const publisher::PublisherStats& stats) {
  return {std::string(publisher::state_name(stats.state)),
          stats.published,
          stats.lag_events,
          stats.lag_seconds,
          stats.events,
          stats.transactions,
          stats.aborts,
          stats.rebuilds,
          stats.read_back,
          stats.forked};
}

metrics::HttpGauges http_gauges(const http::ServerCounters& counters, std::uint64_t memory_max_bytes) {
  metrics::HttpGauges gauges;
  gauges.requests_begun = counters.requests;
  gauges.connections_open = counters.connections_open;
  gauges.connections_accepted = counters.connections_accepted;
  gauges.refused_server_full = counters.refused_server_full;
  gauges.refused_address_full = counters.refused_address_full;
  gauges.closed_for_room = counters.closed_for_room;
  gauges.memory_bytes = counters.memory_bytes;
  gauges.memory_max_bytes = memory_max_bytes;
  gauges.refused_memory_full = counters.refused_memory_full;
  gauges.refused_memory_address_full = counters.refused_memory_address_full;
  gauges.timeouts = counters.timed_out_head + counters.timed_out_body + counters.timed_out_handler +
                    counters.timed_out_write;
  gauges.replies_dropped = counters.replies_dropped;
  return gauges;
}

metrics::PastGauges past_gauges(const views::PastMetrics& past, std::size_t checkpoints) {
  return {past.running ? 1U : 0U, past.waiting, past.kept,   past.bytes_kept, past.done,
          past.failed,            past.refused, past.events, static_cast<double>(past.micros) / 1e6, checkpoints};
}

metrics::ReadLaneGauges lane_gauges(const char* lane, const api::ReadLaneMetrics& reads) {
  return {lane,
          reads.waiting,
          reads.running,
          reads.done,
          reads.refused,
          reads.late,
          static_cast<double>(reads.wait_micros) / 1e6,
          static_cast<double>(reads.run_micros) / 1e6};
}

}  // namespace

void BookSums::read(const views::Views& views, const store::Log& log, api::ReadPool& pool, Instant now,
                    metrics::Gauges& gauges) {
  std::unique_lock lock(mutex_);
  if (!refreshing_ && std::chrono::steady_clock::now() >= until_) {
    refreshing_ = true;
    lock.unlock();  // a full queue refuses on this thread
    pool.submit(api::ReadLane::kReport, {.run = [this, &views, &log](const std::shared_ptr<api::ReadTime>& time) {
                                           try {
                                             refresh(*views::limit_reader(views.read(), log, nullptr,
                                                                          [time] { return time->over(); }));
                                           } catch (...) {
                                             refreshed(false);
                                             throw;
                                           }
                                         },
                                         .refuse = [this](const Error&) { refreshed(false); }});
    lock.lock();
  }
  if (!known_once_) changed_.wait_for(lock, std::chrono::seconds(1), [this] { return known_once_ || !refreshing_; });
  gauges.books = known_;
  if (!unbooked_) return;
  const auto age = unbooked_->oldest ? std::max<std::int64_t>(now.micros - unbooked_->oldest->micros, 0) : 0;
  gauges.unbooked = metrics::UnbookedGauges{unbooked_->open, static_cast<double>(age) / 1e6};
}

void BookSums::refreshed(bool good) {
  const std::lock_guard lock(mutex_);
  refreshing_ = false;
  known_once_ = known_once_ || good;
  until_ = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  changed_.notify_all();
}

void BookSums::refresh(const views::Reader& reader) {
  const auto controls = reader.check_control();
  const auto trials = reader.trial_balance(Date::clamped(2999, 12, 31));
  const auto backlog = reader.unbooked_backlog();
  {
    const std::lock_guard lock(mutex_);
    if (backlog) unbooked_ = *backlog;
    if (controls && trials) known_.clear();
    for (std::size_t i = 0; controls && trials && i < trials->size(); ++i) {
      const views::TrialBalance& trial = (*trials)[i];
      metrics::BookGauges book{std::string(trial.currency.code()), trial.debit - trial.credit, 0, 0};
      for (const views::Control& control : *controls) {
        if (control.currency != trial.currency) continue;
        book.receivables_difference = control.receivables - control.open_items;
        book.credit_difference = control.unapplied_credit - control.credits_left;
      }
      known_.push_back(book);
    }
  }
  refreshed(controls && trials && backlog);
}

metrics::Gauges gauges_of(const Parts& parts) {
  metrics::Gauges gauges;
  const service::LedgerStats writer = parts.ledger.stats();
  gauges.writer = writer_gauges(writer);
  if (parts.publisher != nullptr) gauges.publisher = publisher_gauges(parts.publisher->stats());
  gauges.http = http_gauges(parts.server.counters(), parts.http_memory_max_bytes);
  const auto identity = parts.identity.counters();
  gauges.identity = metrics::IdentityGauges{identity.accepted, identity.refused, identity.limited};
  const auto views = parts.projector.metrics();
  gauges.views.push_back({"views", views.position, views.lag_events, static_cast<double>(views.lag_seconds),
                          views.failure.has_value()});
  gauges.past = past_gauges(parts.past.metrics(), parts.checkpoints.kept());
  const auto reads = parts.reads.metrics();
  gauges.reads = {lane_gauges("quick", reads.quick), lane_gauges("report", reads.report),
                  lane_gauges("feed", reads.feed)};
  gauges.flows = reads.flows;
  gauges.stores.push_back(store_gauges("log", parts.log.stats()));
  gauges.stores.back().free_floor_bytes = parts.free_space_floor_bytes;
  gauges.stores.back().read_only |= writer.writing == service::Writing::kFailed;
  gauges.stores.push_back(store_gauges("views", parts.tables.stats()));
  if (parts.scrub != nullptr) {
    const ScrubStats scrub = parts.scrub->stats();
    gauges.scrub = metrics::ScrubGauges{scrub.rounds, scrub.bytes, scrub.problems, scrub.problem.has_value()};
  }
  gauges.log_lines_dropped = log::dropped_lines();
  parts.books.read(parts.views, parts.log, parts.reads, parts.now, gauges);
  return gauges;
}

api::Health health_of(const store::RocksLog& log, const service::Ledger& ledger, const views::Projector& projector,
                      const publisher::Publisher* publisher) {
  api::Health health;
  const service::LedgerStats writer = ledger.stats();
  health.store_read_only = log.read_only() || writer.writing == service::Writing::kFailed;
  health.store_free_bytes = log.stats().free_bytes;
  health.position = writer.position;
  const auto views = projector.metrics();
  health.views_position = views.position;
  health.views_lag_seconds = static_cast<double>(views.lag_seconds);
  health.views_failing = views.failure.has_value();
  health.views_failed = views.stopped;
  health.views_rebuilding = views.rebuilding;
  if (publisher != nullptr) {
    const auto stats = publisher->stats();
    health.publisher = api::PublisherHealth{std::string(publisher::state_name(stats.state)), stats.lag_events,
                                            stats.lag_seconds, stats.state == publisher::State::kHalted,
                                            stats.forked, stats.development_only};
  }
  return health;
}

}  // namespace billing::ops
