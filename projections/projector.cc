#include "projections/projector.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "ledger/base/assert.h"
#include "ledger/base/thread_name.h"
#include "ledger/codec/codec.h"
#include "projections/fold.h"

namespace billing::views {

class Projector::Impl {
 public:
  Impl(const store::Log& log, const codec::PersonKeys* keys, store::Tables& tables, Views& views,
       ProjectorOptions options)
      : log_(log), keys_(keys), tables_(tables), views_(views), options_(std::move(options)) {}

  Result<void> start() {
    BILLING_CHECK(begin());
    thread_ = std::thread([this] {
      name_thread("projector");
      run();
    });
    return {};
  }

  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  ProjectorMetrics metrics() const {
    std::lock_guard lock(mutex_);
    ProjectorMetrics copy = metrics_;
    const Position head = log_.head().position;
    copy.lag_events = head > copy.position ? head - copy.position : 0;
    copy.lag_seconds = lag_seconds();
    return copy;
  }

 private:
  // Goes on from what the tables have.
  Result<void> begin() {
    fold_.emplace(log_, keys_, tables_, options_.cached_rows_max);
    BILLING_TRY(fresh, fold_->resume());
    {
      std::lock_guard lock(mutex_);
      metrics_.position = fold_->at().position;
      metrics_.rebuild_target = log_.head().position;
      metrics_.rebuilding = fresh && metrics_.rebuild_target > 0;
      metrics_.failure.reset();
    }
    if (fresh && options_.checkpoints != nullptr) options_.checkpoints->clear();
    views_.advanced(fold_->at().position);
    return {};
  }

  void run() {
    while (!stopping_) {
      if (!log_.wait_past(fold_->at().position, kWaitMax)) {
        report_lag();
        continue;
      }
      const auto folded = fold_->step(options_.batch_events_max, batch_end(),
                                     [&](Instant recorded) { oldest_missing_ = recorded.micros; });
      if (!folded) {
        if (!outlast(folded.error())) return;
        continue;
      }
      note_missing();
      note_step(*folded);
      if (options_.checkpoints != nullptr) options_.checkpoints->reached(fold_->at().position);
      report_lag();
      // Under load a short pause makes bigger batches, which write each row once; a lone event does not cause it.
      if (*folded > kLonelyMax && *folded < kWorthwhileMin) std::this_thread::sleep_for(kPause);
    }
  }

  // After an error: waits until the views can go on. False when they never will, or the projector is to stop.
  bool outlast(Error error) {
    for (bool told = false; error.code == Code::kStorageFailure; told = true) {
      {
        std::lock_guard lock(mutex_);
        metrics_.failure = error;
      }
      if (!told && options_.on_trouble) options_.on_trouble(&error);
      for (auto waited = kWaitMax; waited <= kTryAgainEvery; waited += kWaitMax) {
        if (stopping_) return false;
        std::this_thread::sleep_for(kWaitMax);
        report_lag();
      }
      Result<void> begun = tables_.reopen();
      if (begun) begun = begin();
      if (begun) {
        note_missing();
        if (options_.on_trouble) options_.on_trouble(nullptr);
        return true;
      }
      error = std::move(begun.error());
    }
    fail(error);
    return false;
  }

  Position batch_end() const {
    const Position head = log_.head().position;
    return options_.checkpoints == nullptr ? head : std::min(head, options_.checkpoints->next(fold_->at().position));
  }

  // Looks when the first event that is still missing was recorded.
  void note_missing() {
    std::int64_t recorded = kNothingMissing;
    if (log_.head().position > fold_->at().position) {
      const auto read = log_.read(fold_->at().position + 1, 1, [&](const store::Record& record) {
        if (const auto event = codec::decode(record, nullptr)) recorded = event->recorded.micros;
        return false;
      });
      if (!read) recorded = kNothingMissing;  // the next step meets the error itself
    }
    oldest_missing_ = recorded;
  }

  void note_step(std::size_t folded) {
    {
      std::lock_guard lock(mutex_);
      metrics_.position = fold_->at().position;
      metrics_.events_applied += folded;
      metrics_.rows_written = fold_->rows_written();
      ++metrics_.batches;
      if (metrics_.position >= metrics_.rebuild_target) metrics_.rebuilding = false;
    }
    views_.advanced(fold_->at().position);
  }

  std::int64_t lag_seconds() const {
    const std::int64_t oldest = oldest_missing_;
    if (oldest == kNothingMissing) return 0;
    const std::int64_t micros = options_.now().micros - oldest;
    return micros > 0 ? micros / 1'000'000 : 0;
  }

  // Views that are built from nothing are behind by design: no reason to turn commands away.
  void report_lag() const {
    if (!options_.on_lag) return;
    bool rebuilding = false;
    {
      std::lock_guard lock(mutex_);
      rebuilding = metrics_.rebuilding;
    }
    options_.on_lag(rebuilding ? 0 : lag_seconds());
  }

  void fail(const Error& error) {
    {
      std::lock_guard lock(mutex_);
      metrics_.failure = error;
      metrics_.stopped = true;
    }
    if (options_.on_failure) options_.on_failure(error);
  }

  static constexpr std::chrono::milliseconds kWaitMax{200};
  static constexpr std::chrono::milliseconds kTryAgainEvery{1'000};
  static constexpr std::size_t kLonelyMax = 16;         // events in a step
  static constexpr std::size_t kWorthwhileMin = 2'048;  // likewise
  static constexpr std::chrono::milliseconds kPause{5};
  static constexpr std::int64_t kNothingMissing = INT64_MIN;

  const store::Log& log_;
  const codec::PersonKeys* const keys_;
  store::Tables& tables_;
  Views& views_;
  const ProjectorOptions options_;
  std::optional<Fold> fold_;  // the thread's own
  std::atomic<bool> stopping_ = false;
  std::atomic<std::int64_t> oldest_missing_ = kNothingMissing;
  mutable std::mutex mutex_;
  ProjectorMetrics metrics_;
  std::thread thread_;
};

Projector::Projector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Projector::~Projector() { stop(); }

Result<std::unique_ptr<Projector>> Projector::start(const store::Log& log, const codec::PersonKeys* keys,
                                                    store::Tables& tables, Views& views, ProjectorOptions options) {
  BILLING_ASSERT(options.now != nullptr);
  BILLING_ASSERT(options.batch_events_max > 0);
  auto impl = std::make_unique<Impl>(log, keys, tables, views, std::move(options));
  BILLING_CHECK(impl->start());
  return std::unique_ptr<Projector>(new Projector(std::move(impl)));
}

ProjectorMetrics Projector::metrics() const { return impl_->metrics(); }
void Projector::stop() { impl_->stop(); }

}  // namespace billing::views
