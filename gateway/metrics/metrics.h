// The metrics page: what the gateway and the writer count here, and what others tell when the page is asked for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace billing::metrics {

struct BuildInfo {
  std::string version;
  std::string revision;  // of the source; empty: not known
  std::string compiler;
};

// A read model or other reader of the log, by name ("views").
struct ViewGauges {
  std::string view;
  std::uint64_t position = 0;
  std::uint64_t lag_events = 0;
  double lag_seconds = 0;
  bool failed = false;
};

// Questions about past positions, and what they begin from.
struct PastGauges {
  std::size_t running = 0;
  std::size_t waiting = 0;
  std::size_t kept = 0;
  std::uint64_t bytes_kept = 0;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t refused = 0;
  std::uint64_t events = 0;
  double seconds = 0;
  std::size_t checkpoints = 0;
};

// The threads that read the views; one lane ("quick", "report", "feed").
struct ReadLaneGauges {
  std::string lane;
  std::size_t waiting = 0;
  std::size_t running = 0;
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  std::uint64_t late = 0;
  double wait_seconds = 0;
  double run_seconds = 0;
};

// The commands of the writer: each is accepted, repeated, refused or shed.
struct WriterGauges {
  std::size_t single_queue = 0;
  std::size_t single_queue_max = 0;
  std::size_t bulk_queue = 0;
  std::size_t bulk_queue_max = 0;
  std::uint64_t position = 0;
  std::uint64_t commits = 0;
  std::uint64_t accepted = 0;
  std::uint64_t repeated = 0;
  std::uint64_t refused = 0;
  std::uint64_t shed = 0;
  std::uint64_t breaches = 0;
  std::uint64_t accounts_frozen = 0;
  std::vector<std::pair<std::string, std::uint64_t>> refusals{};  // refused and shed ones, by code
};

struct PublisherGauges {
  std::string state;  // the name of the state it is in
  std::uint64_t published = 0;
  std::uint64_t lag_events = 0;
  double lag_seconds = 0;
  std::uint64_t events = 0;
  std::uint64_t transactions = 0;
  std::uint64_t aborts = 0;
  std::uint64_t rebuilds = 0;
  std::uint64_t read_back = 0;  // the last event of ours that was read back from the topic
  bool forked = false;          // the topic has another history or another writer: commands are refused
};

// The reading of every file again.
struct ScrubGauges {
  std::uint64_t rounds = 0;
  std::uint64_t bytes = 0;
  std::uint64_t problems = 0;
  bool damaged = false;  // the newest round that ended, or the one under way, found a problem
};

// One database ("log", "views"). Sizes in bytes.
struct StoreGauges {
  std::string database;
  std::uint64_t memtable_bytes = 0;
  std::uint64_t live_sst_bytes = 0;
  std::uint64_t wal_bytes = 0;
  std::uint64_t block_cache_bytes = 0;
  std::uint64_t pending_compaction_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::optional<std::uint64_t> free_floor_bytes{};  // with less free space nothing is written; none: it has no floor
  std::uint64_t estimated_keys = 0;
  std::uint64_t running_flushes = 0;
  std::uint64_t running_compactions = 0;
  std::uint64_t background_errors = 0;
  bool write_slowed = false;
  bool write_stopped = false;
  bool read_only = false;
};

// The books of one currency, in minor units. All three must be 0.
struct BookGauges {
  std::string currency;
  std::int64_t trial_balance = 0;           // debits less credits of everything posted
  std::int64_t receivables_difference = 0;  // account 1100 less the sum of the open items
  std::int64_t credit_difference = 0;       // account 2100 less the sum of the credit that is left
};

// What was reported and could not be booked, until somebody assigns or resolves it.
struct UnbookedGauges {
  std::uint64_t open = 0;
  double oldest_seconds = 0;  // since the oldest was queued; 0 when there is none
};

struct HttpGauges {
  std::uint64_t requests_begun = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t refused_server_full = 0;  // connections
  std::uint64_t refused_address_full = 0;
  std::uint64_t closed_for_room = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_max_bytes = 0;
  std::uint64_t refused_memory_full = 0;  // bodies and answers
  std::uint64_t refused_memory_address_full = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t replies_dropped = 0;
};

struct IdentityGauges {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t limited = 0;
};

// Everything that is asked for at each scrape. What is not there is left out of the page.
struct Gauges {
  std::optional<WriterGauges> writer;
  std::optional<PublisherGauges> publisher;
  std::optional<HttpGauges> http;
  std::optional<IdentityGauges> identity;
  std::optional<ScrubGauges> scrub{};
  std::vector<ViewGauges> views;
  std::optional<PastGauges> past{};
  std::vector<ReadLaneGauges> reads{};
  std::size_t flows = 0;  // answers that are being sent piece by piece
  std::vector<StoreGauges> stores;
  std::vector<BookGauges> books;
  std::optional<UnbookedGauges> unbooked;
  std::uint64_t log_lines_dropped = 0;  // of the service's own log, the access log's too
};
// Called on the thread that asks for the page, one call at a time; should take milliseconds.
using Gather = std::function<Gauges()>;

// One commit of the writer.
struct Commit {
  std::size_t commands = 0;
  std::size_t events = 0;
  std::size_t bytes = 0;
  std::chrono::microseconds decide{};
  std::chrono::microseconds commit{};
};

// All functions from any thread.
class Metrics {
 public:
  explicit Metrics(BuildInfo build);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Where the gauges come from; before the first page. What `gather` uses must live until gather_from({}) or the end.
  void gather_from(Gather gather);

  // One request was answered. `route` is the pattern, never the path: empty counts as "none". Status 0 is a connection
  // that broke before the answer. The duration of a `long_poll`, a request that chose to wait for news or for a position,
  // goes to a histogram of its own.
  void http_request(std::string_view method, std::string_view route, int status, std::chrono::microseconds duration,
                    bool long_poll = false);
  // One commit; the writer's thread.
  void commit(const Commit& commit);

  // The page in Prometheus' text format, version 0.0.4. An exception of `gather` is not caught.
  std::string page() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::metrics
