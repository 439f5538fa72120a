#include "gateway/api/batches.h"

#include <utility>

#include "gateway/api/batch_run.h"
#include "ledger/base/thread_name.h"

namespace billing::api {

BatchPacer::BatchPacer(std::chrono::milliseconds every) : every_(every), thread_([this] {
      name_thread("batch-pacer");
      work();
    }) {}

BatchPacer::~BatchPacer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void BatchPacer::add(std::shared_ptr<BatchRun> run) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(run));
  }
  wake_.notify_all();
}

void BatchPacer::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    wake_.wait_for(lock, every_, [this] { return stopping_; });
    if (stopping_) break;
    auto due = std::exchange(waiting_, {});
    lock.unlock();
    for (const auto& run : due) run->retry();
    due.clear();
    lock.lock();
  }
}

Batches::Batches(service::Ledger& ledger, const codec::PersonKeys& keys, const Clock& clock, BatchLimits limits)
    : pacer_(std::make_unique<BatchPacer>(limits.retry_every)),
      shared_(std::make_unique<BatchShared>(ledger, keys, clock, limits, *pacer_)) {}

Batches::~Batches() = default;

void Batches::serve(const identity::Principal& principal, std::shared_ptr<http::Exchange> exchange) {
  std::make_shared<BatchRun>(*shared_, principal, std::move(exchange))->start();
}

}  // namespace billing::api
