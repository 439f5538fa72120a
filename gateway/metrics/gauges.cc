#include "gateway/metrics/gauges.h"

#include <array>
#include <string>
#include <utility>

namespace billing::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Collects the samples of one family after the other; a family without samples is left out.
class Page {
 public:
  explicit Page(std::vector<MetricFamily>& out) : out_(out) {}

  MetricFamily& family(MetricType type, const char* name, const char* help) {
    return out_.emplace_back(MetricFamily{name, help, type, {}});
  }
  template <class Number>
  static void add(MetricFamily& family, std::vector<ClientMetric::Label> labels, Number value) {
    ClientMetric sample;
    sample.label = std::move(labels);
    (family.type == MetricType::Counter ? sample.counter.value : sample.gauge.value) = static_cast<double>(value);
    family.metric.push_back(std::move(sample));
  }
  template <class Number>
  void gauge(const char* name, const char* help, Number value) {
    add(family(MetricType::Gauge, name, help), {}, value);
  }
  template <class Number>
  void counter(const char* name, const char* help, Number value) {
    add(family(MetricType::Counter, name, help), {}, value);
  }
  // One sample for each item: `value` of it, under `label`.
  template <class Item, class Label, class Value>
  void each(MetricType type, const char* name, const char* help, const std::vector<Item>& items,
            const char* label_name, Label label, Value value) {
    if (items.empty()) return;
    MetricFamily& made = family(type, name, help);
    for (const Item& item : items) add(made, {{label_name, item.*label}}, item.*value);
  }

 private:
  std::vector<MetricFamily>& out_;
};

void append_writer(Page& page, const WriterGauges& writer) {
  MetricFamily& queue = page.family(MetricType::Gauge, "billing_writer_queue_commands", "Commands that wait.");
  Page::add(queue, {{"lane", "single"}}, writer.single_queue);
  Page::add(queue, {{"lane", "bulk"}}, writer.bulk_queue);
  MetricFamily& limit = page.family(MetricType::Gauge, "billing_writer_queue_limit_commands",
                                    "Commands that may wait; one more is refused with queue-full.");
  Page::add(limit, {{"lane", "single"}}, writer.single_queue_max);
  Page::add(limit, {{"lane", "bulk"}}, writer.bulk_queue_max);
  page.gauge("billing_log_position", "Position of the newest durable event.", writer.position);
  page.counter("billing_commits_total", "Synced writes to the log.", writer.commits);
  MetricFamily& commands = page.family(MetricType::Counter, "billing_commands_total", "Commands by what became of them; each once.");
  Page::add(commands, {{"outcome", "accepted"}}, writer.accepted);
  Page::add(commands, {{"outcome", "refused"}}, writer.refused);
  Page::add(commands, {{"outcome", "repeated"}}, writer.repeated);
  Page::add(commands, {{"outcome", "shed"}}, writer.shed);
  page.counter("billing_check_breaches_total", "Commands whose events failed a check of the books; must be 0.",
               writer.breaches);
  page.gauge("billing_accounts_frozen", "Accounts that a failed check has frozen; must be 0.", writer.accounts_frozen);
  if (writer.refusals.empty()) return;
  MetricFamily& refusals = page.family(MetricType::Counter, "billing_refusals_total",
                                       "Commands that the writer refused or shed, by the problem's code.");
  for (const auto& [code, count] : writer.refusals) Page::add(refusals, {{"code", code}}, count);
}

