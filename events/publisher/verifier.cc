#include "events/publisher/verifier.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

#include "events/publisher/progress.h"
#include "events/publisher/reader.h"
#include "ledger/base/thread_name.h"

namespace billing::publisher {
namespace {

constexpr std::chrono::milliseconds kAsk{5'000};
constexpr std::chrono::milliseconds kSlice{200};
constexpr std::chrono::milliseconds kAgain{1'000};
constexpr std::uint64_t kShareEvery = 1'000;

std::int64_t first_offset(const Offsets& offsets, std::uint64_t newest) {
  if (newest == 0) return offsets.low;
  const auto back = static_cast<std::int64_t>(std::min<std::uint64_t>(newest, 1ULL << 62));
  return std::max(offsets.low, offsets.end - back);
}

bool strict(const VerifyOptions& options) { return options.newest == 0 && !options.may_begin_late; }

Result<void> check(const VerifyOptions& options) {
  if (options.connection.brokers.empty()) return refuse(Code::kConfiguration, "no Kafka brokers are named");
  return check_connection(options.connection);
}

std::unexpected<Error> unanswered(const Trouble& why) { return refuse(Code::kNotAnswered, why.text); }

}  // namespace

Result<TopicReport> verify_topic(const VerifyOptions& options) {
  BILLING_CHECK(check(options));
  auto reader = Reader::open(options.connection);
  if (!reader) return unanswered(reader.error());
  const auto offsets = reader->offsets(options.patience);
  if (!offsets) return unanswered(offsets.error());
  TopicChecker checker(strict(options));
  if (offsets->end <= offsets->low) return checker.report();
  if (const auto sought = reader->seek(first_offset(*offsets, options.newest)); !sought)
    return unanswered(sought.error());
  const auto read = read_until(*reader, offsets->end, options.patience, [&](const TopicRecord& record) {
    checker.take(record);
    return true;
  });
  if (!read) return unanswered(read.error());
  return checker.report();
}

class Verifier::Impl {
 public:
  Impl(VerifyOptions options, Observer observer)
      : options_(std::move(options)), observer_(std::move(observer)), checker_(strict(options_)) {
    thread_ = std::thread([this] {
      name_thread("kafka-verifier");
      run();
    });
  }
  ~Impl() { stop(); }

  void stop() {
    stop_.raise();
    if (thread_.joinable()) thread_.join();
  }

  Progress progress() const {
    std::lock_guard lock(mutex_);
    return progress_;
  }

 private:
  void run() {
    while (!stop_.raised()) {
      const auto ended = follow();
      if (stop_.raised()) break;
      share(false, ended ? "" : ended.error().text);
      stop_.wait(kAgain);
    }
  }

  Outcome<void> follow() {
    auto reader = Reader::open(options_.connection);
    if (!reader) return std::unexpected(std::move(reader.error()));
    const auto offsets = reader->offsets(kAsk);
    if (!offsets) return std::unexpected(offsets.error());
    if (!next_offset_) next_offset_ = first_offset(*offsets, options_.newest);
    if (*next_offset_ > offsets->end)
      return trouble(Verdict::kRetry, "the topic ends at offset " + std::to_string(offsets->end) + ", but " +
                                          std::to_string(*next_offset_) + " had been read: it was replaced");
    BILLING_PASS(reader->seek(*next_offset_));
    std::uint64_t unshared = 0;
    while (!stop_.raised()) {
      const auto step = reader->next(kSlice, [&](const TopicRecord& record) {
        checker_.take(record);
        next_offset_ = record.offset + 1;
        ++unshared;
      });
      if (!step) return std::unexpected(step.error());
      if (*step == Reader::Step::kEnd || unshared >= kShareEvery) {
        share(*step == Reader::Step::kEnd, "");
        unshared = 0;
      }
    }
    return {};
  }

  void share(bool at_end, std::string error) {
    const TopicReport& report = checker_.report();
    for (; told_ < report.problems.size(); ++told_)
      if (observer_) observer_(Notice{Notice::Severity::kError, "Kafka topic: " + report.problems[told_]});
    std::lock_guard lock(mutex_);
    progress_ = {report, at_end, std::move(error)};
  }

  VerifyOptions options_;
  Observer observer_;
  StopSign stop_;
  TopicChecker checker_;                      // the thread's
  std::optional<std::int64_t> next_offset_;  // the thread's
  std::size_t told_ = 0;                      // the thread's
  mutable std::mutex mutex_;
  Progress progress_;
  std::thread thread_;
};

Verifier::Verifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Verifier::~Verifier() = default;

Result<std::unique_ptr<Verifier>> Verifier::start(VerifyOptions options, Observer observer) {
  BILLING_CHECK(check(options));
  return std::unique_ptr<Verifier>(
      new Verifier(std::make_unique<Impl>(std::move(options), std::move(observer))));
}

void Verifier::stop() { impl_->stop(); }
Verifier::Progress Verifier::progress() const { return impl_->progress(); }

}  // namespace billing::publisher
