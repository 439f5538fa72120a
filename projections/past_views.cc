#include "projections/past_views.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "ledger/base/thread_name.h"
#include "ledger/store/overlay_tables.h"
#include "projections/fold.h"

namespace billing::views {
namespace {

// Rows of a checkpoint, and whether reading them has failed: then the checkpoint has to go.
class WatchedRows final : public store::Snapshot {
 public:
  explicit WatchedRows(std::shared_ptr<const store::Snapshot> rows) : rows_(std::move(rows)) {}
  Result<std::optional<std::string>> get(std::string_view key) const override { return noted(rows_->get(key)); }
  Result<void> scan(std::string_view begin, std::string_view end,
                    const std::function<bool(std::string_view, std::string_view)>& visit, bool reverse) const override {
    return noted(rows_->scan(begin, end, visit, reverse));
  }
  std::optional<Error> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  template <class Outcome>
  Outcome noted(Outcome outcome) const {
    if (!outcome) {
      const std::lock_guard lock(mutex_);
      failure_ = outcome.error();
    }
    return outcome;
  }
  const std::shared_ptr<const store::Snapshot> rows_;
  mutable std::mutex mutex_;
  mutable std::optional<Error> failure_;
};

class Job final : public PastJob {
 public:
  explicit Job(Position wanted) : position(wanted) {}
  std::optional<Answer> answer() const override {
    const std::lock_guard lock(mutex_);
    return answer_;
  }
  void finish(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }

  const Position position;
  // Of the last attempt; the job's thread until it is done, then anybody.
  Position base = 0;
  std::shared_ptr<const WatchedRows> base_rows;
  std::size_t bytes = 0;
  std::uint64_t events = 0;

 private:
  mutable std::mutex mutex_;
  std::optional<Answer> answer_;
};

}  // namespace

class PastViews::Impl {
 public:
  Impl(const store::Log& log, const codec::PersonKeys* keys, const Views& live, ViewCheckpoints& checkpoints,
       PastOptions options)
      : log_(log), keys_(keys), live_(live), checkpoints_(checkpoints), options_(options), thread_([this] {
          name_thread("past views");
          run();
        }) {}

  Result<std::shared_ptr<const PastJob>> at(Position position) {
    if (position == 0) return refuse(Code::kInvalidParameter, "position must be 1 or more: nothing is recorded before");
    if (const Position head = log_.head().position; position > head) {
      return refuse(Code::kPositionNotReached, "the log is at position " + std::to_string(head));
    }
    if (auto now = at_head(position)) return now;
    const std::unique_lock lock(mutex_);
    if (stopping_) return refuse(Code::kShuttingDown, "the service is stopping");
    forget_damaged();
    if (auto known = find(position)) return known;
    if (waiting_.size() >= options_.waiting_max) {
      ++metrics_.refused;
      return refuse(Code::kTooManyRequests, "questions as of " + std::to_string(waiting_.size()) +
                                                " other positions are waiting already; ask again in a minute");
    }
    waiting_.push_back(std::make_shared<Job>(position));
    wake_.notify_one();
    return waiting_.back();
  }