void append_publisher(Page& page, const PublisherGauges& publisher) {
  constexpr std::array kStates{"connecting", "fencing", "reading_tail", "claiming",
                               "publishing", "waiting", "halted",       "stopped"};
  MetricFamily& state = page.family(MetricType::Gauge, "billing_publisher_state", "1 for the state it is in.");
  for (const char* name : kStates) Page::add(state, {{"state", name}}, publisher.state == name ? 1 : 0);
  page.gauge("billing_publisher_position", "Last event known to be in the topic.", publisher.published);
  page.gauge("billing_publisher_lag_events", "Events that are not yet in the topic.", publisher.lag_events);
  page.gauge("billing_publisher_lag_seconds", "Age of the oldest event that is not yet in the topic.",
             publisher.lag_seconds);
  page.counter("billing_publisher_events_total", "Events published since the start.", publisher.events);
  page.counter("billing_publisher_transactions_total", "Transactions committed.", publisher.transactions);
  page.counter("billing_publisher_aborts_total", "Transactions aborted and sent again.", publisher.aborts);
  page.counter("billing_publisher_rebuilds_total", "Times the producer was made anew.", publisher.rebuilds);
  page.gauge("billing_publisher_read_back_position", "Last event of ours that was read back from the topic and is right.",
             publisher.read_back);
  page.gauge("billing_publisher_forked", "1 when the topic has another history or writer; must be 0.", publisher.forked ? 1 : 0);
}

void append_scrub(Page& page, const ScrubGauges& scrub) {
  page.counter("billing_scrub_rounds_total", "Times that every file was read again.", scrub.rounds);
  page.counter("billing_scrub_bytes_total", "Bytes of files that were read again.", scrub.bytes);
  page.counter("billing_scrub_problems_total", "Files that were not as they were written, each time that was found.",
               scrub.problems);
  page.gauge("billing_scrub_damaged", "1 when a file is not as it was written; must be 0.", scrub.damaged ? 1 : 0);
}

void append_http(Page& page, const HttpGauges& http, std::uint64_t answered) {
  page.gauge("billing_http_requests_in_flight", "Requests that have begun and are not answered.",
             http.requests_begun > answered ? http.requests_begun - answered : 0);
  page.gauge("billing_http_connections_open", "Open connections.", http.connections_open);
  page.counter("billing_http_connections_total", "Connections accepted.", http.connections_accepted);
  MetricFamily& refused = page.family(MetricType::Counter, "billing_http_connections_refused_total",
                                      "Connections over the limit of the server, or of one address.");
  Page::add(refused, {{"limit", "server"}}, http.refused_server_full);
  Page::add(refused, {{"limit", "address"}}, http.refused_address_full);
  page.counter("billing_http_connections_closed_for_room_total", "Idle connections closed for new ones, when the server was full.",
               http.closed_for_room);
  page.gauge("billing_http_memory_bytes", "Bodies received and not answered, or answered and not sent.", http.memory_bytes);
  page.gauge("billing_http_memory_limit_bytes", "What such bodies may have.", http.memory_max_bytes);
  MetricFamily& busy = page.family(MetricType::Counter, "billing_http_memory_refused_total",
                                   "Bodies and answers refused with server-busy, by whose limit.");
  Page::add(busy, {{"limit", "server"}}, http.refused_memory_full);
  Page::add(busy, {{"limit", "address"}}, http.refused_memory_address_full);
  page.counter("billing_http_timeouts_total", "Heads, bodies, handlers and writes that took too long.", http.timeouts);
  page.counter("billing_http_replies_dropped_total", "Handlers that let go of their request.", http.replies_dropped);
}

void append_identity(Page& page, const IdentityGauges& identity) {
  MetricFamily& attempts =
      page.family(MetricType::Counter, "billing_authentications_total", "Bearer keys that were checked.");
  Page::add(attempts, {{"outcome", "accepted"}}, identity.accepted);
  Page::add(attempts, {{"outcome", "refused"}}, identity.refused);
  Page::add(attempts, {{"outcome", "limited"}}, identity.limited);
}

