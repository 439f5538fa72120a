// Requests that wait for something to happen, parked beside the server's threads: one thread asks for all of them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace billing::api {

// Any thread. The destructor gives every parked attempt its last call and joins the thread.
class Waiter {
 public:
  // Tries to finish: true when it has answered. With `last` the time is over and it must answer. An attempt that
  // throws is dropped.
  using Attempt = std::function<bool(bool last)>;

  explicit Waiter(std::size_t waiting_max = 512);
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Calls `attempt` on the waiter's thread about every 2 ms until it is true or `until` has come. False when too many
  // wait already or it is stopping: nothing was kept.
  bool park(std::chrono::steady_clock::time_point until, Attempt attempt);
  std::size_t waiting() const;
  // From now on nobody waits: what is parked gets its last call soon, on the waiter's thread, and what would be parked at
  // once, on the caller's.
  void close();

 private:
  struct Parked {
    std::chrono::steady_clock::time_point until;
    Attempt attempt;
  };
  void run();
  void try_all(std::list<Parked>& parked, bool last);

  const std::size_t waiting_max_;
  mutable std::mutex mutex_;  // guards arrived_, waiting_, closed_, stopping_
  std::condition_variable wake_;
  std::list<Parked> arrived_;
  std::size_t waiting_ = 0;
  bool closed_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace billing::api
