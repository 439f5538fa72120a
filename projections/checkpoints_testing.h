// For tests: checkpoints in memory that can be made to wait or to be damaged, and jobs that are waited for.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "ledger/store/table_checkpoints.h"
#include "projections/history_testing.h"
#include "projections/past_views.h"
#include "projections/projector.h"

namespace billing::views {

// A checkpoint's rows that cannot be read any more once `damaged` is set.
class FragileRows final : public store::Snapshot {
 public:
  FragileRows(std::shared_ptr<const store::Snapshot> rows, const std::atomic<bool>& damaged)
      : rows_(std::move(rows)), damaged_(damaged) {}
  Result<std::optional<std::string>> get(std::string_view key) const override {
    if (damaged_) return refuse(Code::kCorruptRecord, "a block is damaged");
    return rows_->get(key);
  }
  Result<void> scan(std::string_view begin, std::string_view end,
                    const std::function<bool(std::string_view, std::string_view)>& visit, bool reverse) const override {
    if (damaged_) return refuse(Code::kCorruptRecord, "a block is damaged");
    return rows_->scan(begin, end, visit, reverse);
  }

 private:
  const std::shared_ptr<const store::Snapshot> rows_;
  const std::atomic<bool>& damaged_;
};

class FragileCheckpoints final : public store::TableCheckpoints {
 public:
  explicit FragileCheckpoints(const store::Tables& tables) : kept_(store::make_memory_checkpoints(tables)) {}
  std::vector<std::uint64_t> list() const override { return kept_->list(); }
  Result<void> make(std::uint64_t number) override {
    if (full) return refuse(Code::kStorageFailure, "no space left");
    return kept_->make(number);
  }
  Result<std::shared_ptr<const store::Snapshot>> open(std::uint64_t number) const override {
    while (shut) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    BILLING_TRY(rows, kept_->open(number));
    return std::shared_ptr<const store::Snapshot>(std::make_shared<FragileRows>(rows, number == 100 ? bad100 : bad_no));
  }
  Result<void> drop(std::uint64_t number) override { return kept_->drop(number); }

  std::atomic<bool> shut = false;    // open() waits
  std::atomic<bool> full = false;    // make() fails
  std::atomic<bool> bad100 = false;  // the rows of checkpoint 100 are damaged
  std::atomic<bool> bad_no = false;

 private:
  std::unique_ptr<store::TableCheckpoints> kept_;
};

inline ProjectorOptions following(History& history, ViewCheckpoints* checkpoints, std::size_t batch = 64) {
  ProjectorOptions options;
  options.now = [&history] { return Instant{(history.today.days + 1) * 86'400'000'000LL}; };
  options.checkpoints = checkpoints;
  options.batch_events_max = batch;
  return options;
}

// Follows the log to its head, then stops.
inline void follow(History& history, store::Tables& tables, Views& views, ViewCheckpoints* checkpoints,
                   std::size_t batch = 64) {
  const auto projector =
      Projector::start(history.log(), history.keys(), tables, views, following(history, checkpoints, batch));
  ASSERT_TRUE(projector.has_value()) << projector.error().detail;
  ASSERT_TRUE(views.wait_for(history.head(), std::chrono::seconds(60)).has_value());
}

// What folding the log up to `position` gives.
inline store::Hash folded_digest(History& history, Position position) {
  const auto tables = store::make_memory_tables();
  const auto folded = rebuild_views(history.log(), history.keys(), *tables, position);
  EXPECT_TRUE(folded.has_value()) << folded.error().detail;
  return digest(*tables->snapshot()).value();
}

inline PastJob::Answer wait_for(const PastJob& job) {
  for (int i = 0; i < 30'000; ++i) {
    if (auto answer = job.answer()) return *answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return refuse(Code::kInternal, "the job takes more than half a minute");
}

inline PastJob::Answer ask(PastViews& past, Position position) {
  const auto job = past.at(position);
  if (!job) return std::unexpected(job.error());
  return wait_for(**job);
}

}  // namespace billing::views
