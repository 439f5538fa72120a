// What the parts of a running service tell about themselves, for /metrics and /readyz.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "events/publisher/publisher.h"
#include "gateway/api/health.h"
#include "gateway/api/read_pool.h"
#include "gateway/http/server.h"
#include "gateway/identity/admin_key.h"
#include "gateway/metrics/metrics.h"
#include "ledger/service/ledger.h"
#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"
#include "projections/past_views.h"
#include "ops/scrub.h"
#include "projections/projector.h"

namespace billing::ops {

// The books' sums and the unbooked queue, which touch many rows: read again at most every ten seconds, among the reports.
// Any thread.
class BookSums {
 public:
  // What is known, older by the time that reading takes; the first call waits for it, up to a second. The queue's age is
  // that at `now`. `pool` must be stopped before this goes.
  void read(const views::Views& views, const store::Log& log, api::ReadPool& pool, Instant now, metrics::Gauges& gauges);

 private:
  void refresh(const views::Reader& reader);
  void refreshed(bool good);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool refreshing_ = false;
  bool known_once_ = false;
  std::vector<metrics::BookGauges> known_;
  std::optional<views::UnbookedBacklog> unbooked_;
  std::chrono::steady_clock::time_point until_;
};

struct Parts {
  const store::RocksLog& log;
  const store::RocksTables& tables;
  const service::Ledger& ledger;
  const views::Projector& projector;
  const views::Views& views;
  const views::PastViews& past;
  const views::ViewCheckpoints& checkpoints;
  const publisher::Publisher* publisher;  // null without Kafka
  const http::Server& server;
  api::ReadPool& reads;
  const identity::AdminKey& identity;
  BookSums& books;
  Instant now;
  std::uint64_t free_space_floor_bytes;
  const Scrub* scrub;  // null: it is switched off
  std::uint64_t http_memory_max_bytes;
};

// Called for each scrape.
metrics::Gauges gauges_of(const Parts& parts);

// What /readyz judges by; cheap.
api::Health health_of(const store::RocksLog& log, const service::Ledger& ledger, const views::Projector& projector,
                      const publisher::Publisher* publisher);

}  // namespace billing::ops