void append_views(Page& page, const std::vector<ViewGauges>& views) {
  constexpr auto kGauge = MetricType::Gauge;
  page.each(kGauge, "billing_view_position", "Last event in the view.", views, "view", &ViewGauges::view,
            &ViewGauges::position);
  page.each(kGauge, "billing_view_lag_events", "Events that are not yet in the view.", views, "view",
            &ViewGauges::view, &ViewGauges::lag_events);
  page.each(kGauge, "billing_view_lag_seconds", "Age of the oldest event that is not yet in the view.", views, "view",
            &ViewGauges::view, &ViewGauges::lag_seconds);
  page.each(kGauge, "billing_view_failed", "1 when the view has stopped.", views, "view", &ViewGauges::view,
            &ViewGauges::failed);
}

void append_past(Page& page, const PastGauges& past) {
  MetricFamily& jobs = page.family(MetricType::Counter, "billing_past_jobs_total",
                                   "Questions about past positions that needed a fold, by what became of them.");
  Page::add(jobs, {{"outcome", "done"}}, past.done);
  Page::add(jobs, {{"outcome", "failed"}}, past.failed);
  Page::add(jobs, {{"outcome", "refused"}}, past.refused);
  page.gauge("billing_past_jobs_running", "1 while a past position is folded.", past.running);
  page.gauge("billing_past_jobs_waiting", "Past positions that wait for their turn.", past.waiting);
  page.counter("billing_past_events_total", "Events folded for past positions.", past.events);
  page.counter("billing_past_seconds_total", "Time that folding for past positions took.", past.seconds);
  page.gauge("billing_past_results", "Past positions that are kept for further questions.", past.kept);
  page.gauge("billing_past_result_bytes", "Memory of their rows.", past.bytes_kept);
  page.gauge("billing_view_checkpoints", "Checkpoints of the views.", past.checkpoints);
}

void append_reads(Page& page, const std::vector<ReadLaneGauges>& reads, std::size_t flows) {
  using R = ReadLaneGauges;
  if (reads.empty()) return;
  const auto add = [&](MetricType type, const char* name, const char* help, auto value) {
    page.each(type, name, help, reads, "lane", &R::lane, value);
  };
  add(MetricType::Gauge, "billing_reads_waiting", "Reads that wait for a thread.", &R::waiting);
  add(MetricType::Gauge, "billing_reads_running", "Reads that a thread works on.", &R::running);
  add(MetricType::Counter, "billing_reads_total", "Reads, and pieces of answers that flow, that had their turn.", &R::done);
  add(MetricType::Counter, "billing_reads_refused_total", "Reads turned away since too many waited.", &R::refused);
  add(MetricType::Counter, "billing_reads_late_total", "Reads that were not done by their deadline.", &R::late);
  add(MetricType::Counter, "billing_reads_wait_seconds_total", "Time that reads waited for a thread.", &R::wait_seconds);
  add(MetricType::Counter, "billing_reads_run_seconds_total", "Time that threads worked on reads.", &R::run_seconds);
  page.gauge("billing_reads_flowing", "Answers that are being sent piece by piece.", flows);
}

void append_stores(Page& page, const std::vector<StoreGauges>& stores) {
  using S = StoreGauges;
  const auto add = [&](const char* name, const char* help, auto value, MetricType type = MetricType::Gauge) {
    page.each(type, name, help, stores, "database", &S::database, value);
  };
  add("billing_rocksdb_memtable_bytes", "Rows in memory that are not yet in a table file.", &S::memtable_bytes);
  add("billing_rocksdb_sst_bytes", "Live table files.", &S::live_sst_bytes);
  add("billing_rocksdb_wal_bytes", "Write-ahead files.", &S::wal_bytes);
  add("billing_rocksdb_block_cache_bytes", "Blocks held in the cache.", &S::block_cache_bytes);
  add("billing_rocksdb_pending_compaction_bytes", "Estimate of what compaction has to rewrite.",
      &S::pending_compaction_bytes);
  add("billing_rocksdb_estimated_keys", "Estimate of the number of keys.", &S::estimated_keys);
  add("billing_rocksdb_running_flushes", "Flushes under way.", &S::running_flushes);
  add("billing_rocksdb_running_compactions", "Compactions under way.", &S::running_compactions);
  add("billing_rocksdb_background_errors_total", "Errors of flushes and compactions.", &S::background_errors,
      MetricType::Counter);
  add("billing_rocksdb_write_slowed", "1 while writes are delayed.", &S::write_slowed);
  add("billing_rocksdb_write_stopped", "1 while writes are held.", &S::write_stopped);
  add("billing_store_read_only", "1 when nothing can be written until the store is reopened.", &S::read_only);
  add("billing_store_free_bytes", "Free space of the file system.", &S::free_bytes);
  MetricFamily* floor = nullptr;
  for (const StoreGauges& store : stores) {
    if (!store.free_floor_bytes) continue;
    if (floor == nullptr) {
      floor = &page.family(MetricType::Gauge, "billing_store_free_floor_bytes",
                           "Commands are refused while there is less free space than this.");
    }
    Page::add(*floor, {{"database", store.database}}, *store.free_floor_bytes);
  }
}

