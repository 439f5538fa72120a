#include "gateway/api/read_waiter.h"

#include <exception>
#include <utility>

namespace billing::api {
namespace {
constexpr std::chrono::milliseconds kPoll{2};
}

Waiter::Waiter(std::size_t waiting_max) : waiting_max_(waiting_max), thread_([this] { run(); }) {}

Waiter::~Waiter() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool Waiter::park(std::chrono::steady_clock::time_point until, Attempt attempt) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || waiting_ >= waiting_max_) return false;
    if (!closed_) {
      ++waiting_;
      arrived_.push_back({until, std::move(attempt)});
      wake_.notify_all();
      return true;
    }
  }
  attempt(true);
  return true;
}

void Waiter::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
}

std::size_t Waiter::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

void Waiter::try_all(std::list<Parked>& parked, bool last) {
  std::size_t done = 0;
  for (auto at = parked.begin(); at != parked.end();) {
    const bool over = last || std::chrono::steady_clock::now() >= at->until;
    bool finished = true;
    try {
      finished = at->attempt(over) || over;
    } catch (const std::exception&) {
      finished = true;  // its Reply goes with it, and the server answers 500
    }
    if (finished) ++done;
    at = finished ? parked.erase(at) : std::next(at);
  }
  const std::scoped_lock lock(mutex_);
  waiting_ -= done;
}

void Waiter::run() {
  std::list<Parked> parked;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (parked.empty()) {
      wake_.wait(lock, [this] { return stopping_ || !arrived_.empty(); });
    } else {
      wake_.wait_for(lock, kPoll, [this] { return stopping_; });
    }
    parked.splice(parked.end(), arrived_);
    if (stopping_) break;
    const bool last = closed_;
    lock.unlock();
    try_all(parked, last);
    lock.lock();
  }
  parked.splice(parked.end(), arrived_);
  lock.unlock();
  try_all(parked, true);
}

}  // namespace billing::api
