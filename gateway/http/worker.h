// One thread of the server with its event loop and its connections. Internal to this folder.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/http/budget.h"
#include "gateway/http/server.h"

namespace billing::http {

class Connection;
using Clock = std::chrono::steady_clock;

// What all threads of one server share.
struct Shared {
  Shared(ServerOptions o, Router r, Networks trusted)
      : options(std::move(o)),
        budget({options.connections_per_address_max, options.memory_bytes_max, options.memory_bytes_per_address_max},
               std::move(trusted)) {
    route_by(std::move(r));
  }
  const ServerOptions options;
  std::atomic<const Router*> router{nullptr};
  void route_by(Router r) { router = routers_.emplace_back(std::make_unique<const Router>(std::move(r))).get(); }
  Budget budget;

  using Counter = std::atomic<std::uint64_t>;
  Counter open{0}, accepted{0}, server_full{0}, address_full{0}, accept_failures{0}, requests{0}, framing{0},
      body_too_large{0}, slow_head{0}, slow_body{0}, idle{0}, slow_handler{0}, slow_reader{0}, dropped{0},
      memory_full{0}, memory_address_full{0}, for_room{0};
  Counter parting{0};  // refused connections that still get their 503
  std::atomic<bool> stopping{false};
  std::atomic<bool> hurried{false};

 private:
  std::vector<std::unique_ptr<const Router>> routers_;
};

// Hands work from any thread to a worker's thread. It outlives the worker, so that a late Reply finds it closed.
class Mailbox {
 public:
  using Work = std::move_only_function<void()>;
  explicit Mailbox(boost::asio::io_context& context) : context_(&context) {}
  // False, with nothing done, once closed. One wake-up for all that is posted before the worker looks.
  bool post(Work work);
  // On the worker's thread: runs what was posted.
  void run();
  // After the worker's thread has ended: runs what is left; later posts are refused.
  void close();

 private:
  std::mutex mutex_;
  boost::asio::io_context* context_;
  std::vector<Work> waiting_;
};

class Worker {
 public:
  explicit Worker(std::shared_ptr<Shared> shared);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  void start();
  void stop_and_join();  // cuts what is left

  // Since it last went round. Any thread.
  Clock::duration silence() const { return Clock::now() - went_round_.load(); }

  boost::asio::io_context& context() { return context_; }
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  Shared& shared() { return *shared_; }

  // The rest on the worker's thread only.
  // Serves it; when the server is full, in the place of the connection of this thread that is idle for longest, or not.
  void adopt(boost::asio::ip::tcp::socket socket);
  void forget(Connection& connection);
  void finish_soon();  // closes idle connections, asks the others to end after their request
  std::string_view date() const { return date_; }
  std::array<char, 64 * 1024>& scratch() { return scratch_; }

 private:
  bool close_oldest_idle();
  void tick();
  void schedule_tick();

  std::shared_ptr<Shared> shared_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<Mailbox> mailbox_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::string date_;
  Clock::time_point date_from_;
  std::atomic<Clock::time_point> went_round_{Clock::now()};
  std::array<char, 64 * 1024> scratch_{};
  std::thread thread_;
};

}  // namespace billing::http