void append_books(Page& page, const std::vector<BookGauges>& books) {
  using B = BookGauges;
  const auto add = [&](const char* name, const char* help, auto value) {
    page.each(MetricType::Gauge, name, help, books, "currency", &B::currency, value);
  };
  add("billing_trial_balance_minor_units", "Debits less credits of everything posted. Must be 0.", &B::trial_balance);
  add("billing_receivables_control_difference_minor_units", "Account 1100 less the sum of open items. Must be 0.",
      &B::receivables_difference);
  add("billing_credit_control_difference_minor_units", "Account 2100 less the credit that is left. Must be 0.",
      &B::credit_difference);
}

void append_unbooked(Page& page, const UnbookedGauges& unbooked) {
  page.gauge("billing_unbooked_open", "Reports of providers and banks that wait to be booked by hand.", unbooked.open);
  page.gauge("billing_unbooked_oldest_seconds", "Since the oldest of them was queued.", unbooked.oldest_seconds);
}

}  // namespace

void append_build(std::vector<MetricFamily>& out, const BuildInfo& build) {
  Page page(out);
  Page::add(page.family(MetricType::Gauge, "billing_build_info", "1; the labels say what runs."),
            {{"version", build.version}, {"revision", build.revision}, {"compiler", build.compiler}}, 1);
}

void append_process(std::vector<MetricFamily>& out, const ProcessFigures& process) {
  Page page(out);
  page.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.", process.start_time_seconds);
  page.counter("process_cpu_seconds_total", "User and system time.", process.cpu_seconds);
  page.gauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes);
  page.gauge("process_virtual_memory_bytes", "Virtual memory.", process.virtual_bytes);
  page.gauge("process_threads", "Threads.", process.threads);
  page.gauge("process_open_fds", "Open file descriptors.", process.open_fds);
  page.gauge("process_max_fds", "Limit of open file descriptors.", process.max_fds);
}

void append_gauges(std::vector<MetricFamily>& out, const Gauges& gauges, std::uint64_t requests_answered) {
  Page page(out);
  if (gauges.writer) append_writer(page, *gauges.writer);
  if (gauges.publisher) append_publisher(page, *gauges.publisher);
  if (gauges.http) append_http(page, *gauges.http, requests_answered);
  if (gauges.identity) append_identity(page, *gauges.identity);
  if (gauges.scrub) append_scrub(page, *gauges.scrub);
  page.counter("billing_log_dropped_lines_total", "Lines of the log that were lost: too many waited, or they could not be written.",
               gauges.log_lines_dropped);
  append_views(page, gauges.views);
  if (gauges.past) append_past(page, *gauges.past);
  append_reads(page, gauges.reads, gauges.flows);
  append_stores(page, gauges.stores);
  append_books(page, gauges.books);
  if (gauges.unbooked) append_unbooked(page, *gauges.unbooked);
}

}  // namespace billing::metrics