  PastMetrics metrics() const {
    const std::lock_guard lock(mutex_);
    PastMetrics copy = metrics_;
    copy.running = working_ != nullptr;
    copy.waiting = waiting_.size();
    copy.kept = kept_.size();
    for (const auto& job : kept_) copy.bytes_kept += job->bytes;
    return copy;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  // Where the views are by chance right now, their own rows answer. They are not kept: that would hold up their compaction.
  std::shared_ptr<const PastJob> at_head(Position position) const {
    if (live_.position() != position) return nullptr;
    std::shared_ptr<const Reader> reader = live_.read();
    if (reader->position() != position) return nullptr;
    auto job = std::make_shared<Job>(position);
    job->finish(std::move(reader));
    return job;
  }

  // Results whose checkpoint has turned out to be damaged since. With the lock.
  void forget_damaged() {
    std::erase_if(kept_, [&](const std::shared_ptr<Job>& job) {
      const auto failure = job->base_rows ? job->base_rows->failure() : std::nullopt;
      if (failure) checkpoints_.damaged(job->base, *failure);
      return failure.has_value();
    });
  }

  // With the lock. A result that is asked for again stays longest.
  std::shared_ptr<const PastJob> find(Position position) {
    const auto is_it = [&](const std::shared_ptr<Job>& job) { return job->position == position; };
    if (working_ && is_it(working_)) return working_;
    if (const auto found = std::ranges::find_if(waiting_, is_it); found != waiting_.end()) return *found;
    const auto found = std::ranges::find_if(kept_, is_it);
    if (found == kept_.end()) return nullptr;
    std::rotate(found, found + 1, kept_.end());
    return kept_.back();
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) break;
      working_ = waiting_.front();
      waiting_.pop_front();
      if (kept_.size() >= options_.kept_max) kept_.pop_front();  // its memory, before the job takes more
      lock.unlock();
      const auto since = std::chrono::steady_clock::now();
      auto answer = work(*working_);
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - since);
      lock.lock();
      note(answer.has_value(), took);
      working_->finish(std::move(answer));
      working_.reset();
    }
    for (const auto& job : waiting_) job->finish(refuse(Code::kShuttingDown, "the service is stopping"));
    waiting_.clear();
  }

  void note(bool good, std::chrono::microseconds took) {
    ++(good ? metrics_.done : metrics_.failed);
    metrics_.micros += static_cast<std::uint64_t>(took.count());
    metrics_.events += working_->events;
    if (good) kept_.push_back(working_);
  }

  // Folds to the job's position; once more from an earlier checkpoint when this one is damaged.
  PastJob::Answer work(Job& job) {
    while (true) {
      auto answer = fold(job);
      const auto failure = job.base_rows ? job.base_rows->failure() : std::nullopt;
      if (!failure) return answer;
      checkpoints_.damaged(job.base, *failure);
    }
  }

  PastJob::Answer fold(Job& job) {
    const auto nearest = checkpoints_.nearest(job.position);
    job.base = nearest.position;
    job.base_rows = nearest.rows ? std::make_shared<const WatchedRows>(nearest.rows) : nullptr;
    if (job.position - job.base > options_.events_max) return too_far(job);
    store::OverlayTables rows(job.base_rows);
    Fold fold(log_, keys_, rows, options_.cached_rows_max);
    if (job.base_rows) {
      BILLING_TRY(dropped, fold.resume());
      if (dropped) return refuse(Code::kCorruptRecord, "the checkpoint of the views is not of this log");
    }
    while (fold.at().position < job.position) {
      if (stopping_) return refuse(Code::kShuttingDown, "the service is stopping");
      BILLING_TRY(folded, fold.step(options_.batch_events, job.position));
      job.events += folded;
      job.bytes = rows.bytes();
      if (job.bytes > options_.bytes_max) return too_far(job);
    }
    return std::make_shared<const Reader>(rows.snapshot(), log_, keys_, live_.steps());
  }

  std::unexpected<Error> too_far(const Job& job) const {
    return refuse(Code::kPastTooFar,
                  "the nearest checkpoint of the views before position " + std::to_string(job.position) + " is at " +
                      std::to_string(job.base) + ", and folding so many events is more than is allowed; ask near a " +
                      "checkpoint, or keep more of them (views.checkpoints_max)");
  }

  const store::Log& log_;
  const codec::PersonKeys* const keys_;
  const Views& live_;
  ViewCheckpoints& checkpoints_;
  const PastOptions options_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::atomic<bool> stopping_ = false;  // set with the lock, read between steps without
  std::deque<std::shared_ptr<Job>> waiting_;
  std::shared_ptr<Job> working_;
  std::deque<std::shared_ptr<Job>> kept_;  // the one that was asked for last at the back
  PastMetrics metrics_;
  std::thread thread_;  // last: it begins with all of the above
};

PastViews::PastViews(const store::Log& log, const codec::PersonKeys* keys, const Views& live,
                     ViewCheckpoints& checkpoints, PastOptions options)
    : impl_(new Impl(log, keys, live, checkpoints, options)) {}
PastViews::~PastViews() { stop(); }

Result<std::shared_ptr<const PastJob>> PastViews::at(Position position) { return impl_->at(position); }
PastMetrics PastViews::metrics() const { return impl_->metrics(); }
void PastViews::stop() { impl_->stop(); }

}  // namespace billing::views
